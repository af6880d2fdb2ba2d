"""Due dates against a second, plain way of counting: one day after another, with layers, pauses and extensions at random."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel.calendars.rules import (
    NATIONAL,
    Calendar,
    Extension,
    Interval,
    Limit,
    due_on,
    stack,
)

ONE_DAY = timedelta(days=1)
UNTIL = date(2026, 12, 31)
PLACES = ("", "110101000000", "530000000000", "532399000000", "532399203000")
LAYERS = (NATIONAL, "53", "5323", "532399", "532399203")

Days = dict[date, bool]
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
layers = st.fixed_dictionaries(
    {}, optional={name: st.dictionaries(days, st.booleans(), max_size=40) for name in LAYERS}
)


@st.composite
def pauses(draw: st.DrawFn) -> list[Interval]:
    """Up to three pauses that are over and do not touch one another."""
    found, day = [], date(2026, 1, 1)
    for _ in range(draw(st.integers(0, 3))):
        first = day + timedelta(days=draw(st.integers(1, 40)))
        last = first + timedelta(
            days=draw(st.integers(-1, 25))
        )  # resumed on the day of the notice: no day at all
        found.append(Interval(first, last))
        day = max(first, last) + ONE_DAY
    return found


def works(day: date, place: str, given_layers: dict[str, Days]) -> bool:
    """The smallest region that speaks of the day decides, then the nation, then the weekday."""
    for length in range(len(place), 0, -1):
        said = given_layers.get(place[:length], {})
        if day in said:
            return not said[day]
    said = given_layers.get(NATIONAL, {})
    return not said[day] if day in said else day.isoweekday() <= 5


def counted_by_hand(
    start: date, total: int, unit: str, place: str, given_layers: dict[str, Days], stops: list[Interval]
) -> date:
    def stands(day: date) -> bool:
        return any(stop.end is not None and stop.start <= day <= stop.end for stop in stops)

    day, left = start, total
    while left:
        day += ONE_DAY
        if not stands(day) and (unit == "d" or works(day, place, given_layers)):
            left -= 1
    while not works(day, place, given_layers) or (total and stands(day)):
        day += ONE_DAY
    return day


def calendar_of(given_layers: dict[str, Days]) -> Calendar:
    named = {
        layer: {day: (is_off, ("假日", "holiday")) for day, is_off in listed.items()}
        for layer, listed in given_layers.items()
    }
    return stack(named, UNTIL)


@given(
    start=days,
    value=st.integers(0, 60),
    unit=st.sampled_from(["wd", "d"]),
    more=st.lists(st.integers(1, 20), max_size=2),
    place=st.sampled_from(PLACES),
    given_layers=layers,
    stops=pauses(),
)
def test_every_due_date_is_the_one_counted_by_hand(
    start: date,
    value: int,
    unit: str,
    more: list[int],
    place: str,
    given_layers: dict[str, Days],
    stops: list[Interval],
) -> None:
    derivation = due_on(
        start,
        Limit(value, unit),  # type: ignore[arg-type]
        calendar_of(given_layers).of(place),
        stops,
        [Extension(Limit(amount, unit)) for amount in more],  # type: ignore[arg-type]
    )
    by_hand = counted_by_hand(start, value + sum(more), unit, place, given_layers, stops)
    assert derivation.due_on == by_hand
    assert derivation.provisional == (by_hand > UNTIL)


@given(start=days, value=st.integers(1, 30), place=st.sampled_from(PLACES), given_layers=layers)
def test_a_place_outside_every_region_counts_by_the_nation(
    start: date, value: int, place: str, given_layers: dict[str, Days]
) -> None:
    calendar = calendar_of(given_layers)
    nation = calendar_of({NATIONAL: given_layers.get(NATIONAL, {})})
    assert due_on(start, Limit(value, "wd"), calendar.of("110101000000")).due_on == (
        due_on(start, Limit(value, "wd"), nation).due_on
    )
