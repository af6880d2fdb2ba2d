"""A step passes into other hands, or its holder is reminded: transfer (转办), urge (催办), and the reassigning of a hand-over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongban.base.actor import Actor
from tongban.kernel.processes.errors import ReasonRequired
from tongban.kernel.processes.models import Task
from tongban.kernel.processes.operations import office
from tongban.kernel.processes.operations.leaving import lock_task
from tongban.kernel.processes.results import TaskView, task_view, vars_of
from tongban.kernel.processes.standing import doers_of, why_not

__all__ = ["reassign_task", "transfer", "urge"]


def transfer(
    *,
    actor: Actor,
    task_id: int,
    holder_id: int,
    person_id: UUID,
    person_name: str,
    reason: str,
    at: datetime,
) -> TaskView:
    """Give an open step to a colleague: it is theirs alone from now on. The token, the clock and the draft stay as they are.

    ``holder_id`` is the colleague's post; that this post has the duty for the step is for the caller to see to. Raises
    ReasonRequired, MoveRefused (``transfer``), TaskNotFound.
    """
    if not reason.strip():
        raise ReasonRequired
    with transaction.atomic():
        instance, task = lock_task(task_id)
        why = office.situation_of(instance).may_transfer(actor, task)
        if why is None and person_id in actor.persons:
            why = why_not("yourself")
        if why is None and str(person_id) in doers_of(vars_of(task), task.separate_from):
            why = why_not("same-officer", who=person_name)
        if why is not None:
            office.refuse("transfer", why)
        acting = actor.acting_for(task.holder_id, task.claimed_by)
        task.asked_by, task.asked_name, task.note = acting.person_id, acting.signs_as, reason.strip()
        _give(task, holder_id, person_id, person_name, at)
    return task_view(task, instance.vars)


def reassign_task(
    *,
    task_id: int,
    of_person: UUID | None,
    holder_id: int | None,
    person_id: UUID | None,
    person_name: str,
    at: datetime,
) -> TaskView | None:
    """Give a task to somebody else in a hand-over, or (without a person) back to all who hold it.

    None when it is no longer open, or no longer in the hands of ``of_person``. Who may hand over is for the caller to decide.
    """
    with transaction.atomic():
        instance, task = lock_task(task_id)
        if task.state not in (Task.OPEN, Task.PLANNED) or task.claimed_by != of_person:
            return None
        _give(task, holder_id or task.holder_id, person_id, person_name, at)
    return task_view(task, instance.vars)


def urge(*, actor: Actor, task_id: int, at: datetime) -> TaskView:
    """Note that the holder of a step was urged. Raises MoveRefused (``urge``), TaskNotFound; who is told is for the caller."""
    with transaction.atomic():
        instance, task = lock_task(task_id)
        why = office.situation_of(instance, [task]).may_urge(actor, task, at)
        if why is not None:
            office.refuse("urge", why)
        task.urged_at, task.urged = at, task.urged + 1
        task.save(update_fields=["urged_at", "urged"])
    return task_view(task, instance.vars)


def _give(task: Task, holder_id: int, person_id: UUID | None, person_name: str, at: datetime) -> None:
    task.holder_id = holder_id
    task.claimed_by, task.claimed_name = person_id, person_name
    task.claimed_at = at if person_id else None
    task.save()
