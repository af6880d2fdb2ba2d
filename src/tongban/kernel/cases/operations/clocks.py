"""The clocks of a case: started, tied, paused with the served paper, extended by the named authority, stopped.

Which reason stops a limit and who extends it stands in the terms that the clock was started with; ``calendars`` decides by them.
Here the paper is looked up, the clocks of one case are moved together and the act is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.statements import Statement
from tongban.base.text import LocalizedText
from tongban.kernel.calendars import service as calendars
from tongban.kernel.calendars.errors import ClockNotPaused, ClockNotRunning, PauseWithoutPaper
from tongban.kernel.cases.models import Case, CaseClock
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = [
    "STEP",
    "check_extension",
    "check_pause",
    "clock_of",
    "extend_case_clocks",
    "follow_moved_clocks",
    "keep_turn",
    "note_extension_paper",
    "pause_case_clocks",
    "resume_case_clocks",
    "start_case_clock",
    "stop_case_clocks",
    "tie_step_clock",
]

FOLLOWED = 200
"""How many cases follow moved clocks in one transaction."""
STEP = "step"
"""The role of the clock of one step: inside the office, without terms of its own."""


def start_case_clock(
    *,
    case: Case,
    role: str,
    label: LocalizedText,
    limit: str,
    started_at: datetime,
    legal_source: LocalizedText,
    confidence: str = "",
    start_event: LocalizedText | str = "",
    terms: calendars.Terms | Mapping[str, Any] | None = None,
    at: datetime,
) -> Any:
    """Start a clock ("statutory", "promised", "acceptance", "correction", ...) on a (locked) case and tie it to it.

    ``limit`` is written as in the law's data: "10wd" (working days), "15d" (calendar days), "48h". The day of
    ``started_at`` does not count (Civil Code art. 201). ``terms`` say what may stop and extend it (``calendars.Terms``). The
    holidays are those of the place of the case's unit.
    """
    clock = calendars.start_clock(
        owner=case.ref,
        key=role,
        label=label,
        limit=calendars.Limit.parse(limit),
        started_at=started_at,
        legal_source=legal_source,
        confidence=confidence,
        start_event=start_event,
        terms=calendars.Terms.of(terms),
        region=case.unit.division_code,
        at=at,
    )
    work.add(CaseClock(case=case, clock=clock, role=role))
    keep_turn(case)
    return clock


def tie_step_clock(*, case: Case, clock_id: int) -> None:
    """Tie the clock that a step was opened with, so that the case and every list know of it. Again changes nothing: a step
    that gets another holder in a migration is told of once more.
    """
    work.add(CaseClock(case=case, clock_id=clock_id, role=STEP), ignore_conflicts=True)


def clock_of(case: Case, role: str) -> Any | None:
    """Return the newest clock that plays ``role`` in the case, or None."""
    tie = CaseClock.objects.filter(case=case, role=role).select_related("clock").order_by("-pk").first()
    return tie.clock if tie else None


def check_pause(*, case: Case, reason: str, expected: str = "") -> list[calendars.PauseRule]:
    """Lock the clocks of a (locked) case and return the rules by which they may be paused for ``reason``, one a clock.

    For who issues the paper in the same transaction: first this, then the paper (its number is a counter, which comes last
    in the order of locks), then ``pause_case_clocks``. Raises ClockNotRunning when no limit of the law runs,
    PauseNotAllowed, PauseTooLong.
    """
    running = [clock for clock in _locked(case) if clock.state == "running" and clock.key != STEP]
    lawful = [clock for clock in running if clock.terms.get("pauses")] or running
    if not lawful:
        raise ClockNotRunning
    return [calendars.check_pause(clock=clock, reason=reason, expected=expected) for clock in lawful]


@transaction.atomic
def pause_case_clocks(
    *,
    actor: Actor,
    case: Case,
    reason: str,
    paper_id: UUID | None,
    expected: str = "",
    writes_act: bool = True,
    at: datetime,
) -> list[Any]:
    """Stop the limits of a (locked) case for a reason that their law allows, with the paper that told the applicant.

    The paper must be this case's, of the template that the limit's data name, and served on every recipient by ``at``: by post on
    the day of receipt, electronically when it is in the box. Steps that are open stand still along; those opened later run.
    ``expected`` is the time of which the paper tells ("15wd"); after it the clocks run again by themselves. Returns the
    clocks of the law that were paused. ``writes_act=False`` is for callers whose own act says the same. Raises as
    ``check_pause`` and ``calendars.pause_clock`` do.
    """
    check_pause(case=case, reason=reason, expected=expected)
    paper = _paper(case, paper_id)
    lawful = [c for c in _locked(case) if c.state == "running" and c.key != STEP and c.terms.get("pauses")]
    paused = [
        calendars.pause_clock(clock_id=clock.pk, reason=reason, paper=paper, expected=expected or None, at=at)
        for clock in lawful
    ]
    for clock in _locked(case):
        if clock.state == "running" and clock.key == STEP:
            calendars.pause_along(clock_id=clock.pk, leader_id=paused[0].pk, at=at)
    if writes_act:
        _record(actor, "cases.pause_clocks", case, at, reason=reason, paper=paper.number, expected=expected)
    return paused


@transaction.atomic
def resume_case_clocks(*, actor: Actor, case: Case, writes_act: bool = True, at: datetime) -> list[Any]:
    """Let the paused clocks of a (locked) case count again from the next day. Raises ClockNotPaused when none is paused."""
    paused = [clock for clock in _locked(case) if clock.state == "paused"]
    if not paused:
        raise ClockNotPaused
    resumed = [calendars.resume_clock(clock_id=clock.pk, at=at) for clock in paused]
    if writes_act:
        _record(actor, "cases.resume_clocks", case, at)
    return resumed


def check_extension(*, case: Case, actor: Actor, limit: str) -> calendars.ExtensionRule:
    """Lock the clocks of a (locked) case and return the rule by which ``actor`` may extend them.

    Raises ClockNotRunning, ExtensionNotAllowed, ExtensionNotYours, ExtensionTooLong, ExtensionUsedUp.
    """
    clocks = _extendable(case)
    rules = [
        calendars.check_extension(clock=clock, by=actor, unit_id=case.unit_id, limit=limit)
        for clock in clocks
    ]
    return rules[0]


@transaction.atomic
def extend_case_clocks(
    *,
    actor: Actor,
    case: Case,
    limit: str,
    reason: LocalizedText,
    writes_act: bool = True,
    at: datetime,
) -> list[Any]:
    """Extend the limits of a (locked) case whose law knows an extension, by the authority that it names. Raises as
    ``check_extension``. The notice follows and is named with ``note_extension_paper``.
    """
    extended = [
        calendars.extend_clock(
            clock_id=clock.pk, limit=limit, by=actor, unit_id=case.unit_id, reason=reason, at=at
        )
        for clock in _extendable(case)
    ]
    if writes_act:
        _record(actor, "cases.extend_clocks", case, at, limit=limit)
    return extended


def note_extension_paper(*, case: Case, paper: Any, at: datetime) -> None:
    """Name the notice of the extension in the derivations of the clocks that were extended."""
    for clock in _locked(case):
        if clock.state != "stopped" and clock.terms.get("extension"):
            calendars.note_extension_paper(
                clock_id=clock.pk, paper=Ref.to("paper", paper.pk), number=paper.number, at=at
            )


_LOCK = Statement(
    lambda case: (
        CaseClock.objects.filter(case=case)
        .exclude(clock__state="stopped")
        .select_related("clock")
        .select_for_update(of=("clock",))
        .order_by("clock_id")
    )
)


def stop_case_clocks(*, case: Case, at: datetime, roles: tuple[str, ...] = ()) -> None:
    """Stop the running clocks of a case: those of ``roles``, or all."""
    with work.unit():
        ties = _LOCK.all(case=case.pk)
        calendars.stop_locked(clocks=[t.clock for t in ties if not roles or t.role in roles], at=at)
        keep_turn(case)


def keep_turn(case: Case, instance_id: UUID | None = None) -> None:
    """Let the steps of a (locked) case stand in lists by when the case is due next: after its clocks or its steps changed.

    ``instance_id`` is that of a process which begins and is not yet tied to the case.
    """
    wanted = instance_id or case.instance_id
    if wanted is not None:
        work.at_end("cases.turn", wanted, partial(_TURNS.keep, wanted))


def follow_moved_clocks(clock_ids: Sequence[int]) -> None:
    """Let the steps of the cases of these clocks stand in lists by when the cases are due now.

    A few cases at a time, each locked first as by every operation on it: so nobody is at its clocks or steps meanwhile, and two
    who follow at once do not wait for each other.
    """
    wanted = Case.objects.filter(clocks__clock__in=clock_ids, instance__isnull=False)
    keys = sorted(set(wanted.values_list("pk", flat=True)))
    for begin in range(0, len(keys), FOLLOWED):
        with transaction.atomic():
            cases = Case.objects.select_for_update().filter(pk__in=keys[begin : begin + FOLLOWED])
            _TURNS.keep_all(list(cases.order_by("pk").values_list("instance_id", flat=True)))


def _soonest(instance: Any) -> Any:
    """When the case of a process is due next: by the first of its running clocks."""
    running = CaseClock.objects.filter(case__instance=instance, clock__state="running")
    return running.order_by("clock__due_at").values("clock__due_at")[:1]


_TURNS = processes.Turns(_soonest)


def _locked(case: Case) -> list[Any]:
    """The clocks of a case that are not stopped, locked in the one order."""
    return [tie.clock for tie in _LOCK.all(case=case.pk)]


def _extendable(case: Case) -> list[Any]:
    clocks = [clock for clock in _locked(case) if clock.key != STEP]
    if not clocks:
        raise ClockNotRunning
    return [clock for clock in clocks if clock.terms.get("extension")] or clocks[:1]


def _paper(case: Case, paper_id: UUID | None) -> calendars.ServedPaper:
    """Look the paper up among those of this case. Raises PauseWithoutPaper for another's and for none."""
    paper = instruments.served_paper(paper_id) if paper_id is not None else None
    if paper is None or paper.subject != case.ref:
        raise PauseWithoutPaper
    return calendars.ServedPaper(
        ref=Ref.to("paper", paper.id),
        number=paper.number,
        template=paper.template,
        served_at=paper.served_at,
    )


def _record(actor: Actor, verb: str, case: Case, at: datetime, **facts: Any) -> None:
    ledger.record(actor=actor, verb=verb, subject=case.ref, case=str(case.ref), facts=facts, at=at)
