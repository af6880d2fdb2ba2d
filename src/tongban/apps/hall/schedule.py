"""When a hall is open and which times it offers: the rows of the hall and the working-day calendar, given to the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tongban.apps.hall import rules
from tongban.apps.hall.models import OddDay, Opening, Point, Service, Slot
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL, local_date
from tongban.kernel.calendars import service as calendars

__all__ = ["Place", "Schedule", "SlotDay", "offered", "offers", "schedule_of"]


@dataclass(frozen=True, slots=True)
class Place:
    """A time that may be booked and how many places are left."""

    starts_at: datetime
    free: int


@dataclass(frozen=True, slots=True)
class SlotDay:
    """A day with its times that are not over; ``reason`` says why it is closed when somebody said so."""

    day: date
    is_open: bool
    places: Sequence[Place] = ()
    reason: LocalizedText = field(default_factory=lambda: LocalizedText(""))

    @property
    def free(self) -> int:
        """How many places are left on the day."""
        return sum(place.free for place in self.places)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The hours of one hall over some days, read at once."""

    weekly: Mapping[int, Sequence[rules.Hours]]
    odd: Mapping[date, OddDay]
    calendar: calendars.Calendar

    def hours(self, day: date) -> Sequence[rules.Hours]:
        """Return the hours of a day."""
        odd = self.odd.get(day)
        own = None
        if odd is not None:
            own = [(odd.opens, odd.closes)] if odd.opens and odd.closes else []
        return rules.hours_of(
            day,
            self.weekly,
            own,
            is_working=calendars.is_working_day(self.calendar, day),
            is_off=day in self.calendar.off,
        )

    def reason(self, day: date) -> LocalizedText:
        """Return why a day is unusual: what the hall wrote, or the calendar's name of it."""
        if day in self.odd:
            return self.odd[day].reason
        zh, en = self.calendar.names.get(day, ("", ""))
        return LocalizedText(zh, en)


def schedule_of(point: Point, since: date, until: date) -> Schedule:
    """Read the hours of a hall for these days, by two statements (the calendar is kept in memory)."""
    weekly: dict[int, list[rules.Hours]] = {}
    for weekday, opens, closes in (
        Opening.objects.filter(point=point)
        .order_by("weekday", "opens")
        .values_list("weekday", "opens", "closes")
    ):
        weekly.setdefault(weekday, []).append((opens, closes))
    odd = {row.day: row for row in OddDay.objects.filter(point=point, day__gte=since, day__lte=until)}
    return Schedule(weekly, odd, calendars.current_calendar().of(point.region))


def offered(service: Service, *, at: datetime) -> list[SlotDay]:
    """Return the days on which the service may be booked, each with its times that are not over."""
    first = local_date(at)
    last = first + timedelta(days=service.point.setting("ahead_days"))
    schedule = schedule_of(service.point, first, last)
    taken = {
        starts_at: (capacity, count)
        for starts_at, capacity, count in Slot.objects.filter(service=service, starts_at__gt=at).values_list(
            "starts_at", "capacity", "taken"
        )
    }
    days = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        hours = schedule.hours(day)
        places = []
        for starts_at in rules.slots_of(day, hours, service.minutes, LOCAL):
            if starts_at > at:
                capacity, count = taken.get(starts_at, (service.capacity, 0))
                places.append(Place(starts_at, max(0, capacity - count)))
        days.append(SlotDay(day, bool(hours), places, schedule.reason(day)))
    return days


def offers(service: Service, starts_at: datetime, *, at: datetime) -> bool:
    """Return whether a time may be booked at all, free or not."""
    day = local_date(starts_at)
    if starts_at <= at or day > local_date(at) + timedelta(days=service.point.setting("ahead_days")):
        return False
    hours = schedule_of(service.point, day, day).hours(day)
    return starts_at in rules.slots_of(day, hours, service.minutes, LOCAL)
