"""Issuing a paper: its number, its words, its service, in the transaction of the decision that it states."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import Any

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.numbering import next_in_counter
from tongban.base.outbox import announce
from tongban.base.ref import Ref
from tongban.base.statements import Statement
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL, local_date
from tongban.kernel.identity.service import get_unit, unit_in_charge
from tongban.kernel.instruments import rules
from tongban.kernel.instruments.errors import PaperDataMissing
from tongban.kernel.instruments.models import Paper, PaperTemplate
from tongban.kernel.instruments.operations.render import queue
from tongban.kernel.instruments.operations.serve import serve_new
from tongban.kernel.instruments.operations.templates import current_template
from tongban.kernel.instruments.recipients import Recipient
from tongban.kernel.ledger.service import record

__all__ = ["issue_paper", "printed_on_demand"]

_on_demand: ContextVar[bool] = ContextVar("tongban_papers_on_demand", default=False)


@contextmanager
def printed_on_demand() -> Iterator[None]:
    """Make the PDFs of all papers that are issued inside only when somebody first opens them.

    For loading the past: a year of papers need not be printed at once.
    """
    token = _on_demand.set(True)
    try:
        yield
    finally:
        _on_demand.reset(token)


_EARLIER: Statement[Paper] = Statement(
    lambda word, kind, subject: Paper.objects.filter(
        template__kind_word=word, subject_kind=kind, subject_id=subject
    ).select_related("template")
)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")


def issue_paper(
    *,
    actor: Actor,
    template: str,
    subject: Ref,
    unit_id: int,
    data: Mapping[str, Any],
    recipients: Sequence[Recipient],
    at: datetime,
    on_demand: bool = False,
) -> Paper:
    """Issue a paper of ``template`` about ``subject`` in the name of a unit and serve it on ``recipients``.

    ``data`` must hold what the template requires (else PaperDataMissing); what the template does not declare is not kept. Whether
    the actor may decide this is for the caller, who owns the subject. The signed PDF is made by a job after commit;
    with ``on_demand`` only when somebody first opens the paper (a year of past papers need not be printed at once).
    The number is taken as late as possible: call this after all other locks of the transaction. Where the template counts within
    the case (``rules.is_within_case``), nobody else waits for it, but the caller holds the lock of the subject.
    """
    with work.unit():
        chosen = current_template(template)
        missing = rules.missing_fields(chosen.fields, data)
        if missing:
            raise PaperDataMissing(template=template, fields=missing)
        paper = _numbered(
            chosen, actor=actor, subject=subject, unit_id=unit_id, data=data, recipients=recipients, at=at
        )
        record(
            actor=actor,
            verb="instruments.issue",
            subject=Ref.to("paper", paper.pk),
            at=at,
            payload=paper.data,
            case=subject,
            facts={"number": paper.number, "paper": chosen.name.as_json()},
            standing={"number": paper.number},
        )
        announce(
            "instruments.issued", Ref.to("paper", paper.pk), at=at, about=str(subject), template=chosen.key
        )
        for recipient in _once_each(recipients):
            serve_new(paper=paper, recipient=recipient, actor=actor, at=at)
        if not (on_demand or _on_demand.get()):
            queue(paper, at=at)
    return paper


def _once_each(recipients: Sequence[Recipient]) -> Iterable[Recipient]:
    """Nobody is served twice in the same way with one paper."""
    return {(each.kind, each.id, each.method): each for each in recipients}.values()


def _numbered(
    template: PaperTemplate,
    *,
    actor: Actor,
    subject: Ref,
    unit_id: int,
    data: Mapping[str, Any],
    recipients: Sequence[Recipient],
    at: datetime,
) -> Paper:
    unit = get_unit(unit_in_charge(unit_id))  # a merged unit issues nothing more: its successor does
    year = local_date(at).year
    n = _next(template, prefix=unit.prefix, subject=subject, year=year)
    number = rules.format_number(
        template.number_format,
        prefix=unit.prefix,
        kind=template.kind_word,
        year=year,
        n=n,
        case_number=str(data.get(rules.CASE_NUMBER, "")),
    )
    paper = Paper(
        template=template,
        unit=unit,
        organ=unit.name,
        number=number,
        year=year,
        n=n,
        title=template.name,
        subject_kind=subject.kind,
        subject_id=subject.id,
        recipient="、".join(dict.fromkeys(recipient.name for recipient in recipients))[:300],
        data=_in_local_time(rules.snapshot(template.fields, data)),
        issued_at=at,
        issued_by_id=actor.account_id,
        verify_code=rules.new_code(),
    )
    return work.add(paper)


def _next(template: PaperTemplate, *, prefix: str, subject: Ref, year: int) -> int:
    if not rules.is_within_case(template.number_format):
        return next_in_counter(rules.counter_key(prefix=prefix, kind=template.kind_word, year=year))
    earlier = _EARLIER.all(word=template.kind_word, kind=subject.kind, subject=subject.id)
    within = [paper.n for paper in earlier if rules.is_within_case(paper.template.number_format)]
    return max(within, default=0) + 1


def _in_local_time(value: Any) -> Any:
    """Return the data with every moment written in the county's time: a paper says the day that it was there.

    Moments come as aware datetimes or as their ISO text; everything else stays.
    """
    if isinstance(value, Mapping):
        return {key: _in_local_time(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_in_local_time(each) for each in value]
    if isinstance(value, str) and MOMENT.fullmatch(value):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, LocalizedText):
        return value.as_json()
    return value
