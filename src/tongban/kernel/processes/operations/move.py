"""The move: what the engine says is turned into tasks, jobs and due times, in one transaction.

Every operation of this module that moves a token does the same: lock the instance, begin a ``Move``, let the engine take a
step, ``finish``. The move also runs ``pure_db`` operations as soon as a token reaches them, and goes on from there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any
from uuid import UUID

from tongban.base.actor import Actor
from tongban.base.outbox import announce
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL
from tongban.kernel.calendars.service import add_limit, start_clock, stop_clock
from tongban.kernel.decisions.service import evaluate
from tongban.kernel.identity.service import holder_id
from tongban.kernel.ledger.service import record
from tongban.kernel.processes import engine, events
from tongban.kernel.processes.errors import InstanceEnded, InstanceNotFound
from tongban.kernel.processes.graph import Kind, Node
from tongban.kernel.processes.models import Incident, Instance, Job, Task, Timer
from tongban.kernel.processes.operations.publish import graph_of
from tongban.kernel.processes.registry import OperationContext, operations, owners
from tongban.kernel.processes.results import Advance, Entered, TaskView, task_view
from tongban.kernel.processes.structure import HOLDER
from tongban.kernel.processes.tasks import defer_job
from tongban.kernel.processes.trail import Trail, Values, after_step

__all__ = ["Move", "case_of", "fail", "lock_instance"]

STEP = LocalizedText(zh="本步骤时限", en="Limit of this step")
BY_TIMER = "timer"
"""The value of a task's variable when its boundary timer ended it."""


class _CannotGoOn(Exception):
    """This step cannot be made with the variables as they are."""


def lock_instance(instance_id: UUID, *, active: bool = True) -> Instance:
    """Lock an instance. Raises InstanceNotFound, and InstanceEnded unless ``active`` is False."""
    instance = Instance.objects.select_for_update().filter(pk=instance_id).first()
    if instance is None:
        raise InstanceNotFound
    if active and instance.status != Instance.ACTIVE:
        raise InstanceEnded
    return instance


def case_of(instance: Instance) -> str:
    """Return the case string under which the ledger files acts of this instance."""
    return str(instance.owner) if instance.owner_kind == "case" else ""


