"""Who read about me: the acts of reading, put together so that a person can take them in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.ledger import service as ledger

__all__ = ["MOST", "Month", "Read", "Reads", "reads_about_me"]

MOST = 500
"""Acts that are looked at; the newest."""
YOURSELF = LocalizedText("您本人", "You")
PRODUCT = LocalizedText("通办系统", "The system")


@dataclass(frozen=True, slots=True)
class Read:
    """One line: somebody read these fields for this purpose on this day, once or several times."""

    who: LocalizedText
    unit: LocalizedText
    post: LocalizedText
    is_yourself: bool
    purpose: LocalizedText
    fields: tuple[LocalizedText, ...]
    at: datetime
    times: int
    act: int


@dataclass(frozen=True, slots=True)
class Month:
    """The lines of a month, the newest first."""

    first: date
    reads: list[Read]


@dataclass(frozen=True, slots=True)
class Reads:
    """What the page shows; ``years`` are all in which somebody read, ``is_cut`` says that there are more than are shown."""

    months: list[Month]
    years: list[int]
    year: int | None
    is_cut: bool


def reads_about_me(actor: Actor, *, year: int | None = None) -> Reads:
    """Return who read about the actor, or about the entity that the actor acts for. One query for the acts, whatever
    their number.
    """
    acts = [act for key in ledger.keys_of_actor(actor)[:1] for act in ledger.reads_about(key, limit=MOST + 1)]
    shown = sorted(acts[:MOST], key=lambda act: act.at, reverse=True)
    years = sorted({local_date(act.at).year for act in shown}, reverse=True)
    chosen = [act for act in shown if year is None or local_date(act.at).year == year]
    labels = ledger.label_fields(field for act in chosen for field in act.fields)
    months: dict[date, dict[object, Read]] = {}
    for act in chosen:
        day = local_date(act.at)
        lines = months.setdefault(day.replace(day=1), {})
        same = (day, act.account_id, act.post, act.unit, act.reason, act.fields)
        known = lines.get(same)
        lines[same] = _read(act, labels, actor.person_id, known)
    return Reads(
        months=[Month(first, list(lines.values())) for first, lines in months.items()],
        years=years,
        year=year,
        is_cut=len(acts) > MOST,
    )


def _read(act: ledger.ActRow, labels: dict[str, LocalizedText], me: UUID | None, known: Read | None) -> Read:
    is_me = act.person_id is not None and act.person_id == me and act.role != "official"
    return Read(
        who=YOURSELF if is_me else PRODUCT if act.is_system else act.who,
        unit=act.unit,
        post=act.post,
        is_yourself=is_me,
        purpose=ledger.label_of_purpose(act.reason),
        fields=tuple(_in_order(labels[field] for field in act.fields)),
        at=known.at if known else act.at,
        times=known.times + 1 if known else 1,
        act=known.act if known else act.id,
    )


def _in_order(labels: Iterable[LocalizedText]) -> list[LocalizedText]:
    return list(dict.fromkeys(labels))
