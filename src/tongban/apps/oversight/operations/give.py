"""Giving a card: a case of its own, whose process is the notice, the plea and the decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.urls import reverse

from tongban.apps.oversight import events, words
from tongban.apps.oversight.duties import ANSWER, SUPERVISE
from tongban.apps.oversight.models import Card
from tongban.apps.oversight.operations.find import Finding
from tongban.apps.oversight.rules import WARNING, choose_supervisor
from tongban.base import outbox, work
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages

__all__ = ["KIND", "PROCESS", "WATCH", "give_card", "people_of_unit", "supervisor_of", "tell"]

KIND = "oversight-card"
PROCESS = "oversight-card"
WATCH = Actor.system("oversight")
MANY = 20
"""No more people are told of one card: a unit that names nobody who answers does not fill everybody's box."""


def give_card(*, finding: Finding, at: datetime) -> Card | None:
    """Give a card for a finding, once; return None when there is one already, or nobody supervises.

    The unit, whoever had the step in hands and (yellow, red) the supervising unit are told; the steps of the process have their
    limits as clocks.
    """
    rule = finding.rule
    unit = identity.unit_in_charge(finding.unit_id)
    supervisor = supervisor_of(unit)
    if supervisor is None or Card.objects.filter(rule_key=rule.key, occasion=finding.occasion).exists():
        return None
    try:
        with work.unit(savepoint=True):
            return _give(finding, unit, supervisor, at)
    except IntegrityError:  # another worker found the same
        if Card.objects.filter(rule_key=rule.key, occasion=finding.occasion).exists():
            return None
        raise


def supervisor_of(unit_id: int) -> int | None:
    """Return the unit that decides about cards of this one, None where no post has the duty."""
    competent = {unit.pk for unit in identity.units_with_duty(SUPERVISE)}
    above, parent = [], identity.get_unit(unit_id).parent_id
    while parent is not None and parent not in above:
        above.append(parent)
        parent = identity.get_unit(parent).parent_id
    return choose_supervisor(unit_id, above, competent)


def people_of_unit(unit_id: int, person_id: UUID | None, about: Any, *, at: datetime) -> list[UUID]:
    """Return who is told in the unit: who had it in hands, who answers for the unit, else who supervises such cases there."""
    answering = identity.people_with_duty(unit_id, ANSWER, at)
    if not answering:
        supervisors = cases.kind_of(about).supervisors
        answering = supervisors(about, at) if supervisors else []
    return list(dict.fromkeys([*([person_id] if person_id else []), *answering]))[:MANY]


def tell(card: Card, template: str, people: list[UUID], *, at: datetime, **more: Any) -> None:
    """Send the same message about a card to these people."""
    for person in people:
        messages.send(
            to_person=person,
            template=template,
            context={
                "number": card.case.number,
                "rule": card.rule_name,
                "about": card.about.number,
                **more,
            },
            occasion=card.case.ref,
            link=reverse("cases:case", args=[card.case.number]),
            at=at,
        )


def _give(finding: Finding, unit: int, supervisor: int, at: datetime) -> Card:
    rule, about = finding.rule, finding.case
    level = words.LEVELS[rule.level]
    case = cases.open_case(
        actor=WATCH,
        kind=KIND,
        title=LocalizedText(zh="{level}：{rule}", en="{level}: {rule}").format(level=level, rule=rule.name),
        subject=about.ref,
        unit_id=unit,
        parties=[],
        at=at,
    )
    card = Card(
        case=case,
        rule_key=rule.key,
        rule_version=rule.version,
        rule_name=rule.name,
        source=rule.source,
        says=finding.says,
        level=rule.level,
        about=about,
        occasion=finding.occasion,
        unit_id=unit,
        supervisor_id=supervisor,
        person_id=finding.person_id,
        given_at=at,
        state="told" if rule.level == WARNING else "pleading",
    )
    work.add(card)
    answerer = _answerer(unit)
    duty = identity.holder_id("duty", f"{supervisor}:{SUPERVISE}")
    for holder in (answerer, duty):
        cases.give_access(case=case, holder_id=holder, right="view", at=at)
    case, _ = cases.submit_case(
        actor=WATCH,
        case_id=case.pk,
        definition_key=PROCESS,
        vars={"level": rule.level, "answerer": answerer, "supervisor": supervisor},
        facts={"rule": rule.key, "level": rule.level},
        at=at,
    )
    ledger.record(
        actor=WATCH,
        verb="oversight.give_card",
        subject=case.ref,
        case=str(about.ref),
        facts={
            "card": case.number,
            "level": rule.level,
            "rule": rule.name.as_json(),
            "version": rule.version,
        },
        at=at,
    )
    outbox.announce(events.GIVEN, case.ref, at=at, rule=rule.key, level=rule.level, about=str(about.pk))
    people = people_of_unit(unit, finding.person_id, about, at=at)
    if rule.level != WARNING:
        people = list(dict.fromkeys([*people, *identity.people_with_duty(supervisor, SUPERVISE, at)]))
    tell(card, "oversight.given", people, at=at, level=level, says=finding.says)
    return card


def _answerer(unit: int) -> int:
    """Return the holder that answers for a unit: its posts with the duty, or, where there is none, everybody in it."""
    if unit in {each.pk for each in identity.units_with_duty(ANSWER)}:
        return identity.holder_id("duty", f"{unit}:{ANSWER}")
    return identity.holder_id("unit", unit)
