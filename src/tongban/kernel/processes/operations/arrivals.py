"""What a token needs where it has come: a task for people, a due time, a job, a decision, elements to be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from tongban.base import work
from tongban.base.errors import TongbanError
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL
from tongban.kernel.calendars.service import add_limit, start_clock
from tongban.kernel.decisions.service import decide
from tongban.kernel.identity.service import holder_id
from tongban.kernel.processes.graph import Graph, Kind, Node
from tongban.kernel.processes.models import Instance, Job, Task, Timer
from tongban.kernel.processes.moves import place_in
from tongban.kernel.processes.registry import OperationContext, operations
from tongban.kernel.processes.state import State
from tongban.kernel.processes.structure import HOLDER
from tongban.kernel.processes.tasks import defer_job, ring_for
from tongban.kernel.processes.variables import at_path

__all__ = ["MAX_ELEMENTS", "STEP", "Arrivals", "CannotGoOn", "outcomes_of"]

STEP = LocalizedText(zh="“{step}”的时限", en="Limit of the step “{step}”")
OPENED = LocalizedText(zh="到这一步", en="the step was opened")
MAX_ELEMENTS = 200
"""How many elements a repeated activity may have. A list from a form can be long by mistake."""


class CannotGoOn(Exception):
    """This step cannot be made with the variables as they are."""


class Arrivals:
    """What a move does for a token where it has come. ``Move`` has it all."""

    instance: Instance
    task: Task | None
    at: datetime
    graph: Graph
    state: State
    opened: list[Task]
    timed: set[int]
    is_again: bool

    if TYPE_CHECKING:  # what Move gives

        def seen(self, token: int) -> Mapping[str, Any]: ...
        def context(self, token: int, node: str) -> OperationContext: ...
        def service_done(self, token: int, result: Mapping[str, Any] | None) -> None: ...
        def spread(self, token: int, values: list[Any]) -> None: ...
        def _attempt(self, token: int, node: Node, act: Callable[[int, Node], None]) -> None: ...

    def _arrive(self, token: int, node: Node) -> None:
        """Do what a token that came to ``node`` needs. Raises CannotGoOn."""
        if node.repeat is not None and self.state.tokens[token].index < 0:
            self._spread(token, node)
            return
        match node.kind:
            case Kind.USER:
                self._open(token, node)
            case Kind.SERVICE:
                self._serve(token, node)
            case Kind.RULE:
                self._decide(token, node)
            case Kind.SUBPROCESS | Kind.CALL:
                self._set_timers(token, node)
            case _:
                self._set_timer(token, node)

    # people

    def _open(self, token: int, node: Node, earlier: Task | None = None) -> None:
        """Open the task of a token. ``earlier`` is the one that it takes up again, for moves that go back."""
        instance = self.instance
        task = Task(
            instance=instance,
            token=token,
            node=node.id,
            name=LocalizedText(*node.label),
            form=node.form,
            outcomes=outcomes_of(node),
            separate_from=node.separate_from,
            within=place_in(self.state.within(token)),
            holder_id=earlier.holder_id if earlier else self._holder(token, node),
            owner_kind=instance.owner_kind,
            owner_id=instance.owner_id,
            opened_at=self.at,
        )
        if earlier is not None:
            self._prepare(task, earlier)
        work.add(work.number(task))
        if node.limit:
            self._start_clock(task, node, earlier)
        self.opened.append(task)
        if node.repeat is None:
            self._set_timers(token, node)

    def _prepare(self, task: Task, earlier: Task) -> None:
        """Give a task what it takes over from the earlier one."""

    def _start_clock(self, task: Task, node: Node, earlier: Task | None = None) -> None:
        self._time(task, node, since=self.at)

    def _time(self, task: Task, node: Node, *, since: datetime) -> None:
        """Start the clock of a step; it belongs to whom the process belongs to, and by the holidays of the place."""
        task.clock = start_clock(
            owner=task.owner,
            key="step",
            label=STEP.format(step=task.name),
            limit=node.limit,
            started_at=since,
            legal_source=LocalizedText(""),
            start_event=OPENED,
            region=self.instance.vars.get("region", ""),
            at=self.at,
        )
        task.due_at = task.clock.due_at
        work.change(task, "clock", "due_at")

    def _holder(self, token: int, node: Node) -> int:
        """Work out who holds the task. The pattern was checked at publishing; the variables are known only now."""
        value, duty = self._holder_parts(token, node)
        return holder_id("duty", f"{value}:{duty}") if duty else value

    def _holder_parts(self, token: int, node: Node) -> tuple[int, str]:
        """Return the unit and the duty, or the holder and "". Raises CannotGoOn."""
        match = HOLDER.match(node.holder)
        if match is None:
            raise CannotGoOn(f"holder {node.holder!r} is not understood")
        value = at_path(self.seen(token), match["unit"] or match["var"])
        if not isinstance(value, int) or isinstance(value, bool):
            raise CannotGoOn(f"holder {node.holder!r}: the variable is {value!r}, not an id")
        return value, match["duty"] or ""

    # times

    def _set_timers(self, token: int, node: Node) -> None:
        """Set the timers attached to a node; one that cannot be set is an incident of its own."""
        for timer in node.timers:
            self._attempt(token, self.graph.nodes[timer], self._set_timer)

    def _set_timer(self, token: int, node: Node) -> None:
        since, limit = self._since(token, node), self._limit(node)
        due_at = add_limit(since, limit, region=self.instance.vars.get("region", ""))
        values = {"since_at": since, "limit": limit, "due_at": due_at, "next_at": due_at}
        if self.is_again:
            self.instance.timers.update_or_create(
                token=token, node=node.id, defaults={**values, "state": Timer.WAITING, "attempts": 0}
            )
        else:
            work.add(Timer(instance=self.instance, token=token, node=node.id, **values))
        self.timed.add(token)

    def _limit(self, node: Node) -> str:
        """Return how long a wait lasts: what the case itself says for its state (``limits.<state>``), else what is drawn."""
        own = self.instance.vars.get("limits")
        said = own.get(node.state) if node.state and isinstance(own, Mapping) else None
        return said if isinstance(said, str) and said else node.limit

    def _since(self, token: int, node: Node) -> datetime:
        if not node.since:
            return self.at
        value = at_path(self.seen(token), node.since)
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise CannotGoOn(f"timer: the variable {node.since!r} is {value!r}, not a date") from None
        return moment if moment.tzinfo else datetime.combine(date.fromisoformat(value[:10]), time(), LOCAL)

    # the machine

    def _serve(self, token: int, node: Node) -> None:
        found = operations.find(node.operation)
        if found is None:
            raise CannotGoOn(f"no operation is registered as {node.operation!r}")
        if found.pure_db:
            self.service_done(token, found.run(self.context(token, node.id)))
            return
        values = {
            "operation": node.operation,
            "task": self.task,
            "state": Job.WAITING,
            "created_at": self.at,
            "next_at": self.at,
        }
        if self.is_again:
            job, _ = self.instance.jobs.update_or_create(token=token, node=node.id, defaults=values)
            defer_job(job.pk)
        else:
            job = work.add(work.number(Job(instance=self.instance, token=token, node=node.id, **values)))
            ring_for(job.pk)

    def _decide(self, token: int, node: Node) -> None:
        """Ask the decision table as it is valid today."""
        try:
            decision = decide(node.decision, self.seen(token), on=self.at.astimezone(LOCAL).date())
        except TongbanError as error:
            raise CannotGoOn(f"decision {node.decision!r}: {error}") from error
        self.service_done(token, {node.result: decision.result})

    # one after another, or all at once

    def _spread(self, token: int, node: Node) -> None:
        path = node.repeat.collection if node.repeat else ""
        values = at_path(self.seen(token), path)
        if not isinstance(values, list):
            raise CannotGoOn(f"collection {path!r}: the variable is {values!r}, not a list")
        if len(values) > MAX_ELEMENTS:
            raise CannotGoOn(f"collection {path!r}: more than {MAX_ELEMENTS} elements")
        self._set_timers(token, node)
        self.spread(token, values)


def outcomes_of(node: Node) -> list[dict[str, Any]]:
    """Return the ways of completing a task as its row keeps them."""
    return [
        {
            "key": o.key,
            "label": {"zh": o.label.zh, "en": o.label.en},
            "style": o.style,
            "opinion": o.opinion,
            "form": o.form,
            "when": o.when,
        }
        for o in node.outcomes
    ]
