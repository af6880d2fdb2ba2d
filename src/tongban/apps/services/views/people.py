"""Who applies for whom and with whom: naming people, their proofs, and the page on which somebody agrees or declines."""

from __future__ import annotations

import contextlib
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tongban.apps.services.errors import BasisRefused, ConsentNotFound, IdentityMismatch, NotAnother
from tongban.apps.services.operations import parties as operations
from tongban.apps.services.operations.begin import item_to_apply_for
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import catalogue
from tongban.apps.services.queries import parties as people
from tongban.apps.services.rules import EDITABLE
from tongban.apps.services.rules import parties as rules
from tongban.apps.services.views.frame import frame_of, signed_in
from tongban.base.errors import Conflict, Forbidden, Invalid, TongbanError
from tongban.base.text import LocalizedText as T
from tongban.base.time import now
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity

__all__ = ["answer_consent", "apply_for", "helping", "people_page"]

NAMED_LIMIT = 20
"""How many wrong pairs of name and number an account may try in a quarter of an hour."""

GROUNDS = (
    (
        "guardian",
        T("我是监护人", "I am the guardian"),
        T(
            "要有监护关系证明，比如户口簿、法院的决定",
            "With proof, such as the household register or a court's decision",
        ),
    ),
    (
        "entrusted",
        T("本人委托我办", "I was entrusted with it"),
        T("要有本人签字的授权委托书", "With a letter of entrustment that the person signed"),
    ),
)


@signed_in
def apply_for(request: HttpRequest, key: str) -> HttpResponse:
    """Begin an application for somebody else: on what ground, and who. The answer to a wrong name or number is one."""
    item = item_to_apply_for(key)
    actor = request.actor  # type: ignore[attr-defined]
    given = {name: request.POST.get(name, "").strip() for name in ("basis", "name", "citizen_id")}
    errors: list[dict[str, Any]] = []
    if request.method == "POST":
        case, errors = _apply_for(request, key, given)
        if case is not None:
            return redirect("services:people", case_id=case.pk)
    context = {
        "item": item,
        "grounds": [
            {"value": value, "label": label, "hint": hint, "is_chosen": given["basis"] == value}
            for value, label, hint in GROUNDS
        ],
        "given": given,
        "errors": errors,
        "error_of": {error["field"]: error["message"] for error in errors},
        "is_open": item.allows_agents and not actor.is_official,
    }
    return render(request, "services/apply_for.html", context, status=422 if errors else 200)


def _apply_for(request: HttpRequest, key: str, given: dict[str, str]) -> tuple[Any, list[dict[str, Any]]]:
    """Begin, counting wrong names and numbers against who guesses."""
    actor = request.actor  # type: ignore[attr-defined]
    if not given["basis"]:
        return None, [{"field": "basis", "message": T("请选您是什么身份", "Say on what ground")}]
    try:
        return named(
            request,
            lambda: operations.apply_for_another(
                actor=actor, item_key=key, on_behalf=rules.OnBehalf(**given), at=now()
            ),
        ), []
    except (IdentityMismatch, NotAnother, BasisRefused) as refusal:
        field = "basis" if isinstance(refusal, BasisRefused) else "citizen_id"
        return None, [{"field": field, "message": refusal.title}]
    except Invalid as refusal:
        return None, [{"field": "citizen_id", "message": refusal.title}]


def named(request: HttpRequest, do: Any) -> Any:
    """Do what needs a person's name and number; who guesses is slowed down. Raises TooManyAttempts."""
    actor = request.actor  # type: ignore[attr-defined]
    what = f"identify:{actor.account_id}"
    identity.throttle(what, request=request, limit=NAMED_LIMIT)
    done = do()
    identity.relent(what, request=request)
    return done


