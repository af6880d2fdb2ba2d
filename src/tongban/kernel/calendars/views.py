"""The calendar of the installation: the year for every official, changing it for who keeps the system."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tongban.base.errors import Invalid
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date, now
from tongban.design.paging import page_number
from tongban.kernel.calendars import almanac, moved
from tongban.kernel.calendars.errors import BadCalendar
from tongban.kernel.calendars.models import CalendarDay
from tongban.kernel.calendars.notice import Reading, read
from tongban.kernel.calendars.operations.years import (
    DUTY,
    SpecialDay,
    check_days,
    check_layer,
    import_year,
    set_day,
)
from tongban.kernel.calendars.rules import NATIONAL
from tongban.kernel.calendars.sentences import day_text
from tongban.kernel.identity.service import official_only, require_duty

__all__ = ["edit_day", "import_notice", "show_change", "show_year"]

MAX_TEXT = 20_000
FIRST_YEAR, LAST_YEAR = 2000, 2100
KINDS = (("off", T("放假", "Day off")), ("work", T("上班", "Working day")), ("", T("按平日", "Ordinary day")))


@official_only
@require_safe
def show_year(request: HttpRequest) -> HttpResponse:
    """Show a year in twelve months, with what differs from Monday to Friday."""
    at = now()
    asked = request.GET.get("year", "")
    year = (
        int(asked) if asked.isdecimal() and FIRST_YEAR <= int(asked[:5]) <= LAST_YEAR else local_date(at).year
    )
    layers = almanac.list_layers()
    layer = request.GET.get("layer", NATIONAL)
    layer = layer if layer in layers else NATIONAL
    is_keeper = DUTY in request.actor.duties  # type: ignore[attr-defined]
    context = {
        "view": almanac.year_view(year, layer=layer, at=at),
        "layers": [(code, label, code == layer) for code, label in almanac.layer_names(layers).items()],
        "layer": layer,
        "is_keeper": is_keeper,
        "missing": almanac.missing_year(at),
        "changes": moved.list_changes() if is_keeper else [],
    }
    return render(request, "calendars/year.html", context)


@official_only
@require_http_methods(["GET", "HEAD", "POST"])
def import_notice(request: HttpRequest) -> HttpResponse:
    """Read a pasted notice, show every day of it and what would move, and import it when that is confirmed."""
    actor = request.actor  # type: ignore[attr-defined]
    require_duty(actor, DUTY)
    at = now()
    default = almanac.missing_year(at) or local_date(at).year + 1
    typed = {name: request.POST.get(name, "").strip() for name in ("year", "layer", "notice")}
    typed["text"] = request.POST.get("text", "")[:MAX_TEXT]
    context: dict[str, Any] = {"typed": {**typed, "year": typed["year"] or default, "layer": typed["layer"]}}
    status = 200
    if request.method == "POST":
        try:
            year, layer, reading = _read(typed)
            days = [SpecialDay(found.day, found.is_off, T(*found.name)) for found in reading.days]
            if request.POST.get("step") == "import":
                change = import_year(
                    year=year, notice=typed["notice"], days=days, actor=actor, at=at, layer=layer
                )
                return redirect(_after(change, year))
            context |= {
                "year": year,
                "layer_label": almanac.layer_names([layer])[layer],
                "count": len(days),
                "holidays": almanac.holidays_read(reading.days),
                "remarks": [T(*remark) for remark in reading.remarks],
                "preview": moved.preview_year(actor=actor, year=year, layer=layer, days=days, at=at),
            }
        except Invalid as refusal:
            status, context["errors"] = refusal.status, refusal.data["errors"]
    return render(request, "calendars/import.html", context, status=status)


@official_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit_day(request: HttpRequest, day: str) -> HttpResponse:
    """Change one day, with the reason."""
    actor = request.actor  # type: ignore[attr-defined]
    require_duty(actor, DUTY)
    try:
        on = date.fromisoformat(day)
    except ValueError:
        return redirect("calendars:year")
    layer = request.POST.get("layer", request.GET.get("layer", "")).strip() or NATIONAL
    held = CalendarDay.objects.filter(day=on, layer=layer).first()
    typed: dict[str, Any] = {
        "kind": ("off" if held.is_off else "work") if held else "",
        "name_zh": held.name.zh if held else "",
        "name_en": held.name.en if held else "",
        "reason": "",
    }
    errors: Any = []
    status = 200
    if request.method == "POST":
        typed = {key: request.POST.get(key, "").strip()[:300] for key in typed}
        try:
            change = set_day(
                day=on,
                kind=typed["kind"],
                name=T(typed["name_zh"], typed["name_en"]),
                layer=layer,
                reason=typed["reason"],
                actor=actor,
                at=now(),
            )
            return redirect(_after(change, on.year))
        except BadCalendar as refusal:
            status, errors = refusal.status, refusal.data["errors"]
    context = {
        "day": on,
        "label": day_text(on, weekday=True),
        "layer": "" if layer == NATIONAL else layer,
        "typed": typed,
        "kinds": KINDS,
        "errors": errors,
        "faults": {
            **dict.fromkeys(("kind", "name", "layer", "reason"), ""),
            **{
                "kind" if error["field"] == "days" else error["field"]: T.of(error["message"])
                for error in errors
            },
        },
    }
    return render(request, "calendars/day.html", context, status=status)


@official_only
@require_safe
def show_change(request: HttpRequest, change_id: int) -> HttpResponse:
    """Show who changed what, and which clocks moved by it."""
    require_duty(request.actor, DUTY, "admin.audit")  # type: ignore[attr-defined]
    change, page = moved.change_view(change_id, page=page_number(request.GET.get("page")))
    return render(request, "calendars/change.html", {"change": change, "page": page})


def _read(typed: dict[str, Any]) -> tuple[int, str, Reading]:
    """Read what was pasted. Raises Invalid with everything that is wrong with it."""
    errors: list[dict[str, Any]] = []
    year = int(typed["year"]) if typed["year"].isdecimal() and len(typed["year"]) == 4 else 0
    if not FIRST_YEAR <= year <= LAST_YEAR:
        errors.append(_error("year", "年份写四位数字", "Write the year in four digits"))
    layer = typed["layer"] or NATIONAL
    try:
        check_layer(layer)
    except BadCalendar as refusal:
        errors += refusal.data["errors"]
    if not typed["notice"]:
        errors.append(_error("notice", "写明通知的文号或者网址", "Give the number or address of the notice"))
    if errors:
        raise Invalid(errors=errors)
    reading = read(typed["text"], year)
    if layer != NATIONAL:
        reading.remarks.clear()  # a region's notice names its own holidays only
    errors = [_error("text", zh, en) for zh, en in reading.errors]
    if errors:
        raise Invalid(errors=errors)
    try:
        check_days(
            year, [SpecialDay(found.day, found.is_off, T(*found.name)) for found in reading.days], layer
        )
    except BadCalendar as refusal:
        raise Invalid(errors=[{**error, "field": "text"} for error in refusal.data["errors"]]) from None
    return year, layer, reading


def _after(change: Any, year: int) -> str:
    """Where to go after a change: to what it moved; when nothing was new, back to the year."""
    if change is None:
        return f"{reverse('calendars:year')}?year={year}"
    return reverse("calendars:change", args=[change.pk])


def _error(field: str, zh: str, en: str) -> dict[str, Any]:
    return {"field": field, "message": {"zh": zh, "en": en}}
