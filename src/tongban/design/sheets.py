"""Reading forms: what was typed, refusals as errors beside their fields, days as moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest

from tongban.base.errors import Invalid, TongbanError
from tongban.base.text import LocalizedText as T
from tongban.base.time import LOCAL

__all__ = ["Sheet", "day_begins", "fault", "last_day", "typed"]

LONGEST = 300


def typed(request: HttpRequest, *names: str) -> dict[str, str]:
    """Return what was typed into these fields, without blanks around it."""
    return {name: request.POST.get(name, "").strip()[:LONGEST] for name in names}


@dataclass
class Sheet:
    """A form as a template shows it: values, the errors in a list and by field, a refusal that belongs to no field."""

    values: Mapping[str, Any]
    errors: list[dict[str, Any]] = field(default_factory=list)
    refusal: TongbanError | None = None

    def refuse(self, error: TongbanError, at_field: str = "") -> None:
        """Take a refusal: errors of fields stand beside these, anything else at ``at_field`` or above the form."""
        rows = error.data.get("errors") if isinstance(error, Invalid) else None
        if rows:
            self.errors += rows
        elif at_field:
            self.errors.append({"field": at_field, "message": error.title})
        else:
            self.refusal = error

    @property
    def faults(self) -> dict[str, T]:
        """The message beside each field; absent fields have none."""
        return {**dict.fromkeys(self.values, T("")), **{e["field"]: T.of(e["message"]) for e in self.errors}}

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows the form again."""
        if self.errors:
            return 422
        return self.refusal.status if self.refusal else 200


def fault(name: str, zh: str, en: str) -> Invalid:
    """Return the refusal of one field."""
    return Invalid(errors=[{"field": name, "message": {"zh": zh, "en": en}}])


def day_begins(text: str, name: str, *, at: datetime) -> datetime | None:
    """Return the moment a day begins, nothing for no day; today means now. Raises Invalid."""
    day = _day(text, name)
    if day is None or day == at.astimezone(LOCAL).date():
        return None
    return datetime.combine(day, time(), LOCAL)


def last_day(text: str, name: str) -> datetime | None:
    """Return the moment after a last day that still counts, nothing for no day. Raises Invalid."""
    day = _day(text, name)
    return None if day is None else datetime.combine(day + timedelta(days=1), time(), LOCAL)


def _day(text: str, name: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise fault(name, "日期不对", "This is no date") from None
    if not 1990 <= day.year <= 2100:
        raise fault(name, "日期不对", "This is no date")
    return day
