"""The counter: one page to begin for a person who is present, the receipt, the correction, the hand-over with signature."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from tongban.apps.services.errors import (
    ConsentNotFound,
    CounterOnly,
    ItemNotFound,
    ItemNotOnline,
    MandateMissing,
    PresenceUnconfirmed,
)
from tongban.apps.services.operations import counter as operations
from tongban.apps.services.operations.begin import item_to_apply_for
from tongban.apps.services.operations.parties import identify
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import catalogue
from tongban.apps.services.queries import parties as people
from tongban.apps.services.views.people import named
from tongban.base.errors import Conflict, Forbidden, Invalid, NotFound
from tongban.base.text import LocalizedText as T
from tongban.base.time import now
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.service import official_only

__all__ = [
    "begin_at_counter",
    "counter_receipt",
    "end_agency_at_counter",
    "enter_correction",
    "find_result",
    "hand_over",
]

COUNTER = frozenset({"counter"})


@official_only
def begin_at_counter(request: HttpRequest) -> HttpResponse:
    """Begin: which service, who stands here. Where the person may act for a business, ask for whom. Below, what was entered."""
    actor = request.actor  # type: ignore[attr-defined]
    operations.require_counter(actor)
    given = {name: request.POST.get(name, "").strip() for name in ("item", "name", "citizen_id", "entity")}
    errors: list[dict[str, Any]] = []
    entities: list[Any] = []
    item = None
    if request.method == "POST" and request.POST.get("seen") != "true":
        errors = [{"field": "seen", "message": PresenceUnconfirmed.title}]
    elif request.method == "POST":
        try:
            item = item_to_apply_for(given["item"])
            if "entity" in item.applicant_kinds and "entity" not in request.POST:
                entities = _entities_of(request, given)
            if not entities:
                case = _enter(request, given)
                return redirect("services:resume", case_id=case.pk)
        except (ItemNotFound, ItemNotOnline) as refusal:
            errors = [{"field": "item", "message": refusal.title}]
        except (Invalid, Forbidden) as refusal:
            errors = [{"field": "citizen_id", "message": refusal.title}]
    context = {
        "groups": _items_by_unit(given["item"]),
        "given": given,
        "errors": errors,
        "error_of": {error["field"]: error["message"] for error in errors},
        "entities": entities,
        "item": item,
        "for_person": item is not None and "person" in item.applicant_kinds,
        "rows": [_row(case, view) for case, view in people.filed_by(actor, COUNTER)],
        "number": request.GET.get("number", ""),
        "missing": request.GET.get("missing") == "1",
    }
    return render(request, "services/counter.html", context, status=422 if errors else 200)


def _entities_of(request: HttpRequest, given: dict[str, str]) -> list[Any]:
    """Return for which businesses the person who stands here may act."""
    who = {"name": given["name"], "citizen_id": given["citizen_id"]}
    actor = request.actor  # type: ignore[attr-defined]
    person = named(request, lambda: identify(actor=actor, at=now(), seen=True, **who))
    return identity.entities_of(person.pk, at=now())


def _enter(request: HttpRequest, given: dict[str, str]) -> Any:
    try:
        entity_id = UUID(given["entity"]) if given["entity"] else None
    except ValueError:
        raise MandateMissing from None
    return named(
        request,
        lambda: operations.enter_at_counter(
            actor=request.actor,  # type: ignore[attr-defined]
            item_key=given["item"],
            name=given["name"],
            citizen_id=given["citizen_id"],
            entity_id=entity_id,
            seen=True,
            at=now(),
        ),
    )


def _items_by_unit(chosen: str) -> list[tuple[T, list[Any]]]:
    groups: dict[int, tuple[T, list[Any]]] = {}
    for item in catalogue.list_items(online=True):
        row = {"value": item.key, "label": item.name, "is_chosen": item.key == chosen}
        groups.setdefault(item.unit_id, (item.unit.name, []))[1].append(row)
    return list(groups.values())


def _row(case: Any, view: people.ConsentView) -> dict[str, Any]:
    state = cases.kind_of(case).state(case.state)
    return {
        "case": case,
        "view": view,
        "label": state.label,
        "tone": state.tone,
        "is_draft": case.submitted_at is None,
        "handed": bool(case.facts.get("handed_over")),
    }


@official_only
def counter_receipt(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """After submitting: number and query code for the person, the receipt to print, later the papers and the hand-over."""
    actor = request.actor  # type: ignore[attr-defined]
    case, view = people.counter_case(actor, case_id)
    if case.submitted_at is None:
        return redirect("services:resume", case_id=case.pk)
    context = {
        "case": case,
        "item": reading.item_of(case),
        "view": view,
        "row": _row(case, view),
        "code": request.session.get(f"code:{case.pk}", ""),
        "progress": cases.progress_of(case, at=now()),
        "handed": people.get_hand_over(case),
        "to_correct": case.state == "correction",
        "error": request.GET.get("unseen") == "1",
    }
    return render(request, "services/counter_receipt.html", context)


@official_only
@require_POST
def enter_correction(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The applicant is here again to correct: open the form for the clerk."""
    try:
        operations.take_up_correction(
            actor=request.actor,  # type: ignore[attr-defined]
            case_id=case_id,
            seen=request.POST.get("seen") == "true",
            at=now(),
        )
    except Conflict:
        return redirect("services:counter-receipt", case_id=case_id)
    return redirect("services:resume", case_id=case_id)


