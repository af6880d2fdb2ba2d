"""What completing a step and answering as a signer have in common: the lock, and the token that leaves."""

from __future__ import annotations

from datetime import datetime

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.statements import Statement
from tongban.kernel.processes.errors import TaskNotFound
from tongban.kernel.processes.models import Instance, Task
from tongban.kernel.processes.operations.move import Move
from tongban.kernel.processes.results import Advance
from tongban.kernel.processes.trail import photograph

__all__ = ["leave", "lock_task", "official_name"]


def lock_task(task_id: int) -> tuple[Instance, Task]:
    """Lock the instance, then the task: the second of two waits here and then reads what the first did. Raises TaskNotFound."""
    task = work.hold(Task, task_id, lambda: _locked(task_id))
    return task.instance, task


_LOCK = Statement(
    lambda pk: (
        Task.objects.select_for_update(of=("instance", "self")).select_related("instance").filter(pk=pk)
    )
)


def _locked(task_id: int) -> Task:
    """One statement takes both locks, in the order in which it names them."""
    task = _LOCK.first(pk=task_id)
    if task is None:
        raise TaskNotFound
    task.instance = work.hold(Instance, task.instance_id, lambda: task.instance)
    return task


def leave(instance: Instance, task: Task, *, actor: Actor, at: datetime) -> Advance:
    """Let the token of a (main) task that is done move on, with what was done written into the variables."""
    before = photograph(instance.vars, instance.elements)
    move = Move(instance, actor=actor, at=at, task=task, is_completion=True, before=before)
    move.complete(task)
    return move.finish()


def official_name(actor: Actor) -> str:
    """Officials act under their names; a citizen's name goes into no row that others are shown."""
    return actor.signs_as if actor.is_official else ""
