"""The move: what the engine says is turned into tasks, jobs and due times, in one transaction.

Every operation of this module that moves a token does the same: lock the instance, begin a ``Move``, let the engine take a
step, ``finish``. The move also runs ``pure_db`` operations as soon as a token reaches them, and goes on from there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.outbox import announce
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.decisions.service import evaluate
from tongban.kernel.ledger.service import record
from tongban.kernel.processes import engine, events
from tongban.kernel.processes.errors import InstanceEnded, InstanceNotFound
from tongban.kernel.processes.graph import Kind, Node
from tongban.kernel.processes.joins import waits_at_join
from tongban.kernel.processes.models import Incident, Instance, Job, Task
from tongban.kernel.processes.operations.arrivals import Arrivals, CannotGoOn
from tongban.kernel.processes.operations.binding import graph_of
from tongban.kernel.processes.operations.clearing import Clearing
from tongban.kernel.processes.registry import OperationContext, owners
from tongban.kernel.processes.results import Advance, Entered, TaskView, task_view
from tongban.kernel.processes.trail import Snapshot, Trail, Values, after_step
from tongban.kernel.processes.variables import Variables

__all__ = ["Move", "case_of", "fail", "lock_instance"]

BY_TIMER = "timer"
"""The value of a task's variable when its boundary timer ended it."""


def lock_instance(instance_id: UUID, *, active: bool = True) -> Instance:
    """Lock an instance. Raises InstanceNotFound, and InstanceEnded unless ``active`` is False."""
    rows = Instance.objects.select_for_update()
    instance = work.hold(Instance, instance_id, lambda: rows.filter(pk=instance_id).first())
    if instance is None:
        raise InstanceNotFound
    if active and instance.status != Instance.ACTIVE:
        raise InstanceEnded
    return instance


def case_of(instance: Instance) -> str:
    """Return the case string under which the ledger files acts of this instance."""
    return str(instance.owner) if instance.owner_kind == "case" else ""


