"""What the duty holder of a hall sets: hours, single days, kiosks."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.apps.hall import queries, rules
from tongban.apps.hall.errors import HoursInvalid, PlaceNotFound
from tongban.apps.hall.models import Point
from tongban.apps.hall.operations import hours as setting
from tongban.apps.hall.policies import may_manage
from tongban.apps.hall.views.kiosk import COOKIE
from tongban.base.text import LocalizedText
from tongban.base.time import local_date, now
from tongban.kernel.identity.service import official_only

__all__ = ["home", "hours", "kiosk", "kiosk_end", "odd_day", "usual"]

PARTS = (("a", 0), ("b", 1))
"""Morning and afternoon: the suffix of the fields, the place in the day."""


@official_only
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the halls that one looks after; the only one opens at once."""
    found = queries.points_of(request.actor)  # type: ignore[attr-defined]
    if not found:
        raise PlaceNotFound
    if len(found) == 1:
        return redirect("hall:hours", found[0].key)
    return render(request, "hall/halls.html", {"points": found})


@official_only
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: HttpRequest, point: str) -> HttpResponse:
    """Show and change the hours of the week."""
    found = _mine(request, point)
    if request.method != "POST":
        return _page(request, found)
    try:
        weekly = {number: _typed(request.POST, number) for number in range(7)}
        moved = setting.set_hours(actor=request.actor, key=point, weekly=weekly, at=now())  # type: ignore[attr-defined]
    except HoursInvalid as refusal:
        return _page(request, found, refusal=refusal)
    return redirect(f"{reverse('hall:hours', args=[point])}?saved=1&moved={moved}")


@official_only
@require_POST
def odd_day(request: HttpRequest, point: str) -> HttpResponse:
    """Close a day or give it other hours: first said how many people it touches, then done."""
    found = _mine(request, point)
    try:
        day = _day(request.POST.get("day", ""))
        span = None if request.POST.get("closed") == "1" else _span(request.POST, "opens", "closes")
        if request.POST.get("closed") != "1" and span is None:
            raise _wrong("opens", "请写几点到几点，或者选“不开放”", "Give the hours, or choose closed")
        touched = setting.affected_by_day(found, day, span, at=now())
        if touched and request.POST.get("sure") != "1":
            return _page(request, found, ask={"touched": touched, "day": day})
        reason = LocalizedText(
            request.POST.get("reason_zh", "").strip()[:100], request.POST.get("reason_en", "").strip()[:100]
        )
        moved = setting.set_day(actor=request.actor, key=point, day=day, hours=span, reason=reason, at=now())  # type: ignore[attr-defined]
    except HoursInvalid as refusal:
        return _page(request, found, refusal=refusal)
    return redirect(f"{reverse('hall:hours', args=[point])}?saved=1&moved={moved}")


@official_only
@require_POST
def usual(request: HttpRequest, point: str) -> HttpResponse:
    """Let a day be as usual again."""
    _mine(request, point)
    try:
        day = _day(request.POST.get("day", ""))
    except HoursInvalid:
        return redirect("hall:hours", point)
    moved = setting.usual_day(actor=request.actor, key=point, day=day, at=now())  # type: ignore[attr-defined]
    return redirect(f"{reverse('hall:hours', args=[point])}?saved=1&moved={moved}")


@official_only
@require_POST
def kiosk(request: HttpRequest, point: str) -> HttpResponse:
    """Make this browser a kiosk of the hall: it keeps a cookie, and nobody is signed in on it any more."""
    _mine(request, point)
    name = request.POST.get("name", "")
    token = setting.put_up_kiosk(actor=request.actor, key=point, name=name, at=now())  # type: ignore[attr-defined]
    logout(request)
    answer = redirect("hall:kiosk", point)
    answer.set_cookie(
        COOKIE,
        token,
        max_age=5 * 365 * 24 * 3600,
        path="/kiosk/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return answer


@official_only
@require_POST
def kiosk_end(request: HttpRequest, point: str, kiosk_id: int) -> HttpResponse:
    """Let a machine give out numbers no more."""
    _mine(request, point)
    setting.take_down_kiosk(actor=request.actor, key=point, kiosk_id=kiosk_id, at=now())  # type: ignore[attr-defined]
    return redirect("hall:hours", point)


def _mine(request: HttpRequest, key: str) -> Point:
    found = setting.find_point(key)
    if not may_manage(request.actor, found):  # type: ignore[attr-defined]
        raise PlaceNotFound
    return found


def _page(
    request: HttpRequest, found: Point, *, refusal: HoursInvalid | None = None, ask: Any = None
) -> HttpResponse:
    at = now()
    errors = refusal.data["errors"] if refusal else []
    week = [
        {
            "row": row,
            "parts": [
                {
                    "name": f"{edge}-{row.weekday}{suffix}",
                    "value": _shown(request, row, place, edge, suffix),
                    "edge": edge,
                    "part": place,
                }
                for suffix, place in PARTS
                for edge in ("opens", "closes")
            ],
        }
        for row in queries.week_of(found)
    ]
    context = {
        "point": found,
        "points": queries.points_of(request.actor),  # type: ignore[attr-defined]
        "week": week,
        "odd": queries.odd_days(found, local_date(at)),
        "kiosks": queries.kiosks_of(found),
        "services": queries.services_of(found),
        "rules": {name: found.setting(name) for name in rules.SETTINGS},
        "errors": errors,
        "errors_by_field": {e["field"]: LocalizedText.of(e["message"]) for e in errors},
        "typed": request.POST,
        "ask": ask,
        "saved": request.GET.get("saved") == "1",
        "moved": request.GET.get("moved", "0") if request.GET.get("moved", "0").isdecimal() else "0",
    }
    return render(request, "hall/hours.html", context, status=refusal.status if refusal else 200)


def _shown(request: HttpRequest, row: queries.WeekRow, place: int, edge: str, suffix: str) -> str:
    name = f"{edge}-{row.weekday}{suffix}"
    if request.method == "POST" and name in request.POST:
        return request.POST[name]
    if len(row.hours) <= place:
        return ""
    return row.hours[place][0 if edge == "opens" else 1].strftime("%H:%M")


def _typed(form: QueryDict, weekday: int) -> list[rules.Hours]:
    spans = [_span(form, f"opens-{weekday}{suffix}", f"closes-{weekday}{suffix}") for suffix, _ in PARTS]
    return [span for span in spans if span is not None]


def _span(form: QueryDict, opens: str, closes: str) -> rules.Hours | None:
    """Read a pair of times; both empty is none, anything else that is no pair is wrong."""
    said = form.get(opens, "").strip(), form.get(closes, "").strip()
    if said == ("", ""):
        return None
    try:
        return time.fromisoformat(said[0][:8]), time.fromisoformat(said[1][:8])
    except ValueError:
        raise _wrong(
            opens, "请写成 09:00 这样，开始和结束都要写", "Write like 09:00, both the beginning and the end"
        ) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong("day", "请选一天", "Please choose a day") from None


def _wrong(field: str, zh: str, en: str) -> HoursInvalid:
    return HoursInvalid(errors=[{"field": field, "message": {"zh": zh, "en": en}}])
