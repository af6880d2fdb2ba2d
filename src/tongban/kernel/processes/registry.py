"""What modules above make known to processes: the operations that service tasks name, and the owners of instances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.registry import Registry
from tongban.base.text import LocalizedText
from tongban.kernel.processes.models import Instance, Job
from tongban.kernel.processes.results import Advance, TaskView

__all__ = [
    "Operation",
    "OperationContext",
    "Owner",
    "operation",
    "operation_names",
    "operations",
    "owners",
    "register_owner",
    "why_not_skip",
]


@dataclass(frozen=True, slots=True)
class OperationContext:
    """What an operation is told. ``vars`` are a reading copy; what the operation returns is merged into them.

    ``task`` is the person's step that led here, None when a timer did. ``actor`` is who made the move: that person, or the
    system for timers and jobs.
    """

    instance_id: UUID
    owner: Ref
    node: str
    vars: Mapping[str, Any]
    task: TaskView | None
    actor: Actor
    at: datetime


NO_OPERATION = LocalizedText(
    zh="这里不是机器办的一步：流程在这里选不出方向、找不到承办人或者算不出时间。请先改正办件的数据，再重试。",
    en="No machine works here: the process cannot choose its way, find who does the step or work out a time. "
    "Put the data of the case right, then retry.",
)

Function = Callable[[OperationContext], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Operation:
    """A registered operation. ``pure_db`` ones run in the transaction of the move, the others as jobs."""

    name: str
    run: Function
    pure_db: bool
    not_skippable: LocalizedText | None = None
    """Why nobody may go on without it; None when a person may."""


class Owner(Protocol):
    """What an instance belongs to, seen from below."""

    def lock(self, owner: Ref) -> None:
        """Lock the owner's row. Called before the instance is locked: the order is owner, instance, task."""

    def on_advance(self, instance: Instance, advance: Advance, *, actor: Actor, at: datetime) -> None:
        """Hear of a move, in its transaction."""


operations: Registry[Operation] = Registry("process operations")
owners: Registry[Owner] = Registry("owners of process instances")


def operation(
    name: str, *, pure_db: bool, not_skippable: LocalizedText | None = None
) -> Callable[[Function], Function]:
    """Register a function as the operation ``name`` ("services.accept").

    ``pure_db=True``: it only changes the database and runs in the very transaction in which the token reaches it;
    what it refuses (a TongbanError) refuses the whole move. Otherwise it is a job: a worker runs it after commit, at
    least once, without any lock held, so it may render, sign and call outside, and it must find what an interrupted
    earlier run left. ``not_skippable`` says why nobody may go on without it when it fails for good.
    """

    def register(function: Function) -> Function:
        known = operations.find(name)
        if known is None or known.run is not function:
            operations.register(name, Operation(name, function, pure_db, not_skippable))
        return function

    return register


def why_not_skip(job: Job) -> LocalizedText | None:
    """Return why nobody may go on without this step; None when a person may."""
    if not job.operation:
        return NO_OPERATION
    found = operations.find(job.operation)
    return found.not_skippable if found else None


def operation_names() -> list[str]:
    """Return the names of all operations that a service task may run, sorted."""
    return sorted(entry.name for entry in operations)


def register_owner(kind: str, owner: Owner) -> None:
    """Say who hears of the moves of instances whose owner is a ``Ref`` of that kind."""
    owners.register(kind, owner)


def lock_owner(owner: Ref) -> None:
    """Lock the owner's row where its kind has one."""
    found = owners.find(owner.kind)
    if found is not None:
        found.lock(owner)
