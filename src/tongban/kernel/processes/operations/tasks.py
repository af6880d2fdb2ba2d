"""What people do with tasks: claim, release, complete. Of two at once exactly one wins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from tongban.base.actor import Actor
from tongban.kernel.calendars.service import stop_clock
from tongban.kernel.processes.errors import (
    InstanceEnded,
    OpinionRequired,
    OutcomeNotAllowed,
    SameOfficer,
    TaskCancelled,
    TaskDone,
    TaskNotFound,
    TaskNotYours,
    TaskTaken,
)
from tongban.kernel.processes.models import Instance, Task
from tongban.kernel.processes.operations.move import Move
from tongban.kernel.processes.results import Advance, TaskView, condition_holds, task_view

__all__ = ["claim_task", "complete_task", "release_task"]


def claim_task(*, actor: Actor, task_id: int, at: datetime) -> TaskView:
    """Take a task for oneself: others who hold it see it is taken. Claiming one's own again changes nothing.

    Raises TaskNotFound, TaskNotYours, TaskTaken, TaskDone, TaskCancelled, SameOfficer.
    """
    with transaction.atomic():
        instance, task = _lock(task_id)
        _check_turn(task, instance, actor)
        if task.claimed_by is None:
            task.claimed_by = actor.person_id
            task.claimed_name = _official_name(actor)
            task.claimed_at = at
            task.save(update_fields=["claimed_by", "claimed_name", "claimed_at"])
    return task_view(task, instance.vars)


def release_task(*, actor: Actor, task_id: int, at: datetime) -> TaskView:
    """Give a claimed task back to all who hold it. Raises like ``claim_task``."""
    with transaction.atomic():
        instance, task = _lock(task_id)
        _check_turn(task, instance, actor)
        task.claimed_by, task.claimed_name, task.claimed_at = None, "", None
        task.save(update_fields=["claimed_by", "claimed_name", "claimed_at"])
    return task_view(task, instance.vars)


def complete_task(
    *,
    actor: Actor,
    task_id: int,
    outcome: str,
    opinion: str = "",
    data: Mapping[str, Any] | None = None,
    at: datetime,
) -> Advance:
    """Complete a task with an outcome and move its token on.

    Afterwards the variables say ``<node>`` = outcome, ``data.<node>`` = data and ``by.<node>`` = the person.
    Raises TaskNotFound, TaskNotYours, TaskTaken, TaskDone, TaskCancelled, SameOfficer, OutcomeNotAllowed,
    OpinionRequired, and what a ``pure_db`` operation on the way refuses: then nothing has changed.
    """
    with transaction.atomic():
        instance, task = _lock(task_id)
        _check_turn(task, instance, actor)
        chosen = _chosen(task, outcome, opinion, instance.vars)
        task.state = Task.DONE
        task.outcome = outcome
        task.opinion = "" if chosen["opinion"] == "none" else opinion.strip()
        task.data = dict(data or {})
        task.completed_at, task.completed_by = at, actor.person_id
        task.completed_name = _official_name(actor)
        task.save()
        if task.clock_id:
            stop_clock(clock_id=task.clock_id, at=at)
        instance.vars[task.node] = outcome
        instance.vars.setdefault("data", {})[task.node] = task.data
        instance.vars.setdefault("by", {})[task.node] = str(actor.person_id) if actor.person_id else None
        move = Move(instance, actor=actor, at=at, task=task, is_completion=True)
        move.complete(task.token)
        return move.finish()


def _lock(task_id: int) -> tuple[Instance, Task]:
    """Lock the instance, then the task: the second of two clerks waits here and then reads what the first did."""
    instance = Instance.objects.select_for_update(of=("self",)).filter(tasks=task_id).first()
    if instance is None:
        raise TaskNotFound
    return instance, Task.objects.select_for_update().get(pk=task_id)


def _check_turn(task: Task, instance: Instance, actor: Actor) -> None:
    """May this actor act on this task now? Who may not know of it learns nothing about who did it."""
    if task.holder_id not in actor.holders:
        raise TaskNotYours
    if task.state == Task.DONE:
        raise TaskDone(by=task.completed_name, at=task.completed_at or task.opened_at)
    if task.state == Task.CANCELLED:
        raise TaskCancelled
    if instance.status != Instance.ACTIVE:
        raise InstanceEnded
    if task.claimed_by is not None and task.claimed_by != actor.person_id:
        raise TaskTaken(by=task.claimed_name, at=task.claimed_at or task.opened_at)
    other = instance.vars.get("by", {}).get(task.separate_from) if task.separate_from else None
    if other is not None and other == str(actor.person_id):
        raise SameOfficer


def _chosen(task: Task, outcome: str, opinion: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    chosen = next((each for each in task.outcomes if each["key"] == outcome), None)
    if chosen is None or not condition_holds(chosen["when"], values):
        raise OutcomeNotAllowed(outcome=outcome)
    if chosen["opinion"] == "required" and not opinion.strip():
        raise OpinionRequired
    return chosen


def _official_name(actor: Actor) -> str:
    """Officials act under their names; a citizen's name goes into no row that others are shown."""
    return actor.name if actor.is_official else ""
