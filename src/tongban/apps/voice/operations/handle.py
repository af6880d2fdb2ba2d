"""What the steps of a letter's process mean. The process names these operations; each runs in the move's
transaction.

A paper is issued last, because its number is a counter row (lock order: case, ..., clock, counter).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from tongban.apps.voice import events
from tongban.apps.voice.errors import PublicationNotAgreed, UnitDoesNotAnswer
from tongban.apps.voice.models import Answer, Letter
from tongban.apps.voice.operations.publish import publish_answer
from tongban.base import outbox, work
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages
from tongban.kernel.processes import service as processes

__all__ = [
    "assign_letter",
    "close_letter",
    "decline_letter",
    "deliver_answer",
    "reopen_letter",
    "take_letter_back",
]

ANSWER = "voice.answer"
"""The duty of whoever answers letters in a unit."""


@processes.operation("voice.assign", pure_db=True)
def assign_letter(context: processes.OperationContext) -> dict[str, Any]:
    """Pass the letter on to the unit that the office chose; its limit to answer begins. Raises
    UnitDoesNotAnswer.
    """
    case, letter = _letter(context)
    chosen = _data(context, "assign")
    bureau = identity.get_unit(chosen["unit"])
    if bureau.pk not in {unit.pk for unit in identity.units_with_duty(ANSWER)}:
        raise UnitDoesNotAnswer(errors=[{"field": "unit", "message": UnitDoesNotAnswer.title.as_json()}])
    letter.bureau = bureau
    letter.complexity = chosen.get("complexity") or "general"
    work.change(letter, "bureau", "complexity")
    case.unit = bureau
    case.accepted_at = case.accepted_at or context.at
    work.change(case, "unit", "accepted_at")
    cases.stop_case_clocks(case=case, at=context.at, roles=("assignment",))
    clock = start_clock(case, letter, "answer", letter.complexity, start_event="assigned", at=context.at)
    _record(context, "voice.assign", case, unit=bureau.name.as_json(), limit=letter.complexity)
    due = calendars.day_text(clock.due_on, weekday=True)
    tell(case, letter, "letter.assigned", at=context.at, unit=bureau.name, due=due)
    return {"bureau": bureau.pk}


@processes.operation("voice.decline", pure_db=True)
def decline_letter(context: processes.OperationContext) -> None:
    """Tell the writer why the letter is not taken up and where to go instead."""
    case, letter = _letter(context)
    letter.declined_because = _data(context, "assign")["reason"]
    work.change(letter, "declined_because")
    case.decided_at = context.at
    work.change(case, "decided_at")
    cases.stop_case_clocks(case=case, at=context.at)
    _record(context, "voice.decline", case)
    tell(case, letter, "letter.declined", at=context.at)


@processes.operation("voice.take_back", pure_db=True)
def take_letter_back(context: processes.OperationContext) -> dict[str, Any]:
    """Take the letter back from a unit that is not competent; the office has its limit again to find the
    right one.
    """
    case, letter = _letter(context)
    _back_to_office(case, letter, start_event="returned", at=context.at)
    _record(context, "voice.take_back", case)
    return {"returns": context.vars.get("returns", 0) + 1}


@processes.operation("voice.deliver_answer", pure_db=True)
def deliver_answer(context: processes.OperationContext) -> None:
    """Deliver the checked answer as a paper and, when the office decided so, publish letter and answer
    masked.

    Raises PublicationNotAgreed, PersonalDataLeft: then nothing was delivered either.
    """
    case, letter = _letter(context)
    if letter.bureau is None:
        raise RuntimeError(f"letter {case.number} is answered without having been assigned")
    letter.rounds += 1
    work.change(letter, "rounds")
    answer = Answer(
        letter=letter,
        round=letter.rounds,
        unit=letter.bureau,
        text=_data(context, "answer")["text"],
        delivered_at=context.at,
    )
    work.add(answer)
    case.decided_at = context.at
    work.change(case, "decided_at")
    cases.stop_case_clocks(case=case, at=context.at)
    if context.vars.get("check") == "publish":
        if not letter.may_publish:
            raise PublicationNotAgreed
        publish_answer(
            case=case, answer=answer, data=_data(context, "check"), actor=context.actor, at=context.at
        )
    _record(context, "voice.deliver_answer", case, round=letter.rounds)
    tell(case, letter, "letter.answered", at=context.at)
    _serve(context, case, letter, answer)


@processes.operation("voice.reopen", pure_db=True)
def reopen_letter(context: processes.OperationContext) -> dict[str, Any]:
    """Take the letter up again because the writer is not satisfied; once, the process sees to that."""
    case, letter = _letter(context)
    _back_to_office(case, letter, start_event=LocalizedText(zh="要求重办", en="reopening"), at=context.at)
    _record(context, "voice.reopen", case)
    tell(case, letter, "letter.reopened", at=context.at)
    return {"reopened": context.vars.get("reopened", 0) + 1}


@processes.operation("voice.close", pure_db=True)
def close_letter(context: processes.OperationContext) -> None:
    """Close the letter: the writer is satisfied, or said nothing in time."""
    case, letter = _letter(context)
    letter.outcome = "satisfied" if context.vars.get("satisfied") == "satisfied" else "silent"
    work.change(letter, "outcome")
    cases.stop_case_clocks(case=case, at=context.at)
    _record(context, "voice.close", case, outcome=letter.outcome)
    outbox.announce(events.CLOSED, case.ref, at=context.at, outcome=letter.outcome)
    tell(case, letter, "letter.closed", at=context.at)


def start_clock(
    case: Any, letter: Letter, role: str, limit: str, *, start_event: LocalizedText | str, at: datetime
) -> Any:
    """Start one of the mailbox's clocks on a case; the limit and its source are content of the mailbox."""
    content = letter.mailbox.limits[limit]
    return cases.start_case_clock(
        case=case,
        role=role,
        label=LocalizedText.of(content["label"]),
        limit=content["limit"],
        started_at=at,
        legal_source=LocalizedText.of(content["legal_source"]),
        confidence=content.get("confidence", ""),
        start_event=start_event,
        at=at,
    )


