"""Back to an earlier step, one's own step taken back, the same step again: moves that lay tokens down where some lay before."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, NoReturn

from django.db import transaction

from tongban.base.actor import Actor
from tongban.kernel.calendars.service import stop_clock, void_clock
from tongban.kernel.identity.service import holds
from tongban.kernel.processes import engine, moves
from tongban.kernel.processes.errors import MoveRefused, ReasonRequired
from tongban.kernel.processes.graph import Kind, Node
from tongban.kernel.processes.models import Instance, Task, Timer
from tongban.kernel.processes.operations.binding import graph_of
from tongban.kernel.processes.operations.leaving import lock_task
from tongban.kernel.processes.operations.move import Move
from tongban.kernel.processes.results import Advance, Entered, TaskView, task_view
from tongban.kernel.processes.standing import Situation, WhyNot, why_not
from tongban.kernel.processes.trail import Trail
from tongban.kernel.processes.variables import SHARED

__all__ = ["do_again", "refuse", "return_to", "situation_of", "withdraw"]

AGAIN = "again"


def return_to(*, actor: Actor, task_id: int, to_node: str, reason: str, at: datetime) -> Advance:
    """Send a case back from an open step to the earlier step ``to_node``; who did that step gets it again.

    Everything that came after the target is cancelled, parallel branches too; what was done there counts no longer and its
    variables are as if it had not been done. Raises ReasonRequired, MoveRefused (``return``), TaskNotFound.
    """
    _need(reason)
    with transaction.atomic():
        instance, task = lock_task(task_id)
        situation = situation_of(instance)
        target, why = situation.may_return_to(actor, task, to_node)
        if target is None:
            refuse("return", why or why_not("no-earlier-step"))
        done = _row(situation, target.id)
        move = Office(instance, actor=actor, at=at, kind="return", reason=reason, own=task)
        move.return_to(task.token, done, situation)
        return move.finish()


def withdraw(*, actor: Actor, task_id: int, reason: str, at: datetime) -> Advance:
    """Take back a step that one has completed, before anybody acted on what it led to.

    Tokens, variables, timers and the owner's state are again what they were; the step is open anew, with what was filled in,
    in the hands of who did it. Raises ReasonRequired, MoveRefused (``withdraw``), TaskNotFound.
    """
    _need(reason)
    with transaction.atomic():
        instance, task = lock_task(task_id)
        situation = situation_of(instance)
        why = situation.may_withdraw(actor, task)
        if why is not None:
            refuse("withdraw", why)
        move = Office(instance, actor=actor, at=at, kind="withdraw", reason=reason, own=task)
        if task.token in situation.state.tokens:
            move.again(task.token)
        else:
            move.withdraw(task, situation.trail)
        return move.finish()


def do_again(instance: Instance, task: Task, *, actor: Actor, reason: str, at: datetime) -> Advance:
    """Open a step once more at its place: a signer after it did not agree."""
    move = Office(instance, actor=actor, at=at, kind=AGAIN, reason=reason, own=task)
    move.again(task.token)
    return move.finish()


def situation_of(instance: Instance, tasks: list[Task] | None = None) -> Situation:
    """Return the situation of an instance for ``standing`` to judge."""
    rows = list(instance.tasks.order_by("pk")) if tasks is None else tasks
    return Situation(
        graph=graph_of(instance.definition_id),
        state=engine.State.of(instance.state),
        trail=Trail.of(instance.trail),
        values=instance.vars,
        elements=instance.elements,
        is_active=instance.status == Instance.ACTIVE,
        tasks=rows,
    )


def refuse(move: str, why: WhyNot) -> NoReturn:
    """Raise the refusal of a move with its reason."""
    raise MoveRefused(why.text, move=move, why=why.key)


def _need(reason: str) -> None:
    if not reason.strip():
        raise ReasonRequired


def _row(situation: Situation, task_id: int) -> Task:
    return next(task for task in situation.tasks if task.id == task_id)  # type: ignore[return-value]


class Office(Move):
    """A move that lays tokens down where some lay before. ``own`` is the task of who makes it."""

    def __init__(
        self, instance: Instance, *, actor: Actor, at: datetime, kind: str, reason: str, own: Task
    ) -> None:
        super().__init__(instance, actor=actor, at=at)
        self.kind = kind
        self.reason = reason.strip()
        self.own = own
        self.is_same_round = kind != "return"
        self.stays_in = ""
        self.renamed: dict[int, int] = {}

    def return_to(self, token: int, done: Task, situation: Situation) -> None:
        """Lay the token down at the step ``done`` and forget what came after."""
        _, undone = situation.consequences(done, self.own)
        behind = situation.behind(done, self.own)
        own = self.variables.own(self.within(moves.place_of(self.state, self.graph, token, done.node)))
        self._relay(moves.return_to(self.graph, self.state, token, done.node, done.token))
        self._forget(behind, own)
        Task.objects.filter(pk__in=[task.id for task in undone]).update(is_void=True)

    def withdraw(self, task: Task, trail: Trail) -> None:
        """Lay everything down as it lay before ``task`` was completed."""
        passed = trail.steps[task.pk]
        self._relay(moves.take_back(self.graph, self.state, passed.undo))
        passed.values.put_back(self.instance.vars, self.instance.elements, self.renamed)
        if passed.state != trail.state:
            self.stays_in = passed.state
        self._undo(task)

    def again(self, token: int) -> None:  # type: ignore[override]
        """Lay the token of a step that is done, but has not been left, down once more."""
        self._relay(moves.reopen(self.graph, self.state, token))
        self._undo(self.own)

    def finish(self) -> Advance:
        """Close the own task with the reason, then as any move."""
        if self.stays_in:
            self.entered.append(Entered("", self.stays_in, self.own.name))
        return super().finish()

    # tokens that come back

    def _relay(self, step: moves.Step) -> None:
        self.renamed = {each.earlier: each.token for each in step[1] if isinstance(each, moves.Reopened)}
        self._take(step)  # type: ignore[arg-type]

    def _heed(self, effect: Any) -> None:
        if isinstance(effect, moves.Reopened):
            if not self.is_same_round:
                self._note_state_of(effect.node)
            self._attempt(effect.token, effect.node, partial(self._come_back, effect.earlier))
        else:
            super()._heed(effect)

    def _note_state_of(self, node: Node) -> None:
        """Enter the state of the node, or of the nearest before it that has one."""
        state = moves.state_at(self.graph, node)
        if state is not None:
            self._note_state(state)

    def _come_back(self, earlier: int, token: int, node: Node) -> None:
        is_host = node.repeat is not None and self.state.tokens[token].index < 0
        if node.kind is Kind.USER and not is_host:
            task = self.instance.tasks.get(token=earlier, role=Task.MAIN)
            self._open(token, node, earlier=task)
        elif node.kind is Kind.SERVICE:
            self._serve(token, node)
        if self.is_same_round:
            self._go_on_with_timers(earlier, token)

    def _go_on_with_timers(self, earlier: int, token: int) -> None:
        """A step taken back has the due times that it had: its time runs on."""
        gone = self.instance.timers.filter(token=earlier).exclude(state=Timer.FIRED)
        for timer in gone:
            Timer.objects.update_or_create(
                instance=self.instance,
                token=token,
                node=timer.node,
                defaults={
                    "since_at": timer.since_at,
                    "limit": timer.limit,
                    "due_at": timer.due_at,
                    "next_at": timer.due_at,
                    "state": Timer.WAITING,
                    "attempts": 0,
                },
            )

    def _prepare(self, task: Task, earlier: Task) -> None:
        """The step comes back to who had it, with what was written down in it and why it came back."""
        task.holder_id = earlier.holder_id
        task.data = earlier.data
        task.note = self.reason
        task.asked_by, task.asked_name = self.actor.person_id, self.actor.signs_as
        who, name = (
            (earlier.completed_by, earlier.completed_name)
            if earlier.state == Task.DONE or earlier.pk == self.own.pk
            else (earlier.claimed_by, earlier.claimed_name)
        )
        if who is not None and name and holds(who, earlier.holder_id, self.at):
            task.claimed_by, task.claimed_name, task.claimed_at = who, name, self.at

    def _start_clock(self, task: Task, node: Node, earlier: Task | None = None) -> None:
        """Sent back, a step has its whole limit again; taken back, its time runs on from when it was first opened."""
        if earlier is None or earlier.clock is None or not self.is_same_round:
            super()._start_clock(task, node)
            return
        self._time(task, node, since=earlier.clock.started_at)

    # what goes

    def _cancel_tasks(self) -> list[TaskView]:
        """Cancel as usual, but say why, and void the clocks of steps that nobody had finished."""
        tasks = list(
            self.instance.tasks.filter(
                token__in=self.cancelled_tokens, state__in=[Task.OPEN, Task.PLANNED]
            ).order_by("pk")
        )
        for task in tasks:
            task.state, task.ended_as = Task.CANCELLED, self.kind
            if task.pk == self.own.pk:
                task.opinion = self.reason
                task.completed_at, task.completed_by = self.at, self.actor.person_id
                task.completed_name = self.actor.signs_as
            task.save()
            if task.clock_id:
                close = stop_clock if task.pk == self.own.pk else void_clock
                close(clock_id=task.clock_id, at=self.at)
        return [task_view(task) for task in tasks]

    def _undo(self, task: Task) -> None:
        """What was done in this task counts no longer."""
        task.state, task.ended_as, task.is_void = Task.CANCELLED, self.kind, True
        task.save(update_fields=["state", "ended_as", "is_void"])
        if task.clock_id:
            void_clock(clock_id=task.clock_id, at=self.at)

    def _forget(self, nodes: set[str], own: dict[str, Any]) -> None:
        """Let the variables of a place be as if these steps had not been done."""
        for key in nodes:
            node = self.graph.nodes[key]
            if node.kind in (Kind.USER, Kind.SUBPROCESS, Kind.CALL):
                own.pop(node.name, None)
                for kept in SHARED:
                    own.get(kept, {}).pop(node.name, None)
            elif node.kind is Kind.RULE:
                own.pop(node.result, None)
