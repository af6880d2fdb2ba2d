"""Pages of my space."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse

from tongban.apps.myspace.reads import reads_about_me
from tongban.base.actor import Actor
from tongban.base.time import now
from tongban.base.waiting import waiting_for
from tongban.design.navigation import address
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["home", "open_case", "reads"]


def citizen_only(view: Any) -> Any:
    """Send strangers to the sign-in page and officials to their workbench."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = request.actor  # type: ignore[attr-defined]
        if actor.account_id is None:
            return redirect(f"{reverse('identity:sign-in')}?next={request.path}")
        if actor.is_official:
            return redirect(address("desk:inbox") or "/")
        return view(request, *args, **kwargs)

    return guarded


@citizen_only
def home(request: HttpRequest) -> HttpResponse:
    """Show drafts, what waits for me, what is going on and what has ended."""
    actor = request.actor  # type: ignore[attr-defined]
    at = now()
    mine = cases.list_cases_of(actor)
    rows = [_row(case, actor) for case in mine]
    context = {
        "asked": waiting_for(actor),
        "drafts": [row for row in rows if row["case"].submitted_at is None],
        "waiting": [row for row in rows if row["waits_for_me"]],
        "running": [row for row in rows if row["is_running"] and not row["waits_for_me"]],
        "ended": [row for row in rows if row["case"].closed_at is not None],
        "entities": identity.entities_of(actor.person_id, at=at),
        "is_empty": not rows,
    }
    return render(request, "myspace/home.html", context)


@citizen_only
def open_case(request: HttpRequest, number: str) -> HttpResponse:
    """The address that messages carry: leads to the progress page of one's own case."""
    return redirect("cases:track", number=number)


@citizen_only
def reads(request: HttpRequest) -> HttpResponse:
    """Show who read about me, or about the firm that I act for: when, what for, which fields; by year."""
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else None
    found = reads_about_me(request.actor, year=year)  # type: ignore[attr-defined]
    return render(request, "myspace/reads.html", {"reads": found, "source": ledger.RETENTION_SOURCE})


def _row(case: Any, actor: Actor) -> dict[str, Any]:
    kind = cases.kind_of(case)
    state = kind.state(case.state)
    links = cases.links_of_party(case, actor) if case.closed_at is None else []
    return {
        "case": case,
        "kind": kind.label,
        "state": state.public,
        "tone": state.tone,
        "url": _url(case),
        "waits_for_me": bool(links),
        "is_running": case.submitted_at is not None and case.closed_at is None,
    }


def _url(case: Any) -> str:
    if case.submitted_at is not None:
        return reverse("cases:track", args=[case.number])
    try:
        return reverse(f"{cases.kind_of(case).extra.get('draft_url', '')}", args=[case.pk])
    except NoReverseMatch:
        return ""