@official_only
def end_agency_at_counter(request: HttpRequest) -> HttpResponse:
    """Somebody for whom another acts is here and wants to end it: who is it, which agency, done."""
    actor = request.actor  # type: ignore[attr-defined]
    operations.require_counter(actor)
    given = {name: request.POST.get(name, "").strip() for name in ("name", "citizen_id")}
    seen = request.POST.get("seen") == "true"
    errors: list[dict[str, Any]] = []
    agencies: list[Any] | None = None
    ended = False
    if request.method == "POST":
        said: dict[str, Any] = {"actor": actor, "seen": seen, "at": now(), **given}
        try:
            if request.POST.get("end"):
                named(
                    request,
                    lambda: operations.end_agency_at_counter(consent_id=_consent(request), **said),
                )
                ended = True
            agencies = named(request, lambda: operations.agencies_at_counter(**said))
        except PresenceUnconfirmed as refusal:
            errors = [{"field": "seen", "message": refusal.title}]
        except (Invalid, Conflict) as refusal:
            errors = [{"field": "citizen_id", "message": refusal.title}]
    context = {
        "given": given,
        "agencies": agencies,
        "ended": ended,
        "errors": errors,
        "error_of": {error["field"]: error["message"] for error in errors},
    }
    return render(request, "services/counter_agency.html", context, status=422 if errors else 200)


def _consent(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST["end"])
    except ValueError:
        raise ConsentNotFound from None


@official_only
@require_POST
def find_result(request: HttpRequest) -> HttpResponse:
    """Find a case by its number to hand its result over."""
    actor = request.actor  # type: ignore[attr-defined]
    operations.require_counter(actor)
    number = request.POST.get("number", "").strip().upper()[:40]
    try:
        case = cases.get_case(actor, number)
    except NotFound:
        return redirect(f"{request.path.removesuffix('find/')}?missing=1")
    return redirect("services:hand-over", number=case.number)


@official_only
def hand_over(request: HttpRequest, number: str) -> HttpResponse:
    """Hand the result over: what there is to give, to whom, and the signature or the typed word for it."""
    actor = request.actor  # type: ignore[attr-defined]
    if "services.counter" not in actor.duties:
        raise CounterOnly
    case = cases.get_case(actor, number)
    if case.kind != "licence" or not cases.may_see_inside(actor, case):
        raise ConsentNotFound
    errors: list[dict[str, Any]] = []
    given = {
        "recipient": request.POST.get("recipient", "").strip(),
        "who": request.POST.get("who", "applicant"),
    }
    if request.method == "POST":
        try:
            operations.hand_result_over(
                actor=actor,
                case_id=case.pk,
                recipient=given["recipient"],
                is_applicant=given["who"] == "applicant",
                seen=request.POST.get("seen") == "true",
                drawn=request.POST.get("drawn", ""),
                typed=request.POST.get("typed") == "true",
                at=now(),
            )
            return redirect("services:hand-over", number=number)
        except Invalid as refusal:
            field = "seen" if refusal.code == "presence-unconfirmed" else "recipient"
            errors = [{"field": field, "message": refusal.title}]
        except Conflict:
            return redirect("services:hand-over", number=number)
    context = {
        "case": case,
        "item": reading.item_of(case),
        "progress": cases.progress_of(case, at=now()),
        "state": cases.kind_of(case).state(case.state),
        "handed": people.get_hand_over(case),
        "is_ready": case.closed_at is not None,
        "errors": errors,
        "error_of": {error["field"]: error["message"] for error in errors},
        "given": given,
    }
    return render(request, "services/hand_over.html", context, status=422 if errors else 200)
