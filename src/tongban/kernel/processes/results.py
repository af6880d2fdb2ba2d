"""What others see of processes: frozen views of tasks and incidents, and the Advance that a move makes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.base.errors import TongbanError
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.decisions.service import evaluate
from tongban.kernel.processes.models import Incident, Task
from tongban.kernel.processes.state import State
from tongban.kernel.processes.variables import Variables

__all__ = [
    "Advance",
    "AttemptView",
    "Entered",
    "IncidentView",
    "OutcomeView",
    "TaskView",
    "TimerView",
    "incident_view",
    "task_view",
    "vars_of",
]


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """A way to complete a task. ``allowed`` is False when its condition does not hold now."""

    key: str
    label: LocalizedText
    style: str
    opinion: str
    form: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as it stands. ``claimed_name`` and ``completed_name`` are officials' names, empty for a party."""

    id: int
    instance_id: UUID
    owner: Ref
    node: str
    name: LocalizedText
    form: str
    outcomes: tuple[OutcomeView, ...]
    separate_from: str
    holder_id: int
    state: str
    opened_at: datetime
    due_at: datetime | None
    clock_id: int | None
    claimed_by: UUID | None
    claimed_name: str
    claimed_at: datetime | None
    completed_at: datetime | None
    completed_by: UUID | None
    completed_name: str
    outcome: str
    opinion: str
    data: Mapping[str, Any] = field(default_factory=dict)
    token: int = 0
    within: str = ""
    role: str = "main"
    main_id: int | None = None
    waits_for: str = ""
    behalf_of: UUID | None = None
    asked_by: UUID | None = None
    asked_name: str = ""
    note: str = ""
    ended_as: str = ""
    is_void: bool = False
    urged_at: datetime | None = None
    urged: int = 0

    @property
    def is_signer(self) -> bool:
        """True when somebody was asked for an opinion only: the step itself is another's."""
        return self.role != "main"

    @property
    def outcome_label(self) -> LocalizedText:
        """The words of the outcome taken, empty while the task is open."""
        return next((o.label for o in self.outcomes if o.key == self.outcome), LocalizedText(""))


@dataclass(frozen=True, slots=True)
class IncidentView:
    """Why a token cannot go on by itself, and what was done about it."""

    id: int
    job_id: int
    instance_id: UUID
    owner: Ref
    token: int
    node: str
    node_name: LocalizedText
    operation: str
    error: str
    attempts: int
    opened_at: datetime
    resolved_at: datetime | None
    resolution: str
    reason: str
    resolved_name: str
    why_not_skip: LocalizedText | None

    @property
    def can_skip(self) -> bool:
        """Return whether a person may go on without the step."""
        return self.why_not_skip is None

    @property
    def cause(self) -> str:
        """The operation and what went wrong, without the numbers: incidents of one cause are alike."""
        return f"{self.operation or self.node}: {re.sub(r'[0-9]+', '#', self.error)}"


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One failed attempt at a step."""

    at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class TimerView:
    """A due time that is still ahead, of a task (``attached_to``) or on the way."""

    node: str
    name: LocalizedText
    attached_to: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Entered:
    """A token came to a node that carries a ``tongban:state``."""

    node: str
    state: str
    label: LocalizedText


@dataclass(frozen=True, slots=True)
class Advance:
    """What one move changed. ``completed`` is the person's step that caused it, None for a timer or a job.

    ``move`` names the office move that it was ("return", "withdraw", "again"), empty when the process simply went on.
    """

    instance_id: UUID
    completed: TaskView | None = None
    opened: tuple[TaskView, ...] = ()
    cancelled: tuple[TaskView, ...] = ()
    entered: tuple[Entered, ...] = ()
    incidents: tuple[int, ...] = ()
    ended: bool = False
    terminated: bool = False
    move: str = ""


def task_view(task: Task, vars: Mapping[str, Any] | None = None) -> TaskView:  # noqa: A002 (the word of the contract)
    """Make the view of a task; ``vars`` of its instance decide which outcomes are allowed now."""
    return TaskView(
        id=task.pk,
        instance_id=task.instance_id,
        owner=task.owner,
        node=task.node,
        name=task.name,
        form=task.form,
        outcomes=tuple(_outcome(data, vars or {}, task.state) for data in task.outcomes),
        separate_from=task.separate_from,
        holder_id=task.holder_id,
        state=task.state,
        opened_at=task.opened_at,
        due_at=task.due_at,
        clock_id=task.clock_id,
        claimed_by=task.claimed_by,
        claimed_name=task.claimed_name,
        claimed_at=task.claimed_at,
        completed_at=task.completed_at,
        completed_by=task.completed_by,
        completed_name=task.completed_name,
        outcome=task.outcome,
        opinion=task.opinion,
        data=task.data,
        token=task.token,
        within=task.within,
        role=task.role,
        main_id=task.main_id,
        waits_for=task.waits_for,
        behalf_of=task.behalf_of,
        asked_by=task.asked_by,
        asked_name=task.asked_name,
        note=task.note,
        ended_as=task.ended_as,
        is_void=task.is_void,
        urged_at=task.urged_at,
        urged=task.urged,
    )


def vars_of(task: Task) -> Mapping[str, Any]:
    """Return the variables of a task's instance as that task sees them. The caller has the instance at hand."""
    instance = task.instance
    if not instance.elements or task.state != Task.OPEN:
        return instance.vars
    within = State.of(instance.state).within(task.token)
    return Variables(instance.vars, instance.elements).seen(within)


def _outcome(data: Mapping[str, Any], values: Mapping[str, Any], state: str) -> OutcomeView:
    return OutcomeView(
        key=data["key"],
        label=LocalizedText.of(data["label"]),
        style=data["style"],
        opinion=data["opinion"],
        form=data["form"],
        allowed=state == Task.OPEN and condition_holds(data["when"], values),
    )


def condition_holds(expression: str, values: Mapping[str, Any]) -> bool:
    """True when there is no condition or it is true; an outcome whose condition fails is simply not offered."""
    if not expression:
        return True
    try:
        return evaluate(expression, values) is True
    except TongbanError:
        return False


def incident_view(
    incident: Incident, node_name: LocalizedText, why_not_skip: LocalizedText | None
) -> IncidentView:
    """Make the view of an incident; the caller has its job and instance at hand."""
    job = incident.job
    return IncidentView(
        id=incident.pk,
        job_id=job.pk,
        instance_id=job.instance_id,
        owner=job.instance.owner,
        token=job.token,
        node=job.node,
        node_name=node_name,
        operation=job.operation,
        error=incident.error,
        attempts=job.attempts,
        opened_at=incident.opened_at,
        resolved_at=incident.resolved_at,
        resolution=incident.resolution,
        reason=incident.reason,
        resolved_name=incident.resolved_name,
        why_not_skip=why_not_skip,
    )