class Move:
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
        vars_before: Mapping[str, Any] | None = None,
    ) -> None:
        self.instance = instance
        self.actor = actor
        self.at = at
        self.task = task
        self.graph = graph_of(instance.definition_id)
        self.state = engine.State.of(instance.state)
        self.before = {number: self.graph.nodes[token.node] for number, token in self.state.tokens.items()}
        self.is_completion = is_completion
        self.began = self.state
        self.vars_before = vars_before
        self.passed: list[str] = []
        self.kind = ""
        self.opened: list[Task] = []
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

    def complete(self, token: int) -> None:
        """Move on from a user task."""
        self._take(engine.complete(self.graph, self.state, token, self._choose))

    def service_done(self, token: int, result: Mapping[str, Any] | None) -> None:
        """Move on from a service task with what its operation returned."""
        self.instance.vars.update(result or {})
        passed = self.state.tokens.get(token)
        if passed is not None and self.graph.nodes[passed.node].kind is Kind.SERVICE:
            self.passed.append(passed.node)
        self._take(engine.service_done(self.graph, self.state, token, self._choose))

    def fire_timer(self, token: int, node: str) -> None:
        """Let a timer fire."""
        attached_to = self.graph.nodes[node].attached_to
        if attached_to:
            self.instance.vars[attached_to] = BY_TIMER
        self._take(engine.fire_timer(self.graph, self.state, token, node, self._choose))

    def again(self, token: int, node: str) -> None:
        """Try a step again that could not be made: choose, open the task, set the timer."""
        kind = self.graph.nodes[node].kind
        if kind in (Kind.EXCLUSIVE, Kind.INCLUSIVE):
            self._take(engine.resume(self.graph, self.state, token, self._choose))
        else:
            self._attempt(token, self.graph.nodes[node], self._arrive)

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
        instance.save(update_fields=["state", "vars", "trail", "revision", "status", "ended_at"])
        advance = Advance(
            instance_id=instance.pk,
            completed=self.task_view if self.is_completion else None,
            opened=tuple(
                task_view(task, instance.vars) for task in self.opened if task.token in self.state.tokens
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
            and self.vars_before is not None
            and not self.incidents
        ):
            step = self.task.pk, Values.between(self.vars_before, self.instance.vars)
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

    def context(self, node: str) -> OperationContext:
        """Return what an operation at ``node`` is told."""
        return OperationContext(
            instance_id=self.instance.pk,
            owner=self.instance.owner,
            node=node,
            vars=MappingProxyType(self.instance.vars),
            task=self.task_view,
            actor=self.actor,
            at=self.at,
        )

    # what the engine says

    @property
    def _choose(self) -> engine.Choose:
        return engine.by_conditions(lambda expression, within: evaluate(expression, self.instance.vars))

    def _take(self, step: tuple[engine.State, list[engine.Effect]]) -> None:
        self.state, effects = step
        self._effects.extend(effects)

    def _heed(self, effect: engine.Effect) -> None:
        match effect:
            case engine.Arrived(token, node) if token in self.state.tokens:
                self._note_state(node)
                self._attempt(token, node, self._arrive)
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
        except _CannotGoOn as reason:
            self._park(token, node, str(reason))

    def _arrive(self, token: int, node: Node) -> None:
        if node.kind is Kind.USER:
            self._open(token, node)
        elif node.kind is Kind.SERVICE:
            self._serve(token, node)
        else:
            self._set_timer(token, node)

    # people

    def _open(self, token: int, node: Node, earlier: Task | None = None) -> None:
        """Open the task of a token. ``earlier`` is the one that it takes up again, for moves that go back."""
        task = Task(
            instance=self.instance,
            token=token,
            node=node.id,
            name=LocalizedText(*node.label),
            form=node.form,
            outcomes=[
                {
                    "key": o.key,
                    "label": {"zh": o.label.zh, "en": o.label.en},
                    "style": o.style,
                    "opinion": o.opinion,
                    "form": o.form,
                    "when": o.when,
                }
                for o in node.outcomes
            ],
            separate_from=node.separate_from,
            holder_id=earlier.holder_id if earlier else self._holder(node),
            owner_kind=self.instance.owner_kind,
            owner_id=self.instance.owner_id,
            opened_at=self.at,
        )
        if earlier is not None:
            self._prepare(task, earlier)
        task.save()
        if node.limit:
            self._start_clock(task, node, earlier)
        self.opened.append(task)
        for timer in node.timers:
            self._attempt(token, self.graph.nodes[timer], self._set_timer)

    def _prepare(self, task: Task, earlier: Task) -> None:
        """Give a task what it takes over from the earlier one."""

    def _start_clock(self, task: Task, node: Node, earlier: Task | None = None) -> None:
        task.clock = start_clock(
            owner=Ref.to("task", task.pk),
            key="step",
            label=STEP,
            limit=node.limit,
            started_at=self.at,
            legal_source=LocalizedText(""),
            start_event=task.name,
            at=self.at,
        )
        task.due_at = task.clock.due_at
        task.save(update_fields=["clock", "due_at"])

    def _holder(self, node: Node) -> int:
        """Work out who holds the task. The pattern was checked at publishing; the variables are known only now."""
        match = HOLDER.match(node.holder)
        if match is None:
            raise _CannotGoOn(f"holder {node.holder!r} is not understood")
        value = self._variable(match["unit"] or match["var"])
        if not isinstance(value, int) or isinstance(value, bool):
            raise _CannotGoOn(f"holder {node.holder!r}: the variable is {value!r}, not an id")
        return holder_id("duty", f"{value}:{match['duty']}") if match["duty"] else value

    # times

    def _set_timer(self, token: int, node: Node) -> None:
        since = self._since(node)
        due_at = add_limit(since, node.limit)
        Timer.objects.update_or_create(
            instance=self.instance,
            token=token,
            node=node.id,
            defaults={
                "since_at": since,
                "limit": node.limit,
                "due_at": due_at,
                "next_at": due_at,
                "state": Timer.WAITING,
                "attempts": 0,
            },
        )

    def _since(self, node: Node) -> datetime:
        if not node.since:
            return self.at
        value = self._variable(node.since)
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise _CannotGoOn(f"timer: the variable {node.since!r} is {value!r}, not a date") from None
        return moment if moment.tzinfo else datetime.combine(date.fromisoformat(value[:10]), time(), LOCAL)

    # the machine

    def _serve(self, token: int, node: Node) -> None:
        found = operations.find(node.operation)
        if found is None:
            raise _CannotGoOn(f"no operation is registered as {node.operation!r}")
        if found.pure_db:
            self.service_done(token, found.run(self.context(node.id)))
            return
        job, _ = Job.objects.update_or_create(
            instance=self.instance,
            token=token,
            node=node.id,
            defaults={
                "operation": node.operation,
                "task": self.task,
                "state": Job.WAITING,
                "created_at": self.at,
                "next_at": self.at,
            },
        )
        defer_job(job.pk)

    # what is left over

    def _variable(self, path: str) -> Any:
        value: Any = self.instance.vars
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def _park(self, token: int, node: Node, reason: str) -> None:
        job, _ = Job.objects.update_or_create(
            instance=self.instance,
            token=token,
            node=node.id,
            defaults={"state": Job.FAILED, "last_error": reason, "created_at": self.at, "next_at": self.at},
        )
        job.instance = self.instance
        self.incidents.append(fail(job, reason, actor=self.actor, at=self.at).pk)

    def _clear_away(self) -> list[TaskView]:
        """Close what belonged to tokens that are gone: tasks not done, their clocks, timers, jobs, incidents."""
        gone = {*(set(self.before) - set(self.state.tokens)), *self.cancelled_tokens}
        if not self.cancelled_tokens and not any(self.before[n].timers for n in gone):
            return []
        self.instance.timers.filter(token__in=gone, state__in=[Timer.WAITING, Timer.FAILED]).update(
            state=Timer.CANCELLED
        )
        self._cancel_jobs(gone)
        return self._cancel_tasks() if self.cancelled_tokens else []

    def _cancel_jobs(self, gone: set[int]) -> None:
        """A job that a worker runs at this moment finds itself cancelled when it comes to its end."""
        jobs = self.instance.jobs.filter(token__in=gone, state__in=[Job.WAITING, Job.FAILED])
        ids = list(jobs.values_list("pk", flat=True))
        if ids:
            Job.objects.filter(pk__in=ids).update(state=Job.CANCELLED, finished_at=self.at)
            Incident.objects.filter(job__in=ids, resolved_at__isnull=True).update(
                resolved_at=self.at, resolution="cancelled"
            )

    def _cancel_tasks(self) -> list[TaskView]:
        tasks = list(
            self.instance.tasks.filter(
                token__in=self.cancelled_tokens, state__in=[Task.OPEN, Task.PLANNED]
            ).order_by("pk")
        )
        for task in tasks:
            task.state = Task.CANCELLED
            task.save(update_fields=["state"])
            if task.clock_id:
                stop_clock(clock_id=task.clock_id, at=self.at)
        return [task_view(task) for task in tasks]


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
