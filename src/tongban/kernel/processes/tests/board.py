"""An instance played in memory: engine, moves and judgement without a database, as ``operations`` put them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.kernel.processes import engine, moves
from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.graph import Graph, Kind
from tongban.kernel.processes.joins import waits_at_join
from tongban.kernel.processes.standing import Situation, WhyNot
from tongban.kernel.processes.state import State, Token
from tongban.kernel.processes.tests.choosing import Choosing, first
from tongban.kernel.processes.trail import Trail, Values, after_step, photograph

__all__ = ["ANOTHER", "ME", "Board", "Refused", "written"]

ME = Actor(person_id=uuid4(), post_id=1, holders=frozenset({1}), name="王敏")
ANOTHER = Actor(person_id=uuid4(), post_id=2, holders=frozenset({1}), name="赵强")


class Refused(Exception):
    """A move is refused; ``key`` says why."""

    def __init__(self, why: WhyNot | None) -> None:
        self.key = why.key if why else ""
        super().__init__(str(why.text) if why else "")


@dataclass
class Row:
    """A task as the judgement sees it."""

    id: int
    node: str
    token: int
    name: LocalizedText = LocalizedText("一步")
    within: str = ""
    role: str = "main"
    main_id: int | None = None
    state: str = "open"
    holder_id: int = 1
    waits_for: str = ""
    separate_from: str = ""
    claimed_by: UUID | None = None
    claimed_name: str = ""
    completed_by: UUID | None = None
    completed_name: str = ""
    asked_by: UUID | None = None
    is_void: bool = False
    urged_at: Any = None


class Board:
    """Plays one instance. ``sizes`` says how many elements a repeated activity has."""

    def __init__(self, xml: bytes, choose: Choosing = first, sizes: int = 3, jobs_wait: bool = False) -> None:
        self.graph: Graph = parse(xml)
        self.choose, self.sizes, self.jobs_wait = choose, sizes, jobs_wait
        self.state, self.trail = State(), Trail()
        self.values: dict[str, Any] = {"data": {}, "by": {}}
        self.tasks: list[Row] = []
        self.cancelled: list[str] = []
        self._move(engine.start(self.graph, choose))

    # what people do

    def do(self, where: str, actor: Actor = ME, outcome: str = "done") -> Row:
        """Complete the open task at a node ("a", or "ask.1" for an element); at a timer: let it fire."""
        key, _, index = where.partition(".")
        number = next(
            n
            for n, t in self.state.tokens.items()
            if t.node == key
            and (not index or t.index == int(index) or self.state.tokens.get(t.scope, t).index == int(index))
            and (t.index >= 0 or self.graph.nodes[t.node].repeat is None)
        )
        if self.graph.nodes[key].kind is Kind.TIMER:
            self._move(engine.fire_timer(self.graph, self.state, number, key, self.choose))
            return Row(0, key, number)
        [row] = [t for t in self.tasks if t.token == number and t.state == "open"]
        row.state, row.completed_by, row.completed_name = "done", actor.person_id, actor.name
        before = photograph(self.values, {})
        self.values[key] = outcome
        self.values["data"][key], self.values["by"][key] = {}, str(actor.person_id)
        step = engine.complete(self.graph, self.state, number, self.choose, outcome)
        self._move(step, (row, before))
        return row

    def send_back(self, where: str, to: str, actor: Actor = ME) -> None:
        """Return from an open task."""
        row = self._open_at(where)
        target, why = self.situation.may_return_to(actor, row, to)
        if target is None or why is not None:
            raise Refused(why)
        row.state = "cancelled"
        self._move(moves.return_to(self.graph, self.state, row.token, to, target.token))

    def take_back(self, row: Row, actor: Actor = ME) -> None:
        """Withdraw a task that is done."""
        why = self.situation.may_withdraw(actor, row)
        if why is not None:
            raise Refused(why)
        passed = self.trail.steps[row.id]
        row.state, row.is_void = "cancelled", True
        self._move(moves.take_back(self.graph, self.state, passed.undo))
        passed.values.put_back(self.values, {}, {})

    def _open_at(self, where: str) -> Row:
        key, _, index = where.partition(".")
        for row in self.tasks:
            token = self.state.tokens.get(row.token)
            if row.state == "open" and row.node == key and token is not None:
                host = self.state.tokens.get(token.scope)
                if not index or int(index) in (token.index, host.index if host else -1):
                    return row
        raise LookupError(where)

    @property
    def situation(self) -> Situation:
        """What the judgement is told."""
        return Situation(
            self.graph, self.state, self.trail, self.values, {}, not self.state.is_ended, tuple(self.tasks)
        )

    # what follows

    def _move(self, step: Any, done: tuple[Row, Any] | None = None) -> None:
        before, passed = self.state, {}
        self.state, effects = step
        self.cancelled = []
        waiting = list(effects)
        while waiting:
            effect = waiting.pop(0)
            if isinstance(effect, engine.Cancelled):
                self._cancel(effect)
            elif isinstance(effect, engine.Gathered):
                self.values[effect.node.name] = {"done": effect.done, "of": effect.of}
                self.state, more = engine.gather(self.graph, self.state, effect.token, self.choose)
                waiting += more
            elif isinstance(effect, engine.Arrived | moves.Reopened) and effect.token in self.state.tokens:
                more = self._arrive(effect, passed)
                waiting += more
        self.trail = after_step(
            self.trail,
            self.graph,
            before,
            self.state,
            operations=passed,
            entered="",
            step=(done[0].id, Values.between(done[1], (self.values, {}))) if done else None,
        )

    def _arrive(self, effect: Any, passed: dict[str, int]) -> list[Any]:
        token, node = self.state.tokens[effect.token], effect.node
        if node.repeat is not None and token.index < 0:
            if token.of >= 0:
                return []
            self.state, more = engine.spread(self.graph, self.state, effect.token, self.sizes, self.choose)
            return more
        if node.kind is Kind.SERVICE and not self.jobs_wait:
            passed[node.id] = self.state.last
            self.state, more = engine.service_done(self.graph, self.state, effect.token, self.choose)
            return more
        if node.kind is Kind.USER:
            lies_in = moves.place_in(self.state.within(effect.token))
            self.tasks.append(Row(len(self.tasks) + 1, node.id, effect.token, within=lies_in))
        return []

    def _cancel(self, effect: engine.Cancelled) -> None:
        if not effect.node.kind.is_gateway:
            self.cancelled.append(effect.node.id)
        for row in self.tasks:
            if row.token == effect.token and row.state == "open":
                row.state = "cancelled"


def written(graph: Graph, state: State, scope: int = 0) -> str:
    """Write tokens as the reference does: ``a``, ``join<b``, ``sub[x]``, ``ask[0, 2]``, ``sub[0: x]``."""
    return ", ".join(
        _written(graph, state, number, token)
        for number, token in state.tokens.items()
        if token.scope == scope
    )


def _written(graph: Graph, state: State, number: int, token: Token) -> str:
    node = graph.nodes[token.node]
    inner = written(graph, state, number)
    if waits_at_join(graph, token):
        return f"{node.id}<{graph.flows[token.via].source}"
    if token.index >= 0:
        return f"{token.index}: {inner}" if node.kind.is_scope else str(token.index)
    return f"{node.id}[{inner}]" if node.kind.is_scope or node.repeat is not None else node.id
