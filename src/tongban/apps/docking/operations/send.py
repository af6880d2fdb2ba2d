"""Sending: take records in order, hand them over, write down what became of them.

Nothing is sent while a row is locked. A record is claimed first (state, package and lease are committed), then handed
over, then its outcome is written. Whoever dies in between leaves a claimed record: when its lease is over it is
looked up at the destination (a package that appeared is not written a second time) or sent again under the same
idempotency key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

import structlog
from django.db import connection, transaction

from tongban.apps.docking import rules
from tongban.apps.docking.models import Destination, Record, Trace
from tongban.apps.docking.operations.receipts import apply_receipts
from tongban.apps.docking.rendering import Envelope, render
from tongban.apps.docking.standard import tables
from tongban.apps.docking.transports import Answer, Parcel, TransportFailed, transport_of
from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["PURPOSE", "recover", "send"]

log = structlog.get_logger(__name__)
PURPOSE = "docking.provide"
MARGIN = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(minutes=15)
FIRST_PAUSE = timedelta(seconds=15)

CLAIM = """
    SELECT r.id FROM docking_record r
    WHERE r.destination_id = %(destination)s AND r.state = 'waiting' AND r.next_at <= %(at)s
      AND NOT EXISTS (
        SELECT 1 FROM docking_record e
        WHERE e.destination_id = r.destination_id AND e.subject = r.subject AND e.sequence < r.sequence
          AND (e.state IN ('sending', 'invalid', 'refused', 'dead')
               OR (e.state = 'waiting' AND e.next_at > %(at)s) OR (e.state = 'sent' AND %(one_by_one)s)))
    ORDER BY r.sequence LIMIT %(limit)s FOR UPDATE OF r SKIP LOCKED
