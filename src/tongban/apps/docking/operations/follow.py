"""Following the ledger: every act that the standard knows becomes a record in the queue of every destination, once.

The ledger holds every act of every case, in the transaction of the act, and can be read from a place on without missing one
(``ledger.follow_acts``). So nothing has to be announced for docking, no act can be forgotten, and a destination that was switched
off for a week goes on where it stopped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction

from tongban.apps.docking import rules
from tongban.apps.docking.making import Cases, Draft, case_ref, cases_of, make, rules_for
from tongban.apps.docking.models import Destination, Passed, Record, Trace
from tongban.apps.docking.standard import tables, violations
from tongban.base import published
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date
from tongban.kernel.ledger import service as ledger

__all__ = ["AT_ONCE", "digest_of", "fill", "follow", "idempotency_of", "pass_by"]

log = structlog.get_logger(__name__)
AT_ONCE = 200
"""Acts looked at in one go."""
FIRST = "application"
"""With this table begins what is told of a case."""


def follow(*, destination_id: int, at: datetime, limit: int = AT_ONCE) -> int:
    """Put what happened since into the queue of a destination; return how many acts were looked at.

    Records are made first, with nothing locked: making them takes its time, and a long transaction would hold up the sealing of
    the ledger. Then, in one short transaction, place and records are written together, so an act becomes its records once,
    whenever the process dies; whoever comes second finds that the place has moved, and throws away what it made.
    """
    destination = Destination.objects.filter(pk=destination_id, is_active=True).first()
    if destination is None:
        return 0
    place = (destination.at_xid, destination.at_act)
    acts = ledger.follow_acts(place, limit=limit)
    if not acts:
        return 0
    passed = dict(Passed.objects.filter(xid__in={act.xid for act in acts}).values_list("xid", "last_act"))
    if acts[0].id <= passed.get(acts[0].xid, 0):
        _jump(destination, acts[0].xid, passed[acts[0].xid])
        return len(acts)
    acts = list(takewhile(lambda act: act.id > passed.get(act.xid, 0), acts))
    with published.scope():
        made = _make(acts, destination)
    with transaction.atomic():
        locked = Destination.objects.select_for_update(skip_locked=True).filter(pk=destination_id).first()
        if locked is None or (locked.at_xid, locked.at_act) != place:
            return 0
        records = []
        for sequence, (act, draft) in enumerate(made, start=locked.last_sequence + 1):
            records.append(_record(locked, act, draft, sequence, at))
        Record.objects.bulk_create(records)
        Trace.objects.bulk_create([Trace(record=one, at=at, what=_what(one)) for one in records])
        locked.at_xid, locked.at_act = acts[-1].xid, acts[-1].id
        locked.last_sequence += len(records)
        locked.save(update_fields=["at_xid", "at_act", "last_sequence"])
    return len(acts)


def pass_by(*, xid: int, last_act: int, at: datetime) -> None:
    """Let no act of this transaction be told to anybody: it put made-up cases there. In the caller's transaction, so that no
    round comes in between. What happens to such a case afterwards is not told either, since its application was not.
    """
    Passed.objects.create(xid=xid, last_act=last_act, at=at)


def fill(record: Record, draft: Draft, destination: Destination) -> None:
    """Write content, digest, faults and the state that follows from them into a record."""
    found = violations(tables()[draft.table], draft.content, destination.setting("widths"))
    record.content = draft.content
    record.digest = digest_of(draft.table, draft.content)
    record.idempotency = idempotency_of(destination, record)
    record.faults = [one.as_json() for one in found]
    record.state = rules.INVALID if found else rules.WAITING


def digest_of(table: str, content: Any) -> str:
    """Return the digest of a record, the same whatever form it is sent in."""
    return ledger.digest({"table": table, "record": content}, settings.TONGBAN_DIGEST)


def idempotency_of(destination: Destination, record: Record) -> str:
    """Return the key by which the other side lets this content of this record have one effect."""
    parts = (destination.uid, record.act_id, record.table, record.key, record.digest)
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:40]


def _jump(destination: Destination, xid: int, act: int) -> None:
    """Go to the last act of a transaction that is passed by, unless another round has moved the place meanwhile."""
    here = Destination.objects.filter(
        pk=destination.pk, at_xid=destination.at_xid, at_act=destination.at_act, is_active=True
    )
    here.update(at_xid=xid, at_act=act)


def _make(acts: Sequence[ledger.ActRow], destination: Destination) -> list[tuple[ledger.ActRow, Draft]]:
    """Make the records of acts, with the cases and what was told of them read at once."""
    fitting = {act.id: rules for act in acts if (rules := rules_for(act, destination.wants))}
    acts = [act for act in acts if act.id in fitting]
    cases = _read(acts)
    told = _told(acts, cases, destination)
    made = []
    for act in acts:
        ref = case_ref(act)
        if told is not None and ref not in told and not any(rule.begins for rule in fitting[act.id]):
            continue
        drafts = _drafts(act, destination, cases)
        if told is not None and any(draft.table in ("", FIRST) for draft in drafts):
            told.add(ref)
        made += [(act, draft) for draft in drafts]
    return made


def _read(acts: Sequence[ledger.ActRow]) -> Cases | None:
    """Return the cases of acts; None when one of them cannot be read: then each act finds out for itself."""
    try:
        with transaction.atomic():
            return cases_of(acts)
    except DatabaseError:
        raise
    except Exception as error:
        log.warning("docking.cases_not_read", error=type(error).__name__)
        return None


def _told(acts: Sequence[ledger.ActRow], cases: Cases | None, destination: Destination) -> set[str] | None:
    """Return the cases of whose application the destination was told; None when it wants no applications, so is told all.

    What is told of a case begins with its application: a platform refuses an acceptance or a result of a case of which it never
    heard. So nothing is told of cases that another system began, that were there before the destination, or that are made up.
    """
    if not destination.wants(FIRST):
        return None
    refs = {case_ref(act) for act in acts}
    there = Record.objects.filter(destination=destination)
    if cases is None:
        return set(there.filter(subject__in=refs, table__in=("", FIRST)).values_list("subject", flat=True))
    numbers = [case.number for ref, case in cases.items() if ref in refs and case.number]
    told = there.filter(case_number__in=numbers, table=FIRST)
    # One that could not be made has neither number nor table yet, and holds back what follows.
    unmade = there.filter(subject__in=refs, table="").exclude(state__in=[rules.ACCEPTED, rules.SKIPPED])
    return set(told.values_list("subject", flat=True).union(unmade.values_list("subject", flat=True)))


def _drafts(act: ledger.ActRow, destination: Destination, cases: Cases | None) -> list[Draft]:
    """Make the records of an act. One that cannot be made stands in the list with its reason; the others go on.

    Trouble of the database is no fault of the act: then the whole round fails, and the next one begins at the same place.
    """
    try:
        with transaction.atomic():
            return make(act, destination.wants, cases)
    except DatabaseError:
        raise
    except Exception as error:
        log.warning("docking.record_not_made", act=act.id, verb=act.verb, error=type(error).__name__)
        return [Draft("", f"act/{act.id}", act.subject, {"error": type(error).__name__})]


def _record(
    destination: Destination, act: ledger.ActRow, draft: Draft, sequence: int, at: datetime
) -> Record:
    record = Record(
        destination=destination,
        sequence=sequence,
        table=draft.table,
        key=draft.key,
        subject=str(draft.subject),
        case_number=draft.case_number,
        act_id=act.id,
        day=local_date(act.at),
        next_at=at,
        made_at=at,
    )
    if draft.table:
        fill(record, draft, destination)
    else:
        _fail(record, draft, destination)
    return record


def _fail(record: Record, draft: Draft, destination: Destination) -> None:
    words = T(
        f"记录没有生成（{draft.content['error']}）",
        f"The record could not be made ({draft.content['error']})",
    )
    record.content, record.digest, record.state = {}, digest_of("", {}), rules.INVALID
    record.idempotency = idempotency_of(destination, record)
    record.faults = [{"place": "", "name": "", "message": words.as_json()}]


def _what(record: Record) -> str:
    return "invalid" if record.state == rules.INVALID else "made"
