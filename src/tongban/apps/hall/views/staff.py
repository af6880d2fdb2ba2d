"""What the clerks of a hall do: the appointments of the day, calling numbers."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tongban.apps.hall import queries
from tongban.apps.hall.errors import AppointmentState, PlaceNotFound, TicketState
from tongban.apps.hall.models import Point
from tongban.apps.hall.operations import day as days
from tongban.apps.hall.operations import queue as queues
from tongban.base.errors import TongbanError
from tongban.base.time import local_date, now
from tongban.kernel.identity.service import official_only
from tongban.kernel.ledger import service as ledger

__all__ = ["act", "day", "mark", "queue", "window"]


@official_only
@require_safe
def day(request: HttpRequest) -> HttpResponse:
    """Show the appointments of a day. Looking at who comes is an act in the ledger."""
    return _day(request)


def _day(request: HttpRequest, refusal: TongbanError | None = None) -> HttpResponse:
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    places = _places(request)
    if not places:
        raise PlaceNotFound
    asked = request.GET.get("point", "")
    point = next((each for each in places if each.key == asked), places[0])
    shown = _asked_day(request.GET.get("day", ""), local_date(at))
    page = queries.day_page(actor, point, shown, at=at)
    for row in page.rows:
        ledger.record_read(
            actor=actor,
            subject=row.it.ref,
            about=[row.it.person.citizen_id or ""],
            purpose="hall.day",
            fields=["name", "phone"],
            at=at,
        )
    context = {
        "page": page,
        "point": point,
        "points": places,
        "before": shown - timedelta(days=1),
        "after": shown + timedelta(days=1),
        "refusal": refusal,
    }
    answer = render(request, "hall/day.html", context, status=refusal.status if refusal else 200)
    answer["Cache-Control"] = "no-store"
    return answer


@official_only
@require_POST
def mark(request: HttpRequest, appointment_id: UUID, act: str) -> HttpResponse:
    """Note that somebody has arrived, was served, did not come; or take that back."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    try:
        if act == "arrived":
            found = queues.receive(actor=actor, appointment_id=appointment_id, at=at)
        else:
            found = days.mark(actor=actor, appointment_id=appointment_id, act=act, at=at)
    except AppointmentState as refusal:
        return _day(request, refusal)
    return redirect(
        f"{reverse('hall:day')}?point={found.service.point.key}&day={local_date(found.starts_at).isoformat()}"
    )


@official_only
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Choose the window one sits at; the only one opens at once."""
    actor = request.actor  # type: ignore[attr-defined]
    if not queries.has_desk(actor):
        raise PlaceNotFound
    windows = queries.windows_of(actor)
    if len(windows) == 1:
        return redirect("hall:window", windows[0].pk)
    at = now()
    halls = {window.point_id: window.point for window in windows}
    context = {
        "windows": windows,
        "halls": [(each, queries.queue_of(each, at=at)) for each in halls.values()],
    }
    return render(request, "hall/windows.html", context)


@official_only
@require_safe
def window(request: HttpRequest, window_id: int) -> HttpResponse:
    """Show the window: whom it serves, who waits."""
    return _window(request, window_id)


ACTS = {"next": queues.call_next, "recall": queues.recall, "skip": queues.skip, "finish": queues.finish}


@official_only
@require_POST
def act(request: HttpRequest, window_id: int, act: str) -> HttpResponse:
    """Call the next number, call again, pass over, finish, let somebody wait again."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    queues.find_window(actor, window_id)
    try:
        if act == "back":
            ticket = _uuid(request.POST.get("ticket", ""))
            queues.bring_back(actor=actor, window_id=window_id, ticket_id=ticket, at=at)
        elif act in ACTS:
            found = ACTS[act](actor=actor, window_id=window_id, at=at)
            if act == "next" and found is None:
                return redirect(f"{reverse('hall:window', args=[window_id])}?nobody=1")
        else:
            raise PlaceNotFound
    except TicketState as refusal:
        return _window(request, window_id, refusal)
    return redirect("hall:window", window_id)


def _window(request: HttpRequest, window_id: int, refusal: TongbanError | None = None) -> HttpResponse:
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    found = queues.find_window(actor, window_id)
    page = queries.window_page(found, at=at)
    context = {
        "page": page,
        "window": found,
        "several": len(queries.windows_of(actor)) > 1,
        "refusal": refusal,
        "nobody": request.GET.get("nobody") == "1" and page.current is None,
    }
    template = "hall/parts/window_now.html" if request.headers.get("HX-Request") else "hall/window.html"
    return render(request, template, context, status=refusal.status if refusal else 200)


def _places(request: HttpRequest) -> list[Point]:
    actor = request.actor  # type: ignore[attr-defined]
    if not queries.has_desk(actor):
        return []
    found = {point.pk: point for point in queries.points_of(actor)}
    found |= {window.point_id: window.point for window in queries.windows_of(actor)}
    return list(found.values())


def _asked_day(text: str, today: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise PlaceNotFound from None
