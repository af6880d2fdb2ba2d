"""What is counted about the work of the offices: each module registers measures of its own things, whoever shows them.

A measure is rows, with the moment at which each counts and what it belongs to. Its number *is* the number of those rows, and the
list behind a number is those same rows: so a number and its list cannot disagree.

``rows(at)`` returns a queryset annotated with ``of_case`` (the case to show for a row), ``of_unit``, ``of_item``
("item:food-licence"), ``of_place`` (the code of a township, "" where it is not known) and, when it counts over time, ``of_at``.
A measure without a time (``is_now``) counts what is so at this moment. ``Sums`` are totals per day that are no rows, such as
days used.

Nobody's name stands in any of it. No policy is asked here: whoever shows a figure asks whether its reader may see the unit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tongban.base.registry import Registry
from tongban.base.text import LocalizedText

__all__ = [
    "Measure",
    "Sum",
    "Sums",
    "let_see_all",
    "measures",
    "name_things",
    "names_of",
    "register_measure",
    "register_sums",
    "seeing_all",
    "sums",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Something that is counted; ``says`` is its definition as the public reads it."""

    key: str
    label: LocalizedText
    says: LocalizedText
    rows: Callable[[datetime], Any]
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class Sum:
    """A total of a day that is no number of rows."""

    key: str
    day: date
    unit: int
    item: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Totals per day that one module works out: ``work_out(since, until)`` for the days in the half-open period."""

    key: str
    work_out: Callable[[datetime, datetime], Iterable[Sum]]


measures: Registry[Measure] = Registry("measures")
sums: Registry[Sums] = Registry("sums")
_names: Registry[Callable[[Collection[str]], Mapping[str, LocalizedText]]] = Registry(
    "names of counted things"
)
_seeing_all: set[str] = set()


def register_measure(measure: Measure) -> Measure:
    """Add a measure."""
    return measures.register(measure.key, measure)


def register_sums(entry: Sums) -> Sums:
    """Add totals."""
    return sums.register(entry.key, entry)


def name_things(kind: str, names: Callable[[Collection[str]], Mapping[str, LocalizedText]]) -> None:
    """Say how things of this kind (of ``of_item``) are called, by their ids."""
    _names.register(kind, names)


def names_of(things: Iterable[str]) -> dict[str, LocalizedText]:
    """Return the names of counted things ("item:food-licence"); what nobody names is called by its id."""
    by_kind: dict[str, list[str]] = {}
    for thing in things:
        kind, _, key = thing.partition(":")
        by_kind.setdefault(kind, []).append(key)
    found: dict[str, LocalizedText] = {}
    for kind, keys in by_kind.items():
        names = _names.find(kind)
        known = names(keys) if names is not None else {}
        found |= {f"{kind}:{key}": known.get(key) or LocalizedText(key) for key in keys}
    return found


def let_see_all(duty: str) -> None:
    """Say that whoever has this duty sees the figures of all units."""
    _seeing_all.add(duty)


def seeing_all() -> frozenset[str]:
    """Return the duties that let see the figures of all units."""
    return frozenset(_seeing_all)