class Move(Arrivals, Clearing):
    """One move of one locked instance.

    ``task`` is the person's step on whose decision the machine acts now; ``is_completion`` when this very move
    completes it.
    """

    def __init__(
        self,
        instance: Instance,
        *,
        actor: Actor,
        at: datetime,
        task: Task | None = None,
        is_completion: bool = False,
        before: Snapshot | None = None,
    ) -> None:
        self.instance = instance
        self.actor = actor
        self.at = at
        self.task = task
        self.graph = graph_of(instance.definition_id)
        self.state = engine.State.of(instance.state)
        self.variables = Variables(instance.vars, instance.elements)
        self.before = {number: self.graph.nodes[token.node] for number, token in self.state.tokens.items()}
        self.is_completion = is_completion
        self.began = self.state
        self.values_before = before
        self.passed: dict[str, int] = {}
        self.kind = ""
        self.is_again = False
        self.opened: list[Task] = []
        self.timed: set[int] = set()
        self.cancelled_tokens: list[int] = []
        self.entered: list[Entered] = []
        self.incidents: list[int] = []
        self.is_ended = self.is_terminated = False
        self._effects: deque[engine.Effect] = deque()
        self._task_view: TaskView | None = None

    # taking steps

    def start(self) -> None:
        """Let a token leave the start event."""
        self._take(engine.start(self.graph, self._choose))

    def complete(self, task: Task) -> None:
        """Move on from a user task that has been completed."""
        by = str(task.completed_by) if task.completed_by else None
        name = self.graph.nodes[task.node].name
        behalf = str(task.behalf_of) if task.behalf_of else None
        self.variables.note_task(self.within(task.token), name, task.outcome, task.data, by, behalf)
        self._take(engine.complete(self.graph, self.state, task.token, self._choose, task.outcome))

    def service_done(self, token: int, result: Mapping[str, Any] | None) -> None:
        """Move on from a service or rule task with what came of it."""
        self.variables.own(self.within(token)).update(result or {})
        passed = self.state.tokens.get(token)
        if passed is not None and self.graph.nodes[passed.node].kind is Kind.SERVICE:
            self.passed[passed.node] = self.state.last
        self._take(engine.service_done(self.graph, self.state, token, self._choose))

    def fire_timer(self, token: int, node: str) -> None:
        """Let a timer fire."""
        timer = self.graph.nodes[node]
        if timer.attached_to and timer.interrupts:
            host = self.graph.nodes[timer.attached_to]
            self.variables.own(self.within(token))[host.name] = BY_TIMER
        self._take(engine.fire_timer(self.graph, self.state, token, node, self._choose))

    def again(self, token: int, node: str) -> None:
        """Try a step again that could not be made: choose, open the task, set the timer. Rows of it may be there."""
        self.is_again = True
        place = self.graph.nodes[node]
        if waits_at_join(self.graph, self.state.tokens[token]):
            self._park(token, place, "the join still waits for a branch that will not come")
        elif place.kind.is_gateway:
            self._take(engine.resume(self.graph, self.state, token, self._choose))
        else:
            self._attempt(token, place, self._arrive)

    def spread(self, token: int, values: list[Any]) -> None:
        """Begin a repeated activity for each of ``values``."""
        repeat = self.graph.nodes[self.state.tokens[token].node].repeat
        self.variables.begin(token, repeat.element if repeat else "", values)
        self._take(engine.spread(self.graph, self.state, token, len(values), self._choose))

    def cancel(self) -> None:
        """Take all tokens away."""
        self._take(engine.cancel(self.graph, self.state))
        self.is_ended = self.is_terminated = True

    def finish(self) -> Advance:
        """Heed what the engine said until nothing moves, store it, tell the owner and return the Advance."""
        while self._effects:
            self._heed(self._effects.popleft())
        cancelled = self._clear_away()
        instance = self.instance
        instance.state = self.state.as_json()
        instance.trail = self._trail().as_json()
        instance.revision += 1
        if self.is_ended:
            instance.status = Instance.TERMINATED if self.is_terminated else Instance.ENDED
            instance.ended_at = self.at
        fields = ["definition", "state", "vars", "elements", "trail", "revision", "status", "ended_at"]
        work.change(instance, *fields)
        advance = Advance(
            instance_id=instance.pk,
            completed=self.task_view if self.is_completion else None,
            opened=tuple(
                task_view(task, self.seen(task.token))
                for task in self.opened
                if task.token in self.state.tokens
            ),
            cancelled=tuple(cancelled),
            entered=tuple(self.entered),
            incidents=tuple(self.incidents),
            ended=self.is_ended,
            terminated=self.is_terminated,
            move=self.kind,
        )
        owner = owners.find(instance.owner_kind)
        if owner is not None:
            owner.on_advance(instance, advance, actor=self.actor, at=self.at)
        return advance

    def _trail(self) -> Trail:
        """Return what the moves will need to know of this one."""
        step = None
        if (
            self.is_completion
            and self.task is not None
            and self.values_before is not None
            and not self.incidents
        ):
            step = (
                self.task.pk,
                Values.between(self.values_before, (self.instance.vars, self.instance.elements)),
            )
        return after_step(
            Trail.of(self.instance.trail),
            self.graph,
            self.began,
            self.state,
            operations=self.passed,
            entered=self.entered[-1].state if self.entered else "",
            step=step,
        )

    @property
    def task_view(self) -> TaskView | None:
        """The view of ``task``."""
        if self._task_view is None and self.task is not None:
            self._task_view = task_view(self.task)
        return self._task_view

    def within(self, token: int) -> engine.Within:
        """Return the elements of repeated activities in which a token lives."""
        return self.state.within(token) if self.instance.elements and token in self.state.tokens else ()

    def seen(self, token: int) -> Mapping[str, Any]:
        """Return the variables as a token sees them."""
        return self.variables.seen(self.within(token))

    def context(self, token: int, node: str) -> OperationContext:
        """Return what an operation at ``node`` is told."""
        return OperationContext(
            instance_id=self.instance.pk,
            owner=self.instance.owner,
            node=node,
            vars=MappingProxyType(dict(self.seen(token))),
            task=self.task_view,
            actor=self.actor,
            at=self.at,
        )

    # what the engine says

    @property
    def _choose(self) -> engine.Choose:
        return engine.by_conditions(lambda words, within: evaluate(words, self.variables.seen(within)))

    def _take(self, step: tuple[engine.State, list[engine.Effect]]) -> None:
        self.state, effects = step
        self._effects.extend(effects)

    def _heed(self, effect: engine.Effect) -> None:
        match effect:
            case engine.Arrived(token, node) if token in self.state.tokens:
                self._note_state(node)
                self._attempt(token, node, self._arrive)
            case engine.Gathered(token, node) if token in self.state.tokens:
                result = {"done": effect.done, "counted": effect.counted, "of": effect.of, "met": effect.met}
                self.variables.gather(
                    token, self.within(token), node.name, result, is_task=node.kind is Kind.USER
                )
                self._take(engine.gather(self.graph, self.state, token, self._choose))
            case engine.Cancelled(token, _):
                self.cancelled_tokens.append(token)
            case engine.Stuck(token, node, reason):
                self._park(token, node, reason)
            case engine.Ended(node):
                self._note_state(node)
                self.is_ended = True

    def _note_state(self, node: Node) -> None:
        if node.state:
            self.entered.append(Entered(node.id, node.state, LocalizedText(*node.label)))

    def _attempt(self, token: int, node: Node, act: Callable[[int, Node], None]) -> None:
        try:
            act(token, node)
        except CannotGoOn as reason:
            self._park(token, node, str(reason))

    def _park(self, token: int, node: Node, reason: str) -> None:
        job, _ = Job.objects.update_or_create(
            instance=self.instance,
            token=token,
            node=node.id,
            defaults={"state": Job.FAILED, "last_error": reason, "created_at": self.at, "next_at": self.at},
        )
        job.instance = self.instance
        self.incidents.append(fail(job, reason, actor=self.actor, at=self.at).pk)


def fail(job: Job, reason: str, *, actor: Actor, at: datetime) -> Incident:
    """Open the incident of a failed job, write it down and announce it."""
    incident = Incident.objects.create(job=job, opened_at=at, error=reason)
    instance = job.instance
    record(
        actor=actor,
        verb="processes.incident",
        subject=Ref.to("instance", instance.pk),
        case=case_of(instance),
        facts={"node": job.node},
        at=at,
    )
    announce(events.INCIDENT_OPENED, instance.owner, at=at, incident=incident.pk, node=job.node)
    return incident
