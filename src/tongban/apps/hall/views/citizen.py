"""Booking, as a citizen does it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.apps.hall import queries
from tongban.apps.hall.errors import (
    AlreadyBooked,
    Barred,
    PersonNeeded,
    PlaceNotFound,
    SlotFull,
    SlotNotOffered,
    TooLate,
)
from tongban.apps.hall.ics import calendar_of
from tongban.apps.hall.models import Appointment, Service
from tongban.apps.hall.operations import book as booking
from tongban.apps.hall.policies import is_citizen
from tongban.apps.hall.schedule import SlotDay, offered
from tongban.base import exchange
from tongban.base.actor import Actor
from tongban.base.errors import TongbanError
from tongban.base.ref import Ref
from tongban.base.time import LOCAL, local_date, now
from tongban.kernel.cases import service as cases
from tongban.kernel.processes import service as processes

__all__ = ["calendar", "cancel", "choose", "for_case", "for_item", "home", "move", "show"]

REFUSED = (AlreadyBooked, Barred, PersonNeeded, SlotFull, SlotNotOffered, TooLate)


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Show what can be booked and where numbers are given, and the visitor's own appointments."""
    actor, at = _actor(request), now()
    rows = queries.mine(actor, at=at) if is_citizen(actor) else []
    context = {
        "rows": [row for row in rows if row.is_open],
        "past": [row for row in rows if not row.is_open][:10],
        "tickets": queries.my_tickets(actor, at=at) if is_citizen(actor) else [],
        "points": [
            {
                "it": point,
                "services": [s for s in queries.services_of(point) if s.by_appointment],
                "week": queries.week_of(point),
            }
            for point in queries.points()
        ],
        "is_citizen": is_citizen(actor),
    }
    return render(request, "hall/home.html", context)


@require_safe
def for_item(request: HttpRequest, item: str) -> HttpResponse:
    """Lead from an item to where it can be booked."""
    service = queries.service_for_item(item)
    if service is None:
        raise PlaceNotFound
    return redirect("hall:choose", service.point.key, service.key)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def choose(request: HttpRequest, point: str, service: str) -> HttpResponse:
    """Show the free times of a service; a POST books one."""
    found = booking.find_service(point, service)
    if not found.by_appointment:
        raise PlaceNotFound
    actor, at = _actor(request), now()
    if request.method == "POST":
        if not is_citizen(actor):
            return redirect(f"{reverse('identity:sign-in')}?next={request.path}")
        try:
            made = booking.book(actor=actor, service=found, starts_at=_moment(request), at=at)
        except REFUSED as refusal:
            return _times(request, found, refusal=refusal)
        return redirect("hall:mine", made.pk)
    return _times(request, found)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def for_case(request: HttpRequest, number: str) -> HttpResponse:
    """Choose the time for an application: as the step of its process that waits for it, or anew after one fell through."""
    actor, at = _actor(request), now()
    if not is_citizen(actor):
        return redirect(f"{reverse('identity:sign-in')}?next={request.path}")
    case, service, task = _case(actor, number)
    if request.method == "POST":
        moment = _moment(request)
        try:
            if task is not None:
                data = {"slot": moment.isoformat(timespec="minutes")}
                cases.complete_task(actor=actor, task_id=task.id, outcome="choose", data=data, at=at)
            else:
                booking.book(actor=actor, service=service, starts_at=moment, at=at, case=case)
        except TongbanError as refusal:
            shown = refusal if isinstance(refusal, REFUSED) else SlotNotOffered()
            return _times(request, service, case=case, refusal=shown)
        made = queries.appointment_of_case(case, at=at)
        return redirect("hall:mine", made.it.pk) if made else redirect("cases:track", number)
    return _times(request, service, case=case)


@require_safe
@never_cache
def show(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """Show one's own appointment with its code."""
    return _show(request, appointment_id)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def move(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """Choose another time."""
    found = booking.own(_actor(request), appointment_id)
    if request.method == "POST":
        try:
            booking.reschedule(
                actor=_actor(request), appointment_id=appointment_id, starts_at=_moment(request), at=now()
            )
        except REFUSED as refusal:
            return _times(request, found.service, moving=found, refusal=refusal)
        return redirect("hall:mine", appointment_id)
    return _times(request, found.service, moving=found)


@require_POST
def cancel(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """Cancel one's own appointment."""
    try:
        booking.cancel(actor=_actor(request), appointment_id=appointment_id, at=now())
    except TooLate as refusal:
        return _show(request, appointment_id, refusal=refusal)
    return redirect("hall:mine", appointment_id)


@require_safe
@never_cache
def calendar(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """Give the appointment as a file for the calendar of a phone."""
    found = booking.own(_actor(request), appointment_id)
    text = calendar_of(found, host=request.get_host().partition(":")[0], at=now())
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return answer


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def _moment(request: HttpRequest) -> datetime:
    try:
        said = datetime.fromisoformat(request.POST.get("slot", "")[:40])
    except ValueError:
        raise SlotNotOffered from None
    return said if said.tzinfo else said.replace(tzinfo=LOCAL)


def _case(actor: Actor, number: str) -> tuple[Any, Service, Any]:
    """Return the actor's own case, where its item can be had, and the step that waits for the time (if it does)."""
    case = cases.find_by_number(number)
    if not cases.is_party(actor, case) or case.instance_id is None or case.closed_at is not None:
        raise PlaceNotFound
    steps = [task for task in processes.tasks_of(case.instance_id) if task.state == "open"]
    task = next((t for t in steps if any(o.key == "choose" and o.allowed for o in t.outcomes)), None)
    known = (
        Appointment.objects.filter(case_id=case.pk).select_related("service__point", "service__unit").first()
    )
    if task is None and known is None:
        raise PlaceNotFound
    service = known.service if known else queries.service_for_item(_item_of(case))
    if service is None:
        raise PlaceNotFound
    return case, service, task


def _item_of(case: Any) -> str:
    told = exchange.facts_of(Ref.to("case-item", case.pk))
    return str(told["key"]) if told else ""


def _show(request: HttpRequest, appointment_id: UUID, refusal: TongbanError | None = None) -> HttpResponse:
    found = booking.own(_actor(request), appointment_id)
    row = queries.row_of(found, at=now())
    status = refusal.status if refusal else 200
    return render(
        request, "hall/appointment.html", {"row": row, "it": found, "refusal": refusal}, status=status
    )


def _times(
    request: HttpRequest,
    service: Service,
    *,
    case: Any = None,
    moving: Appointment | None = None,
    refusal: TongbanError | None = None,
) -> HttpResponse:
    """Show the days, and the times of the chosen one (the first with a free place)."""
    at = now()
    days = offered(service, at=at)
    asked = request.GET.get("day", "") or (request.POST.get("slot", "")[:10])
    chosen = next((d for d in days if d.day.isoformat() == asked and d.is_open), None) or _first_free(days)
    actor = _actor(request)
    until = (
        booking.barred_until(actor.person_id, service, at=at)
        if is_citizen(actor) and actor.person_id
        else None
    )
    context = {
        "service": service,
        "days": days,
        "chosen": chosen,
        "case": case,
        "moving": queries.row_of(moving, at=at) if moving else None,
        "refusal": refusal,
        "is_citizen": is_citizen(actor),
        "is_official": actor.is_official,
        "barred_until": until,
        "today": local_date(at),
    }
    return render(request, "hall/choose.html", context, status=refusal.status if refusal else 200)


def _first_free(days: list[SlotDay]) -> SlotDay | None:
    return next((day for day in days if day.free), None) or next((day for day in days if day.places), None)
