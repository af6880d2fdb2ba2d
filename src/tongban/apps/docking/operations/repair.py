"""What a person does about records that cannot go on: send again, leave out. Each has a reason and is an act."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from tongban.apps.docking import rules
from tongban.apps.docking.errors import NothingToDo, ReasonMissing, RecordNotFound
from tongban.apps.docking.making import make
from tongban.apps.docking.models import Record, Trace
from tongban.apps.docking.operations.destinations import DUTY, find_destination
from tongban.apps.docking.operations.follow import fill
from tongban.base.actor import Actor
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["resend", "resend_all", "resend_missing", "skip"]

SKIPPABLE = rules.TROUBLE | {rules.WAITING}
ALL_AT_ONCE = 200


@transaction.atomic
def resend(*, actor: Actor, record_id: int, reason: str, at: datetime) -> Record:
    """Let a record be sent again. Raises Forbidden, ReasonMissing, RecordNotFound, NothingToDo.

    What was refused or violates the standard is made anew from the case as it stands now: somebody has put it right.
    What may have arrived (no answer was ever understood) is sent as it was, under the same key, so that it has its
    effect once.
    """
    _allow(actor, reason)
    record = _locked(record_id)
    if record.state not in rules.TROUBLE:
        raise NothingToDo(state=record.state)
    _again(record, actor, reason, at)
    _record(actor, "docking.resend", record, reason, at)
    return record


@transaction.atomic
def skip(*, actor: Actor, record_id: int, reason: str, at: datetime) -> Record:
    """Leave a record out for good; what follows about the same thing is no longer held back. Raises as ``resend``."""
    _allow(actor, reason)
    record = _locked(record_id)
    if record.state not in SKIPPABLE:
        raise NothingToDo(state=record.state)
    record.state, record.reason = rules.SKIPPED, reason.strip()[:300]
    record.save(update_fields=["state", "reason"])
    Trace.objects.create(record=record, at=at, what="skipped", text=record.reason, by=actor.signs_as)
    _record(actor, "docking.skip", record, reason, at)
    return record


@transaction.atomic
def resend_all(*, actor: Actor, key: str, state: str, reason: str, at: datetime) -> int:
    """Let all records of a destination in one state of trouble be sent again, at most ``ALL_AT_ONCE``; return how many."""
    _allow(actor, reason)
    destination = find_destination(key)
    if state not in rules.TROUBLE:
        raise NothingToDo(state=state)
    records = list(
        Record.objects.select_for_update()
        .filter(destination=destination, state=state)
        .order_by("sequence")[:ALL_AT_ONCE]
    )
    for one in records:
        _again(one, actor, reason, at)
    facts = {"state": state, "records": len(records)}
    ledger.record(
        actor=actor,
        verb="docking.resend_all",
        subject=destination.ref,
        reason=reason.strip()[:300],
        facts=facts,
        at=at,
    )
    return len(records)


@transaction.atomic
def resend_missing(*, actor: Actor, key: str, day: date, ids: list[int], reason: str, at: datetime) -> int:
    """Send records again that the other side says it does not have; the same content under the same key. Return how many."""
    _allow(actor, reason)
    destination = find_destination(key)
    records = list(
        Record.objects.select_for_update()
        .filter(destination=destination, day=day, pk__in=ids, state__in=[rules.ACCEPTED, rules.SENT])
        .order_by("sequence")
    )
    for one in records:
        if one.content is None:
            _make_anew(one)
        one.state = rules.WAITING if one.state != rules.INVALID else one.state
        one.attempts, one.next_at = 0, at
        one.save()
        Trace.objects.create(record=one, at=at, what="resent", text=reason.strip()[:300], by=actor.signs_as)
    facts = {"day": day.isoformat(), "records": len(records)}
    ledger.record(
        actor=actor, verb="docking.resend_missing", subject=destination.ref, reason=reason.strip()[:300], facts=facts,
        at=at,
    )  # fmt: skip
    return len(records)


def _again(record: Record, actor: Actor, reason: str, at: datetime) -> None:
    if record.state in (rules.REFUSED, rules.INVALID):
        _make_anew(record)
    else:
        record.state = rules.WAITING
    record.attempts, record.next_at, record.reason = 0, at, ""
    record.answered_at, record.receipt = None, ""
    record.save()
    Trace.objects.create(record=record, at=at, what="resent", text=reason.strip()[:300], by=actor.signs_as)
    if record.state == rules.INVALID:
        Trace.objects.create(record=record, at=at, what="invalid")


def _make_anew(record: Record) -> None:
    """Make a record from its act once more. When that cannot be done it keeps what it has."""
    destination = record.destination
    acts = ledger.search_acts(ledger.ActFilter(), before=record.act_id + 1, limit=1)
    drafts = make(acts[0], destination.wants) if acts and acts[0].id == record.act_id else []
    wanted = [one for one in drafts if record.table in ("", one.table)]
    if not wanted:
        if record.content is None:
            raise NothingToDo(state=record.state)
        record.state = rules.INVALID if record.faults else rules.WAITING
        return
    draft = wanted[0]
    record.table, record.key, record.case_number = draft.table, draft.key, draft.case_number
    fill(record, draft, destination)


def _allow(actor: Actor, reason: str) -> None:
    identity.require_duty(actor, DUTY)
    if not reason.strip():
        raise ReasonMissing(errors=[{"field": "reason", "message": ReasonMissing.title.as_json()}])


def _locked(record_id: int) -> Record:
    found = (
        Record.objects.select_for_update(of=("self",))
        .select_related("destination")
        .filter(pk=record_id)
        .first()
    )
    if found is None:
        raise RecordNotFound
    return found


def _record(actor: Actor, verb: str, record: Record, reason: str, at: datetime) -> None:
    ledger.record(
        actor=actor,
        verb=verb,
        subject=record.ref,
        reason=reason.strip()[:300],
        facts={"destination": record.destination.key, "table": record.table, "sequence": record.sequence},
        at=at,
    )