def tell(case: Any, letter: Letter, template: str, *, at: datetime, **words: Any) -> None:
    """Send the writer a message, into the box or to the address that was left with the letter."""
    writer = next((party for party in case.parties.all() if party.role == "writer"), None)
    messages.send(
        to_person=writer.person_id if writer else None,
        to_email=letter.email or None,
        template=template,
        context={"number": case.number, "title": case.title, **words},
        occasion=case.ref,
        link=reverse("cases:track", args=[case.number]),
        at=at,
    )


def _letter(context: processes.OperationContext) -> tuple[Any, Letter]:
    case = cases.locked_case(context.owner)
    rows = Letter.objects.select_related("mailbox", "bureau")
    return case, work.hold(Letter, case.pk, lambda: rows.get(pk=case.pk))


def _data(context: processes.OperationContext, node: str) -> dict[str, Any]:
    return dict(context.vars.get("data", {}).get(node) or {})


def _back_to_office(case: Any, letter: Letter, *, start_event: LocalizedText | str, at: datetime) -> None:
    letter.bureau = None
    work.change(letter, "bureau")
    case.unit_id = letter.mailbox.office_id
    case.facts = {**case.facts, "returns": case.facts.get("returns", 0) + 1}
    work.change(case, "unit", "facts")
    cases.stop_case_clocks(case=case, at=at)
    start_clock(case, letter, "assignment", "assignment", start_event=start_event, at=at)


def _serve(context: processes.OperationContext, case: Any, letter: Letter, answer: Answer) -> None:
    """Issue the answer as a paper of the unit that answers. The writer was told already, so service sends no
    message.
    """
    writer = next((party for party in case.parties.all() if party.role == "writer"), None)
    if writer is not None and writer.person_id is not None:
        recipient = instruments.Recipient.person(writer.person_id, writer.name, notify=(), email="")
    else:
        holder = identity.holder_id("code", str(case.pk))
        recipient = instruments.Recipient.holder(holder, writer.name if writer else "", email="")
    paper = instruments.issue_paper(
        actor=context.actor,
        template=letter.mailbox.paper,
        subject=case.ref,
        unit_id=answer.unit_id,
        data={
            "letter_number": case.number,
            "letter_title": case.title.zh,
            "received_on": local_date(case.submitted_at).isoformat(),
            "answer": answer.text,
            "reopen_days": letter.mailbox.reopen_days if answer.round == 1 else None,
        },
        recipients=[recipient],
        at=context.at,
    )
    answer.paper_id = paper.pk
    work.change(answer, "paper_id")


def _record(context: processes.OperationContext, verb: str, case: Any, **facts: Any) -> None:
    ledger.record(
        actor=context.actor, verb=verb, subject=case.ref, case=str(case.ref), facts=facts, at=context.at
    )
