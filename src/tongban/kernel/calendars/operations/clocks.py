"""Start, pause, resume, extend and stop a clock. Each one derives the due date anew and keeps the
derivation.

What may happen to a limit is decided here and nowhere else, by the terms that the clock was started with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.statements import Statement
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL, local_date
from tongban.kernel.calendars.derive import derive
from tongban.kernel.calendars.errors import (
    ClockNotFound,
    ClockNotPaused,
    ClockNotRunning,
    ExtensionNotAllowed,
    ExtensionNotYours,
    ExtensionTooLong,
    ExtensionUsedUp,
    PauseNotAllowed,
    PausePaperNotServed,
    PausePaperWrong,
    PauseTooLong,
    PauseWithoutPaper,
)
from tongban.kernel.calendars.models import Clock, Extension, Pause
from tongban.kernel.calendars.queries import last_day_of
from tongban.kernel.calendars.registry import followers
from tongban.kernel.calendars.rules import Limit, end_of_day
from tongban.kernel.calendars.sentences import START, amount_text, start_event_text
from tongban.kernel.calendars.terms import ExtensionRule, PauseRule, Terms, longer_than
from tongban.kernel.identity import service as identity

__all__ = [
    "ServedPaper",
    "check_extension",
    "check_pause",
    "extend_clock",
    "lock_clocks",
    "note_extension_paper",
    "pause_along",
    "pause_clock",
    "resume_clock",
    "start_clock",
    "stop_clock",
    "stop_locked",
    "void_clock",
]


@dataclass(frozen=True, slots=True)
class ServedPaper:
    """The paper by which the applicant was told: what it is, of which template, and since when it is served on everybody.

    ``served_at`` is None while somebody on whom it must be served has not got it.
    """

    ref: Ref
    number: str
    template: str
    served_at: datetime | None


def start_clock(
    *,
    owner: Ref,
    key: str,
    label: LocalizedText,
    limit: Limit | str,
    started_at: datetime,
    legal_source: LocalizedText,
    confidence: str = "",
    start_event: LocalizedText | str = START,
    terms: Terms | dict[str, Any] | None = None,
    region: str = "",
    at: datetime,
) -> Clock:
    """Start a time limit that began at ``started_at``, which may lie before ``at`` (automatic acceptance:
    day of receipt).

    ``start_event`` says what started it, a key of ``sentences.START_EVENTS`` ("accepted") or words; the
    event day itself does not count. ``terms`` say what may happen to it; without them nothing stops it and nobody extends
    it. ``region`` is the division code of the place whose holidays count.
    """
    limit = Limit.parse(limit) if isinstance(limit, str) else limit
    with work.unit():
        clock = Clock(
            owner_kind=owner.kind,
            owner_id=owner.id,
            key=key,
            label=LocalizedText.of(label),
            limit_value=limit.value,
            limit_unit=limit.unit,
            legal_source=LocalizedText.of(legal_source),
            confidence=confidence,
            start_event=start_event_text(start_event),
            started_on=local_date(started_at),
            started_at=started_at,
            terms=Terms.of(terms).as_json(),
            region=region,
        )
        derive(clock, at=at, is_new=True)
        work.add(work.number(clock))
    return clock


_LOCK = Statement(
    lambda pks: Clock.objects.select_for_update().filter(pk__in=pks).order_by("pk"), pks="bigint[]"
)


def lock_clocks(*, clock_ids: Iterable[int]) -> list[Clock]:
    """Lock these clocks in the one order (their numbers) and return them."""
    wanted = set(clock_ids)
    found = _LOCK.all(pks=list(wanted))
    if len(found) != len(wanted):
        raise ClockNotFound
    return found


def check_pause(*, clock: Clock, reason: str, expected: Limit | str | None = None) -> PauseRule:
    """Return the rule by which this clock may be paused for ``reason``; the paper is checked when it is.

    Raises ClockNotRunning, PauseNotAllowed (with the article and what is allowed), PauseTooLong.
    """
    if clock.state != "running" or clock.limit_unit == "h":
        raise ClockNotRunning
    terms = Terms.of(clock.terms)
    rule = terms.pause(reason)
    if rule is None:
        raise PauseNotAllowed(_only(terms.pauses), reason=reason, allowed=[r.reason for r in terms.pauses])
    expected = _expected(rule, expected)
    if expected is not None and rule.most is not None and longer_than(expected, rule.most):
        raise PauseTooLong(
            LocalizedText(zh="最多 {most}（{article}）", en="At most {most} ({article})").format(
                most=amount_text(rule.most.value, rule.most.unit), article=LocalizedText(*rule.article)
            ),
            most=str(rule.most),
        )
    return rule


def pause_clock(
    *,
    clock_id: int,
    reason: str,
    paper: ServedPaper | None,
    expected: Limit | str | None = None,
    at: datetime,
) -> Clock:
    """Stop counting from the day after ``at``, for a reason of the clock's terms and with the paper they name.

    ``expected`` is the time of which the paper told; it counts from the day after ``at`` too, and when it is over the clock runs
    again by itself. Raises ClockNotRunning, PauseNotAllowed, PauseTooLong, PauseWithoutPaper, PausePaperWrong and
    PausePaperNotServed: the paper must be issued, be the right one, and be served by then.
    """
    with transaction.atomic():
        [clock] = lock_clocks(clock_ids=[clock_id])
        rule = check_pause(clock=clock, reason=reason, expected=expected)
        if paper is None:
            raise PauseWithoutPaper
        if paper.template != rule.paper:
            raise PausePaperWrong(wanted=rule.paper, given=paper.template)
        if paper.served_at is None or paper.served_at > at:
            raise PausePaperNotServed(number=paper.number)
        told = _expected(rule, expected)
        Pause.objects.create(
            clock=clock,
            reason_key=rule.reason,
            reason=LocalizedText(*rule.label),
            legal_source=LocalizedText(*rule.article),
            paper_ref=str(paper.ref),
            paper_number=paper.number,
            paused_at=at,
            until=last_day_of(local_date(at), told, region=clock.region) if told else None,
        )
        clock.state = "paused"
        derive(clock, at=at)
        clock.save()
        _follow(clock)
    return clock


def pause_along(*, clock_id: int, leader_id: int, at: datetime) -> Clock:
    """Let a clock without terms of its own (a step inside the office) stand still while ``leader_id`` does.

    Nobody can be late inside the office while the law holds the time still. A limit in hours runs on. Raises
    ClockNotPaused when the leader is not paused.
    """
    with transaction.atomic():
        locked = {clock.pk: clock for clock in lock_clocks(clock_ids=[clock_id, leader_id])}
        clock, leader = locked[clock_id], locked[leader_id]
        pause = leader.pauses.filter(resumed_at__isnull=True).first()
        if pause is None:
            raise ClockNotPaused
        if clock.state != "running" or clock.limit_unit == "h":
            return clock
        pause.pk, pause.clock, pause.paused_at, pause._state.adding = None, clock, at, True
        pause.save()
        clock.state = "paused"
        derive(clock, at=at)
        clock.save()
        _follow(clock)
    return clock


def resume_clock(*, clock_id: int, at: datetime) -> Clock:
    """Count again from the day after ``at``; the day of resuming is the last that does not count. Raises
    ClockNotPaused.

    Where the paper told of a last day and ``at`` lies after it, that day is the last.
    """
    with transaction.atomic():
        [clock] = lock_clocks(clock_ids=[clock_id])
        if clock.state != "paused":
            raise ClockNotPaused
        pause = clock.pauses.get(resumed_at__isnull=True)
        pause.resumed_at = min(at, end_of_day(pause.until, LOCAL)) if pause.until else at
        pause.save(update_fields=["resumed_at"])
        clock.state = "running"
        derive(clock, at=at)
        clock.save()
        _follow(clock)
    return clock


def check_extension(*, clock: Clock, by: Actor, unit_id: int | None, limit: Limit | str) -> ExtensionRule:
    """Return the rule by which ``by`` may extend this clock by ``limit``; ``unit_id`` is the unit in charge.

    Raises ClockNotRunning, ExtensionNotAllowed, ExtensionNotYours (naming the authority), ExtensionTooLong, ExtensionUsedUp.
    """
    limit = Limit.parse(limit) if isinstance(limit, str) else limit
    if clock.state == "stopped":
        raise ClockNotRunning
    rule = Terms.of(clock.terms).extension
    if rule is None or rule.limit.unit != clock.limit_unit or limit.unit != clock.limit_unit:
        raise ExtensionNotAllowed
    unit = identity.get_unit(rule.unit).pk if rule.unit else unit_id
    in_charge = None if unit is None else identity.unit_in_charge(unit)
    if not by.is_official or rule.duty not in by.duties or by.unit_id != in_charge:
        raise ExtensionNotYours(
            LocalizedText(
                zh="要由{authority}批准（{article}）", en="{authority} has to approve it ({article})"
            ).format(authority=LocalizedText(*rule.authority), article=LocalizedText(*rule.article)),
            duty=rule.duty,
        )
    if longer_than(limit, rule.limit) or limit.value == 0:
        raise ExtensionTooLong(
            LocalizedText(zh="每次最多 {most}", en="At most {most} each time").format(
                most=amount_text(rule.limit.value, rule.limit.unit)
            ),
            most=str(rule.limit),
        )
    if clock.extensions.count() >= rule.times:
        raise ExtensionUsedUp(times=rule.times)
    return rule


def extend_clock(
    *,
    clock_id: int,
    limit: Limit | str,
    by: Actor,
    unit_id: int | None,
    reason: LocalizedText,
    paper: Ref | None = None,
    paper_number: str = "",
    at: datetime,
) -> Clock:
    """Add time (in the clock's own unit), decided by the authority that the clock's terms name. Raises like
    ``check_extension``.

    The notice names the new due date, so it usually follows: ``note_extension_paper``.
    """
    limit = Limit.parse(limit) if isinstance(limit, str) else limit
    with transaction.atomic():
        [clock] = lock_clocks(clock_ids=[clock_id])
        rule = check_extension(clock=clock, by=by, unit_id=unit_id, limit=limit)
        Extension.objects.create(
            clock=clock,
            limit_value=limit.value,
            reason=LocalizedText.of(reason),
            legal_source=LocalizedText(*rule.article),
            paper_ref=str(paper) if paper else "",
            paper_number=paper_number,
            by_account=by.account_id,
            by_post=by.post_id,
            extended_at=at,
        )
        derive(clock, at=at)
        clock.save()
        _follow(clock)
    return clock


def note_extension_paper(*, clock_id: int, paper: Ref, number: str, at: datetime) -> Clock:
    """Name the notice by which the applicant was told of the last extension; the derivation names it too."""
    with transaction.atomic():
        [clock] = lock_clocks(clock_ids=[clock_id])
        last = clock.extensions.order_by("-extended_at", "-pk").first()
        if last is not None and not last.paper_ref:
            last.paper_ref, last.paper_number = str(paper), number
            last.save(update_fields=["paper_ref", "paper_number"])
            derive(clock, at=at)
            clock.save()
    return clock


def stop_clock(*, clock_id: int, at: datetime) -> Clock:
    """End the clock and write down whether the limit was met. Stopping a stopped clock changes nothing."""
    with work.unit():
        [clock] = lock_clocks(clock_ids=[clock_id])
        _stop(clock, at)
    return clock


def stop_locked(*, clocks: Iterable[Clock], at: datetime) -> None:
    """End several clocks at once, like ``stop_clock``. The caller holds them locked, taken in the order of their numbers."""
    with work.unit():
        for clock in clocks:
            _stop(clock, at)


def _stop(clock: Clock, at: datetime) -> None:
    if clock.state == "stopped":
        return
    clock.met = clock.due_at is None or at < clock.due_at + timedelta(seconds=1)
    if clock.state == "paused":
        work.update(clock.pauses.filter(resumed_at__isnull=True), resumed_at=at)
    clock.state, clock.stopped_at, clock.warn_at = "stopped", at, None
    work.change(clock, "state", "stopped_at", "met", "warn_at")


def void_clock(*, clock_id: int, at: datetime) -> Clock:
    """End a clock of which nobody shall say that it was met or missed: what it timed was undone."""
    with work.unit():
        clock = stop_clock(clock_id=clock_id, at=at)
        clock.met = None
        work.change(clock, "met")
    return clock


def _follow(clock: Clock) -> None:
    """Let those who keep this due date beside their own rows know that it moved."""
    for follow in followers:
        follow([clock.pk])


def _expected(rule: PauseRule, given: Limit | str | None) -> Limit | None:
    """The time of which the paper told; where the law sets a longest time and nothing was told, that is it."""
    if given in (None, ""):
        return rule.most
    return Limit.parse(given) if isinstance(given, str) else given  # type: ignore[return-value]


def _only(rules: Iterable[PauseRule]) -> LocalizedText:
    """Say for what this limit may stand still."""
    found = list(rules)
    if not found:
        return LocalizedText(
            zh="这个时限没有可以暂停的情形", en="There is nothing for which this limit may be paused"
        )
    return LocalizedText(
        zh=f"只有{'、'.join(rule.label[0] for rule in found)}的时间不计算在内（{found[0].article[0]}）",
        en=f"Only the time of {', '.join(rule.label[1] or rule.label[0] for rule in found)} does not count "
        f"({found[0].article[1] or found[0].article[0]})",
    )
