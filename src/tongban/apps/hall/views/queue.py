"""Numbers on line, and the screen of a hall."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tongban.apps.hall import queries
from tongban.apps.hall.errors import PersonNeeded, PlaceNotFound, QueueClosed
from tongban.apps.hall.operations.book import find_service
from tongban.apps.hall.operations.hours import find_point
from tongban.apps.hall.operations.queue import gives_numbers, take_number
from tongban.apps.hall.policies import is_citizen
from tongban.base.errors import TongbanError
from tongban.base.time import now

__all__ = ["number", "screen", "screen_now", "take"]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def take(request: HttpRequest, point: str) -> HttpResponse:
    """Show how the queues stand; a POST takes a number on line."""
    found, at, refusal = find_point(point), now(), None
    actor = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        if actor.account_id is None:
            return redirect(f"{reverse('identity:sign-in')}?next={request.path}")
        try:
            made = take_number(
                actor=actor, service=find_service(point, request.POST.get("service", "")), at=at
            )
        except (QueueClosed, PersonNeeded) as refused:
            refusal = refused
        else:
            return redirect("hall:number", made.pk)
    return _queues(request, found, refusal)


def _queues(request: HttpRequest, found: object, refusal: TongbanError | None) -> HttpResponse:
    at = now()
    actor = request.actor  # type: ignore[attr-defined]
    context = {
        "point": found,
        "queues": queries.queue_of(found, at=at),  # type: ignore[arg-type]
        "week": queries.week_of(found),  # type: ignore[arg-type]
        "is_open": gives_numbers(found, at=at),  # type: ignore[arg-type]
        "is_citizen": is_citizen(actor),
        "refusal": refusal,
    }
    return render(request, "hall/take.html", context, status=refusal.status if refusal else 200)


@require_safe
@never_cache
def number(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """Show a number to whoever has its address: how many are ahead, which window calls. Nobody's name is on it."""
    found = queries.find_ticket(ticket_id)
    if found is None:
        raise PlaceNotFound
    return render(request, "hall/number.html", {"view": queries.ticket_view(found, at=now())})


@require_safe
@never_cache
def screen(request: HttpRequest, point: str) -> HttpResponse:
    """Show the screen of a hall: large, public, numbers and windows only."""
    found = find_point(point)
    return render(request, "hall/screen.html", {"screen": queries.screen_of(found, at=now()), "point": found})


@require_safe
@never_cache
def screen_now(request: HttpRequest, point: str) -> HttpResponse:
    """Answer a screen that asks again: nothing (204) while nothing has changed, so that a hundred screens cost little."""
    found, at = find_point(point), now()
    if request.GET.get("seen", "") == queries.stamp_of(found, at=at):
        return HttpResponse(status=204)
    return render(
        request, "hall/parts/screen_now.html", {"screen": queries.screen_of(found, at=at), "point": found}
    )
