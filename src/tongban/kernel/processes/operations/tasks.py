"""What people do with tasks: claim, release, complete. Of two at once exactly one wins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongban.base import work
from tongban.base.actor import Actor
from tongban.kernel.calendars.service import stop_clock
from tongban.kernel.processes.errors import (
    InstanceEnded,
    OpinionRequired,
    OutcomeNotAllowed,
    SameOfficer,
    SignersOpen,
    TaskCancelled,
    TaskDone,
    TaskNotYours,
    TaskTaken,
)
from tongban.kernel.processes.models import Instance, Task
from tongban.kernel.processes.operations import signers
from tongban.kernel.processes.operations.leaving import leave, lock_task, official_name
from tongban.kernel.processes.results import Advance, TaskView, condition_holds, task_view, vars_of
from tongban.kernel.processes.standing import doers_of

__all__ = ["claim_task", "complete_task", "locked_task", "release_task"]


DONE = (
    "state",
    "outcome",
    "opinion",
    "data",
    "completed_at",
    "completed_by",
    "completed_name",
    "behalf_of",
)
"""What completing a task writes into it."""


def locked_task(task_id: int) -> TaskView:
    """Lock a task and its instance and return it as it stands; the caller holds the owner's lock. Raises TaskNotFound."""
    _, task = lock_task(task_id)
    return task_view(task, vars_of(task))


def claim_task(*, actor: Actor, task_id: int, at: datetime) -> TaskView:
    """Take a task for oneself: others who hold it see it is taken. Claiming one's own again changes nothing.

    Raises TaskNotFound, TaskNotYours, TaskTaken, TaskDone, TaskCancelled, SameOfficer.
    """
    with work.unit():
        instance, task = lock_task(task_id)
        actor = actor.acting_for(task.holder_id, task.claimed_by)
        _check_turn(task, instance, actor)
        if task.claimed_by is None:
            task.claimed_by = actor.person_id
            task.claimed_name = official_name(actor)
            task.claimed_at = at
            work.change(task, "claimed_by", "claimed_name", "claimed_at")
    return task_view(task, vars_of(task))


def release_task(*, actor: Actor, task_id: int, at: datetime) -> TaskView:
    """Give a claimed task back to all who hold it. Raises like ``claim_task``."""
    with work.unit():
        instance, task = lock_task(task_id)
        actor = actor.acting_for(task.holder_id, task.claimed_by)
        _check_turn(task, instance, actor)
        task.claimed_by, task.claimed_name, task.claimed_at = None, "", None
        work.change(task, "claimed_by", "claimed_name", "claimed_at")
    return task_view(task, vars_of(task))


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

    Afterwards the variables say ``<node>`` = outcome, ``data.<node>`` = data and ``by.<node>`` = the person (inside a
    repeated activity those of the element; ``variables.py``).
    Raises TaskNotFound, TaskNotYours, TaskTaken, TaskDone, TaskCancelled, SameOfficer, OutcomeNotAllowed,
    OpinionRequired, and what a ``pure_db`` operation on the way refuses: then nothing has changed.
    """
    with work.unit():
        instance, task = lock_task(task_id)
        actor = actor.acting_for(task.holder_id, task.claimed_by)
        _check_turn(task, instance, actor)
        if task.waits_for in (Task.BEFORE, Task.BESIDE):
            raise SignersOpen(signers.names_of(task))
        chosen = _chosen(task, outcome, opinion, vars_of(task))
        task.state = Task.DONE
        task.outcome = outcome
        task.opinion = "" if chosen["opinion"] == "none" else opinion.strip()
        task.data = dict(data or {})
        task.completed_at, task.completed_by = at, actor.person_id
        task.completed_name, task.behalf_of = official_name(actor), actor.behalf_of
        work.change(task, *DONE)
        if task.clock_id:
            stop_clock(clock_id=task.clock_id, at=at)
        if task.role != Task.MAIN:
            return signers.answered(instance, task, actor=actor, at=at)
        if task.waits_for == Task.AFTER:
            return signers.open_planned(instance, task, actor=actor, at=at)
        return leave(instance, task, actor=actor, at=at)


def _check_turn(task: Task, instance: Instance, actor: Actor) -> None:
    """May this actor act on this task now? Who may not know of it learns nothing about who did it."""
    if task.holder_id not in actor.holders:
        raise TaskNotYours
    if task.state == Task.DONE:
        raise TaskDone(by=task.completed_name, at=task.completed_at or task.opened_at)
    if task.state != Task.OPEN:
        raise TaskCancelled
    if instance.status != Instance.ACTIVE:
        raise InstanceEnded
    # What happened by itself (a payment came) has happened, whoever had the step in hand: the system passes a claim.
    if task.claimed_by is not None and task.claimed_by not in actor.persons and not actor.is_system:
        raise TaskTaken(by=task.claimed_name, at=task.claimed_at or task.opened_at)
    if task.waits_for == Task.BEFORE:
        raise SignersOpen(signers.names_of(task))
    if task.separate_from and not doers_of(vars_of(task), task.separate_from).isdisjoint(
        {str(person) for person in actor.persons}
    ):
        raise SameOfficer


def _chosen(task: Task, outcome: str, opinion: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    chosen = next((each for each in task.outcomes if each["key"] == outcome), None)
    if chosen is None or not condition_holds(chosen["when"], values):
        raise OutcomeNotAllowed(outcome=outcome)
    if chosen["opinion"] == "required" and not opinion.strip():
        raise OpinionRequired
    return chosen
