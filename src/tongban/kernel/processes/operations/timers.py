"""Firing due timers. Any number of workers may do this at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Subquery

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.time import local_date
from tongban.kernel.calendars.service import add_limit, current_calendar
from tongban.kernel.ledger.service import record
from tongban.kernel.processes.models import Instance, Job, Task, Timer
from tongban.kernel.processes.operations.failures import keep_attempt, note_error
from tongban.kernel.processes.operations.move import Move, case_of, fail, lock_instance
from tongban.kernel.processes.registry import lock_owner
from tongban.kernel.processes.rules import MAX_ATTEMPTS, back_off

__all__ = ["fire_due_timers", "follow_clocks", "next_timer_at", "recompute_timers"]

SYSTEM = Actor.system("timer")
LEASE = timedelta(minutes=2)
BATCH = 100
RECOMPUTED = 5_000


def fire_due_timers(*, at: datetime) -> int:
    """Fire what is due at ``at`` and return how many fired.

    A worker leases a batch in a transaction of its own (``SKIP LOCKED``, so workers share the work) that holds no other
    lock; then each timer fires in its own transaction in the usual locking order and is looked at again there.
    """
    fired = 0
    for pk in _lease(at):
        try:
            fired += _fire(pk, at)
        except Exception as error:
            _note_failure(pk, error, at)
    return fired


def next_timer_at() -> datetime | None:
    """Return when the next timer is to be looked at, None while none waits."""
    waiting = Timer.objects.filter(state=Timer.WAITING).order_by("next_at")
    return waiting.values_list("next_at", flat=True).first()


def recompute_timers(*, at: datetime) -> int:
    """Work the due times of waiting timers out anew, after the calendar changed; return how many moved.

    In batches, each a transaction of its own; timers that began on one day with one limit in one region share one calculation.
    """
    calendar = current_calendar()
    moved = last = 0
    while True:
        with transaction.atomic():
            waiting = Timer.objects.filter(pk__gt=last, state=Timer.WAITING, limit__endswith="wd")
            rows = list(
                waiting.order_by("pk")
                .select_for_update(of=("self",))
                .values_list("pk", "since_at", "limit", "due_at", "instance__vars__region")[:RECOMPUTED]
            )
            if not rows:
                return moved
            last = rows[-1][0]
            due: dict[tuple[date, str, str], datetime] = {}
            changed: dict[datetime, list[int]] = {}
            for pk, since_at, limit, due_at, region in rows:
                key = (local_date(since_at), limit, region or "")
                if key not in due:
                    due[key] = add_limit(since_at, limit, calendar, region=region or "")
                if due[key] != due_at:
                    changed.setdefault(due[key], []).append(pk)
            for due_at, ids in changed.items():
                moved += Timer.objects.filter(pk__in=ids).update(due_at=due_at, next_at=due_at)


def follow_clocks(clock_ids: Sequence[int]) -> None:
    """Keep the due times of open tasks in step with their clocks, which were moved, paused or resumed."""
    due = Task.objects.filter(pk=OuterRef("pk")).values("clock__due_at")
    Task.objects.filter(clock_id__in=clock_ids, state=Task.OPEN).update(due_at=Subquery(due))


def _lease(at: datetime) -> list[int]:
    with transaction.atomic():
        due = Timer.objects.filter(state=Timer.WAITING, next_at__lte=at).order_by("next_at", "pk")
        ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
        Timer.objects.filter(pk__in=ids).update(next_at=at + LEASE)
    return ids


def _fire(pk: int, at: datetime) -> bool:
    with work.unit():
        owner = Timer.objects.values_list("instance__owner_kind", "instance__owner_id").get(pk=pk)
        lock_owner(Ref(*owner))
        timer = Timer.objects.get(pk=pk)
        instance = lock_instance(timer.instance_id, active=False)
        timer = Timer.objects.select_for_update().get(pk=pk)
        if timer.state != Timer.WAITING or timer.due_at > at or instance.status != Instance.ACTIVE:
            return False
        if timer.limit.endswith("wd") and _is_early(timer, instance, at):
            return False
        timer.state = Timer.FIRED
        work.change(timer, "state")
        move = Move(instance, actor=SYSTEM, at=at)
        move.fire_timer(timer.token, timer.node)
        record(
            actor=SYSTEM,
            verb="processes.timer",
            subject=Ref.to("instance", instance.pk),
            case=case_of(instance),
            facts={"name": dict(zip(("zh", "en"), move.graph.nodes[timer.node].label, strict=True))},
            at=at,
        )
        move.finish()
    return True


def _is_early(timer: Timer, instance: Instance, at: datetime) -> bool:
    """Put a timer off that counted by a calendar which has changed since: silence must not accept before the last day."""
    region = instance.vars.get("region") or ""
    due_at = add_limit(timer.since_at, timer.limit, current_calendar(), region=region)
    if due_at <= at:
        return False
    timer.due_at = timer.next_at = due_at
    timer.save(update_fields=["due_at", "next_at"])
    return True


def _note_failure(pk: int, error: Exception, at: datetime) -> None:
    """Try again later; after the last attempt an incident opens. Under the usual locks, as for jobs."""
    with transaction.atomic():
        found = Timer.objects.select_related("instance").get(pk=pk)
        lock_owner(found.instance.owner)
        line = note_error(f"timer {pk}", error)
        lock_instance(found.instance_id, active=False)
        timer = Timer.objects.select_for_update(of=("self",)).select_related("instance").get(pk=pk)
        if timer.state != Timer.WAITING:
            return
        timer.attempts += 1
        timer.last_error = line
        keep_attempt(timer, line, at)
        timer.next_at = at + back_off(timer.attempts)
        if timer.attempts >= MAX_ATTEMPTS:
            timer.state = Timer.FAILED
            job, _ = Job.objects.update_or_create(
                instance=timer.instance,
                token=timer.token,
                node=timer.node,
                defaults={
                    "state": Job.FAILED,
                    "last_error": timer.last_error,
                    "attempts": timer.attempts,
                    "created_at": at,
                    "next_at": at,
                },
            )
            fail(job, timer.last_error, actor=SYSTEM, at=at)
        timer.save()