@signed_in
def people_page(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The people of an application: how consents stand, what must be shown, and co-applicants where the item has them."""
    actor = request.actor  # type: ignore[attr-defined]
    case = reading.get_application(actor, case_id)
    item = reading.item_of(case)
    if case.state not in EDITABLE:
        return redirect("cases:track", number=case.number)
    errors: list[dict[str, Any]] = []
    given = {name: request.POST.get(name, "").strip() for name in ("name", "citizen_id")}
    if request.method == "POST":
        errors = _change_people(request, case, given)
        if not errors:
            return redirect("services:people", case_id=case.pk)
    named = {party.person_id for party in case.parties.all() if party.role == "co-applicant"}
    views = people.views_of(case)
    form = forms.form_of(case.entry)
    context = {
        **frame_of(request, case, item, form, "people"),
        "agency": next((v for v in views if v.basis != "joint" and v.standing in ("asked", "given")), None),
        "joint": [v for v in views if v.basis == "joint" and v.person_id in named and v.standing != "ended"],
        "several": item.allows_several and case.submitted_at is None and not case.applicant_is_entity,
        "errors": errors,
        "error_of": {error["field"]: error["message"] for error in errors},
        "given": given if errors else {},
        "mine": people.own_holder(actor),
        "may_end": {v.id for v in views if people.may_end(actor, v)},
        "next": reverse("services:page", args=[case.pk, form.pages[0].key]),
    }
    return render(request, "services/people.html", context, status=422 if errors else 200)


def _change_people(request: HttpRequest, case: Any, given: dict[str, str]) -> list[dict[str, Any]]:
    actor = request.actor  # type: ignore[attr-defined]
    do = request.POST.get("do", "")
    try:
        if do == "add":
            named(
                request,
                lambda: operations.add_co_applicant(actor=actor, case_id=case.pk, at=now(), **given),
            )
        elif do.startswith("remove:"):
            operations.remove_co_applicant(
                actor=actor, case_id=case.pk, consent_id=_uuid(do.partition(":")[2]), at=now()
            )
        else:
            _store_proofs(request, case)
    except (Invalid, Conflict) as refusal:
        field = "citizen_id" if do == "add" else "files"
        return [{"field": field, "message": refusal.detail or refusal.title}]
    return []


def _store_proofs(request: HttpRequest, case: Any) -> None:
    """Keep the files of inputs named "proof-<consent>" and "consent-<consent>"."""
    for name, uploads in request.FILES.lists():
        kind, _, consent = name.partition("-")
        for upload in uploads:
            operations.put_proof(
                actor=request.actor,  # type: ignore[attr-defined]
                case_id=case.pk,
                consent_id=_uuid(consent),
                kind=kind,
                upload=upload,
                at=now(),
            )


@signed_in
def answer_consent(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """Where a person sees who wants to apply for her or with her, and agrees, declines, or ends an agency."""
    actor = request.actor  # type: ignore[attr-defined]
    case, view = people.get_consent(actor, consent_id)
    item = reading.item_of(case)
    if request.method == "POST":
        do = {
            "agree": operations.give_consent,
            "decline": operations.decline_consent,
            "end": operations.end_agency,
        }.get(request.POST.get("do", ""))
        if do is None:
            raise ConsentNotFound
        with contextlib.suppress(Conflict):  # answered meanwhile: the page says how it stands
            do(actor=actor, consent_id=consent_id, at=now())
        is_mine = not actor.is_official and view.person_id == actor.person_id
        if is_mine or request.POST["do"] != "end":
            return redirect("services:consent", consent_id=consent_id)
        return redirect("services:helping" if actor.is_official else "myspace:home")
    context = {
        "case": case,
        "item": item,
        "view": view,
        "is_mine": not actor.is_official and view.person_id == actor.person_id,
        "may_end": people.may_end(actor, view),
        "face": "design/desk.html" if actor.is_official else "design/public.html",
        "case_url": case_url(case) if view.standing == "given" else "",
    }
    return render(request, "services/consent.html", context)


def case_url(case: Any) -> str:
    """Return where a party goes on with a case: the draft, or its progress."""
    if case.submitted_at is None:
        return reverse("services:resume", args=[case.pk])
    return reverse("cases:track", args=[case.number])


@identity.official_only
def helping(request: HttpRequest) -> HttpResponse:
    """The village agent's desk: begin for a villager, and everything she is helping with."""
    actor = request.actor  # type: ignore[attr-defined]
    identity.require_duty(actor, "services.village")
    given = {name: request.POST.get(name, "").strip() for name in ("item", "name", "citizen_id")}
    errors: list[dict[str, Any]] = []
    if request.method == "POST":
        try:
            on_behalf = rules.OnBehalf("village", given["name"], given["citizen_id"])
            case = named(
                request,
                lambda: operations.apply_for_another(
                    actor=actor, item_key=given["item"], on_behalf=on_behalf, at=now()
                ),
            )
            return redirect("services:people", case_id=case.pk)
        except (Invalid, Conflict, Forbidden) as refusal:
            errors = [{"field": "citizen_id", "message": _why(refusal)}]
    rows = people.filed_by(actor, frozenset({"village"}))
    context = {
        "items": [
            {"value": item.key, "label": item.name, "is_chosen": item.key == given["item"]}
            for item in catalogue.list_items(online=True)
            if item.allows_agents and "person" in item.applicant_kinds
        ],
        "given": given,
        "errors": errors,
        "error_of": {error["field"]: error["message"] for error in errors},
        "rows": [
            {"case": case, "view": view, "url": case_url(case), "standing": STANDING[view.standing]}
            for case, view in rows
        ],
        "unit": identity.get_unit(actor.unit_id).name,
    }
    return render(request, "services/helping.html", context, status=422 if errors else 200)


STANDING = {
    "asked": (T("等本人同意", "Consent awaited"), "amber"),
    "given": (T("本人已同意", "Consent given"), "green"),
    "declined": (T("本人没有同意", "Declined"), "red-soft"),
    "ended": (T("代办已结束", "Ended"), ""),
}
"""How a consent stands, in words and tone."""

NOT_OURS = T("这个人的户口不在本村（社区），不能代办", "This person's household is not in your village")


def _why(refusal: TongbanError) -> T:
    return NOT_OURS if isinstance(refusal, BasisRefused) else refusal.title


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ConsentNotFound from None