"""
"""The next records whose turn it is. One that waits for a person or for its next try holds back what follows
about the same thing.
"""


def send(*, destination_id: int, at: datetime) -> int:
    """Hand over the records whose turn it is, one package at most; return how many have gone."""
    claimed = _claim(destination_id, at)
    if claimed is None:
        return 0
    destination, name, records = claimed
    transport = transport_of(destination)
    batches = [[one] for one in records] if transport.one_by_one else [records]
    gone, stuck, is_away = 0, set[str](), False
    for batch in batches:
        if is_away or batch[0].subject in stuck:
            _release(batch, at)
            continue
        try:
            answers = transport.send(name, [_parcel(one, destination) for one in batch])
        except TransportFailed as failure:
            stuck.add(batch[0].subject)
            is_away = failure.is_away
            _failed(destination, batch, failure, at)
        else:
            gone += len(batch)
            _gone(destination, batch, answers, at)
            if transport.one_by_one and not _is_accepted(answers[0]):
                stuck.add(batch[0].subject)
    if gone and not is_away:
        _reached(destination, at)
    return gone


def recover(*, destination_id: int, at: datetime) -> int:
    """Decide about records whose sender died: gone when their package is there, otherwise sent again. Return how many."""
    expired = Record.objects.filter(destination_id=destination_id, state=rules.SENDING, claimed_until__lt=at)
    names = list(expired.values_list("package", flat=True).distinct())
    if not names:
        return 0
    transport = transport_of(Destination.objects.get(pk=destination_id))
    found = 0
    for name in names:
        there = transport.arrived(name)
        with transaction.atomic():
            left = list(expired.filter(package=name).select_for_update())
            for one in left:
                one.state, one.claimed_until = (rules.SENT if there else rules.WAITING), None
                one.sent_at, one.next_at = (at if there else one.sent_at), at
                one.save(update_fields=["state", "claimed_until", "sent_at", "next_at"])
            Trace.objects.bulk_create(
                [Trace(record=one, at=at, what="sent" if there else "recovered", text=name) for one in left]
            )
        found += len(left)
    return found


def _claim(destination_id: int, at: datetime) -> tuple[Destination, str, list[Record]] | None:
    """Claim the next records; None when there are none, when somebody else is at it, or when the other side is away."""
    with transaction.atomic():
        found = Destination.objects.select_for_update(skip_locked=True).filter(
            pk=destination_id, is_active=True
        )
        destination = found.first()
        if destination is None or (destination.retry_at is not None and destination.retry_at > at):
            return None
        transport = transport_of(destination)
        limit = 1 if destination.failures else destination.setting("batch")
        with connection.cursor() as cursor:
            cursor.execute(
                CLAIM,
                {"destination": destination.pk, "at": at, "limit": limit, "one_by_one": transport.one_by_one},
            )
            ids = [row[0] for row in cursor.fetchall()]
        records = list(Record.objects.filter(pk__in=ids).order_by("sequence"))
        if not records:
            return None
        for one in records:
            one.attempts += 1
        name = _name(records)
        lease = at + timedelta(seconds=destination.setting("timeout")) * len(records) + MARGIN
        for one in records:
            one.state, one.package, one.claimed_until = rules.SENDING, name, lease
        Record.objects.bulk_update(records, ["state", "package", "claimed_until", "attempts"])
        _write_provisions(destination, records, at)
    return destination, name, records


def _name(records: Sequence[Record]) -> str:
    """Name a package after what is in it and which try it is: the same try has the same name."""
    told = "\n".join(f"{one.idempotency} {one.attempts}" for one in records)
    short = hashlib.sha256(told.encode()).hexdigest()[:12]
    return f"{records[0].sequence:012d}-{records[-1].sequence:012d}-{short}"


def _write_provisions(destination: Destination, records: Sequence[Record], at: datetime) -> None:
    """Providing personal data to others is an act a record, committed before it happens; the person finds it among who read
    about her.
    """
    fields = {
        one.pk: _personal(one) for one in records if one.attempts == 1 and one.subject.startswith("case:")
    }
    providing = [one for one in records if fields.get(one.pk)]
    found = cases.find_cases({_case_of(one) for one in providing}) if providing else []
    parties = {case.pk: list(case.parties.all()) for case in found}
    keys = cache(identity.keys_of)
    with work.unit():
        for one in providing:
            about = [
                key
                for party in parties.get(_case_of(one), ())
                for key in keys(party.person_id, party.entity_id)
            ]
            ledger.record_read(
                actor=Actor.system("docking"),
                subject=Ref.to("destination", destination.key),
                about=about,
                purpose=PURPOSE,
                fields=fields[one.pk],
                at=at,
            )


def _personal(record: Record) -> list[str]:
    """Return the fields of a record that hold something about a person."""
    return [code for code in tables()[record.table].personal if (record.content or {}).get(code)]


def _case_of(record: Record) -> UUID:
    return UUID(record.subject.partition(":")[2])


def _parcel(record: Record, destination: Destination) -> Parcel:
    day = record.day.strftime("%Y%m%d")
    envelope = Envelope(record.table, record.idempotency, record.sequence, day, record.digest)
    body = render(envelope, record.content or {}, destination.style)
    return Parcel(record.idempotency, record.sequence, record.table, day, record.digest, body)


def _gone(destination: Destination, batch: Sequence[Record], answers: Sequence[Answer], at: datetime) -> None:
    receipts = [answer.receipt for answer in answers if answer.receipt is not None]
    with transaction.atomic():
        mine = Record.objects.filter(
            pk__in=[one.pk for one in batch], state=rules.SENDING, package=batch[0].package
        )
        ids = set(mine.select_for_update().values_list("pk", flat=True))
        Record.objects.filter(pk__in=ids).update(state=rules.SENT, sent_at=at, claimed_until=None, reason="")
        Trace.objects.bulk_create(
            [Trace(record=one, at=at, what="sent", text=one.package) for one in batch if one.pk in ids]
        )
        if receipts:
            apply_receipts(destination=destination, receipts=receipts, at=at)


def _is_accepted(answer: Answer) -> bool:
    return answer.receipt is not None and answer.receipt.said == rules.ACCEPTED


def _failed(
    destination: Destination, batch: Sequence[Record], failure: TransportFailed, at: datetime
) -> None:
    """Write a failure down: against the record, or, when the other side is away, against the destination."""
    why = str(failure)[:200]
    log.warning("docking.not_sent", destination=destination.key, records=len(batch), why=why)
    most = destination.setting("attempts")
    with transaction.atomic():
        for one in _still_mine(batch):
            if failure.is_away:
                one.attempts -= 1
                one.state, one.next_at = rules.WAITING, at
            else:
                wait = rules.after_failure(one.attempts, most, failure.retry_after)
                one.state, one.next_at = (rules.DEAD, at) if wait is None else (rules.WAITING, at + wait)
            one.claimed_until, one.reason = None, why
            one.save(update_fields=["state", "attempts", "next_at", "claimed_until", "reason"])
            Trace.objects.create(
                record=one, at=at, what="dead" if one.state == rules.DEAD else "failed", text=why
            )
        if failure.is_away:
            _pause(destination, why, failure.retry_after, at)
        else:
            Destination.objects.filter(pk=destination.pk).update(tried_at=at, trouble=why)


def _pause(destination: Destination, why: str, retry_after: float | None, at: datetime) -> None:
    locked = Destination.objects.select_for_update().get(pk=destination.pk)
    locked.failures += 1
    pause = min(FIRST_PAUSE * 2 ** min(locked.failures - 1, 10), LONGEST_PAUSE)
    locked.retry_at = at + max(pause, timedelta(seconds=min(retry_after or 0, 3600)))
    locked.tried_at, locked.trouble = at, why
    locked.save(update_fields=["failures", "retry_at", "tried_at", "trouble"])


def _reached(destination: Destination, at: datetime) -> None:
    Destination.objects.filter(pk=destination.pk).update(
        tried_at=at, reached_at=at, failures=0, retry_at=None, trouble=""
    )


def _release(batch: Sequence[Record], at: datetime) -> None:
    """Give records back that were not tried after all."""
    with transaction.atomic():
        for one in _still_mine(batch):
            one.state, one.claimed_until, one.next_at, one.attempts = (
                rules.WAITING,
                None,
                at,
                one.attempts - 1,
            )
            one.save(update_fields=["state", "claimed_until", "next_at", "attempts"])


def _still_mine(batch: Sequence[Record]) -> list[Record]:
    """Return the records that are still claimed by this package, locked: a receipt may have overtaken us."""
    mine = Record.objects.filter(
        pk__in=[one.pk for one in batch], state=rules.SENDING, package=batch[0].package
    )
    return list(mine.select_for_update().order_by("sequence"))
