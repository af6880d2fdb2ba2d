"""What all pages of filling in share: who may come, the case with its item, the steps in the margin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from tongban.apps.services import rules
from tongban.apps.services.errors import NotEditable
from tongban.apps.services.queries import application as reading
from tongban.base.text import LocalizedText
from tongban.design.navigation import address

__all__ = ["at_counter", "case_and_item", "frame_of", "home_of", "signed_in"]

PEOPLE = LocalizedText(zh="人和同意", en="People and consent")
MATERIALS = LocalizedText(zh="材料", en="Documents")
CHECK = LocalizedText(zh="核对、提交", en="Check and submit")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the application as the side list shows it."""

    key: str
    title: LocalizedText
    url: str
    status: str


def signed_in(view: Any) -> Any:
    """Send strangers to the sign-in page; what they posted stays in the browser (the form keeps it and restores it)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = request.actor  # type: ignore[attr-defined]
        if actor.account_id is None:
            if request.headers.get("X-Requested-With") == "autosave":
                return JsonResponse({"signed_in": False}, status=401)
            back = request.path if request.method == "GET" else request.POST.get("_page", request.path)
            return redirect(f"{reverse('identity:sign-in')}?{urlencode({'next': back})}")
        return view(request, *args, **kwargs)

    return guarded


def at_counter(actor: Any, case: Any) -> bool:
    """Return whether this is a clerk who enters for somebody at the counter."""
    return actor.is_official and bool(case.facts.get("counter_holders"))


def home_of(actor: Any) -> str:
    """Return where somebody goes who stops filling in for now."""
    if not actor.is_official:
        return address("myspace:home") or "/"
    return reverse("services:counter" if "services.counter" in actor.duties else "services:helping")


def case_and_item(request: HttpRequest, case_id: UUID, *, any_state: bool = False) -> tuple[Any, Any]:
    case = reading.get_application(request.actor, case_id)  # type: ignore[attr-defined]
    if (
        request.method == "POST"
        and not any_state
        and case.state not in rules.EDITABLE
        and case.number is None
    ):
        raise NotEditable
    return case, reading.item_of(case)


def frame_of(request: HttpRequest, case: Any, item: Any, form: Any, current: str) -> dict[str, Any]:
    """Return what the frame of every step shows: the steps, where we are, how far; for an official in the desk's layout."""
    at_desk = request.actor.is_official  # type: ignore[attr-defined]
    pages = [(p.key, p.title, reverse("services:page", args=[case.pk, p.key])) for p in form.pages]
    several = item.allows_several and not case.applicant_is_entity
    if several or any(party.role == "agent" and not case.applicant_is_entity for party in case.parties.all()):
        pages.insert(0, ("people", PEOPLE, reverse("services:people", args=[case.pk])))
    pages.append(("materials", MATERIALS, reverse("services:materials", args=[case.pk])))
    pages.append(("check", CHECK, reverse("services:check", args=[case.pk])))
    index = next((i for i, row in enumerate(pages) if row[0] == current), 0)
    steps = [
        Step(key, title, url, "done" if i < index else "now" if i == index else "ahead")
        for i, (key, title, url) in enumerate(pages)
    ]
    return {
        "case": case,
        "item": item,
        "steps": steps,
        "step_number": index + 1,
        "step_count": len(pages),
        "step_previous": steps[index - 1] if index else None,
        "at_desk": at_desk,
        "face": "design/desk.html" if at_desk else "design/public.html",
        "at_counter": at_desk and bool(case.facts.get("counter_holders")),
    }
