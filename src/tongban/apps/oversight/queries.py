"""Reads of cards: the list over all units, what stands on a card's page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from tongban.apps.oversight import words
from tongban.apps.oversight.errors import CardNotFound
from tongban.apps.oversight.models import Card, Inspection
from tongban.apps.oversight.operations.evidence import ROLE, may_add_evidence
from tongban.apps.oversight.operations.put_rule import rules_in_force
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL
from tongban.design.paging import Page, paginate
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files
from tongban.kernel.identity import service as identity

__all__ = [
    "CardFilter",
    "CardRow",
    "InspectionRow",
    "RuleRow",
    "card_case",
    "cells_of",
    "inspections_of",
    "list_cards",
    "list_rules",
    "panel_context",
]

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class CardFilter:
    """Which cards: "" and None leave everything in. ``since`` and ``until`` are days, both included."""

    level: str = ""
    state: str = ""
    rule: str = ""
    unit_id: int | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card as lists show it."""

    number: str
    level: str
    level_label: LocalizedText
    tone: str
    rule: LocalizedText
    says: LocalizedText
    source: LocalizedText
    about: str
    unit: LocalizedText
    supervisor: LocalizedText
    given_at: datetime
    state: str
    state_label: LocalizedText
    is_escalated: bool
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as the list of rules shows it."""

    key: str
    version: int
    name: LocalizedText
    level: LocalizedText
    tone: str
    source: LocalizedText
    origin: LocalizedText
    is_active: bool


@dataclass(frozen=True, slots=True)
class InspectionRow:
    """What I have open as an inspector."""

    number: str
    reason: str
    until: datetime


def list_cards(wanted: CardFilter, *, page: int = 1, size: int = PAGE_SIZE) -> Page[CardRow]:
    """Return a page of the cards of all units, the newest first. One query."""
    found = paginate(_cards(wanted), number=page, size=size)
    return Page([_row(card) for card in found], found.number, found.has_next)


def list_rules() -> list[RuleRow]:
    """Return the rules in force, the gravest first."""
    order = {level: n for n, level in enumerate(("red", "yellow", "warning"))}
    return [
        RuleRow(
            rule.key,
            rule.version,
            rule.name,
            words.LEVELS[rule.level],
            words.TONES[rule.level],
            rule.source,
            words.ORIGINS[rule.origin],
            rule.is_active,
        )
        for rule in sorted(rules_in_force(), key=lambda rule: order[rule.level])
    ]


def inspections_of(actor: Actor, *, at: datetime) -> list[InspectionRow]:
    """Return the cases that this inspector's post has open now, the newest first."""
    if actor.post_id is None:
        return []
    holder = identity.holder_id("post", actor.post_id)
    mine = Inspection.objects.filter(holder_id=holder, ended_at=None, until__gt=at).select_related("case")
    latest: dict[str, InspectionRow] = {}
    for row in mine.order_by("-at")[:50]:
        number = row.case.number or ""
        latest.setdefault(number, InspectionRow(number, row.reason, row.until))
    return list(latest.values())


def card_case(number: str) -> Any:
    """Return the case of a card. Raises CardNotFound. Who may see it is the caller's question."""
    card = Card.objects.select_related("case").filter(case__number=number).first()
    if card is None:
        raise CardNotFound
    return card.case


def panel_context(case: Any, actor: Actor, at: datetime) -> Mapping[str, Any] | None:
    """Return what stands on the page of a card: the rule and its source, what was found, plea, evidence and decision."""
    card = Card.objects.select_related("case", "about", "unit", "supervisor").filter(pk=case.pk).first()
    if card is None:
        return None
    return {
        "card": card,
        "number": case.number,
        "row": _row(card),
        "may_open": cases.may_see_inside(actor, card.about),
        "may_inspect": "oversight.inspect" in actor.duties,
        "evidence": files.files_of(case.ref, role=ROLE),
        "may_add": may_add_evidence(actor, case),
    }


def _cards(wanted: CardFilter) -> QuerySet[Card]:
    cards = Card.objects.select_related("case", "about", "unit", "supervisor").order_by("-given_at", "-pk")
    exact = {"level": wanted.level, "state": wanted.state, "rule_key": wanted.rule, "unit_id": wanted.unit_id}
    cards = cards.filter(**{name: value for name, value in exact.items() if value})
    if wanted.since is not None:
        cards = cards.filter(given_at__gte=_midnight(wanted.since))
    if wanted.until is not None:
        cards = cards.filter(given_at__lt=_midnight(wanted.until + timedelta(days=1)))
    return cards


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, LOCAL)


def _row(card: Card) -> CardRow:
    return CardRow(
        number=card.case.number or "",
        level=card.level,
        level_label=words.LEVELS[card.level],
        tone=words.TONES[card.level],
        rule=card.rule_name,
        says=card.says,
        source=card.source,
        about=card.about.number or "",
        unit=card.unit.short_name or card.unit.name,
        supervisor=card.supervisor.short_name or card.supervisor.name,
        given_at=card.given_at,
        state=card.state,
        state_label=words.STATES[card.state],
        is_escalated=card.escalated > 0,
        decided_at=card.decided_at,
    )


def cells_of(rows: Iterable[CardRow]) -> Iterable[list[Any]]:
    """Yield the cells of an export."""
    for row in rows:
        given = row.given_at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")
        what = [row.number, row.level_label, row.rule, row.source, row.about]
        yield [*what, row.unit, given, row.state_label, row.supervisor]
