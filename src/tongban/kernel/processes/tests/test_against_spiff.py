"""The same processes, the same choices, two engines: SpiffWorkflow (a test dependency) offers the same tasks at every step.

A *sequence* is a run seen from outside: which task was completed and which flows the gateways took. Of a small
process all sequences are compared, of a larger one as many as are drawn by lot.

At a parallel join inside a loop SpiffWorkflow counts tokens of the round before (it keeps all rounds in one tree). So for it each
round is drawn as a sub-process, which has the same runs; ours runs both drawings.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest
from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.util.task import TaskState

from tests.support.campaign import figure, size
from tongban.kernel.processes import engine, structure
from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.engine import State
from tongban.kernel.processes.graph import Graph
from tongban.kernel.processes.statespace import START, Act, Way, acts, ways
from tongban.kernel.processes.tests.choosing import Choosing
from tongban.kernel.processes.tests.generated import BASIC, Block, draw, grow

PROCESSES = size(60, 600)
SEQUENCES = size(6, 40)
"""Of one process."""
LENGTH = 14
"""Completions in a sequence; a loop could go on for ever."""

Move = tuple[Act, Way]

logging.getLogger("spiff").setLevel(logging.WARNING)  # it tells every change of every task


class Told(PythonScriptEngine):
    """Conditions are true for the flows that were chosen, whatever the data say."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen: frozenset[str] = frozenset()

    def evaluate(self, task: object, expression: str, external_context: object = None) -> bool:
        return expression in self.chosen


class Spiff:
    """One run in the other engine."""

    def __init__(self, xml: bytes) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(xml))
        self.spec = parser.get_spec("p")
        self.inner = parser.get_subprocess_specs("p")

    def start(self, chosen: frozenset[str]) -> None:
        self.told = Told()
        self.told.chosen = chosen
        self.workflow = BpmnWorkflow(self.spec, self.inner, script_engine=self.told)
        self.workflow.do_engine_steps()

    def complete(self, task: str, chosen: frozenset[str]) -> None:
        self.told.chosen = chosen
        ready = self.workflow.get_tasks(state=TaskState.READY, manual=True)
        next(each for each in ready if each.task_spec.bpmn_id == task).run()
        self.workflow.do_engine_steps()

    def offered(self) -> list[str]:
        return sorted(
            task.task_spec.bpmn_id for task in self.workflow.get_tasks(state=TaskState.READY, manual=True)
        )

    @property
    def is_ended(self) -> bool:
        return bool(self.workflow.is_completed())


class Wrapped:
    """One run of ours through the drawing that the other engine is given."""

    def __init__(self, xml: bytes) -> None:
        self.graph = parse(xml)

    def start(self, chosen: frozenset[str]) -> None:
        self.state, _ = engine.start(self.graph, following(chosen))

    def complete(self, task: str, chosen: frozenset[str]) -> None:
        number = next(number for number, token in self.state.tokens.items() if token.node == task)
        self.state, _ = engine.complete(self.graph, self.state, number, following(chosen))

    def offered(self) -> list[str]:
        return offered_by_ours(self.graph, self.state)

    @property
    def is_ended(self) -> bool:
        return self.state.is_ended


def following(chosen: frozenset[str]) -> Choosing:
    return Choosing(lambda node: next(f for f in node.outgoing if f.id in chosen or len(node.outgoing) == 1))


def moves(graph: Graph, state: State, last: int) -> list[Move]:
    """All that can come next, each with the ways of the gateways behind it. ``last`` is 0 before the start."""
    possible = acts(graph, state) if last else [START]
    return [(act, way) for act in possible for way in ways(graph, state, act, lambda: None)]


def all_sequences(graph: Graph, state: State, sequence: tuple[Move, ...] = ()) -> Iterator[tuple[Move, ...]]:
    if sequence and (state.is_ended or len(sequence) > LENGTH):
        yield sequence
        return
    for move in moves(graph, state, len(sequence)):
        yield from all_sequences(graph, move[1].after, (*sequence, move))


def drawn_sequences(graph: Graph, random: Random, number: int) -> Iterator[tuple[Move, ...]]:
    for _ in range(number):
        state, sequence = State(), list[Move]()
        while not sequence or not (state.is_ended or len(sequence) > LENGTH):
            sequence.append(random.choice(moves(graph, state, len(sequence))))
            state = sequence[-1][1].after
        yield tuple(sequence)


def sequences_of(graph: Graph, random: Random) -> tuple[list[tuple[Move, ...]], bool]:
    """Return the sequences to compare, and whether these are all."""
    found = list(islice(all_sequences(graph, State()), SEQUENCES + 1))
    if len(found) <= SEQUENCES:
        return found, True
    return list(drawn_sequences(graph, random, SEQUENCES)), False


def offered_by_ours(graph: Graph, state: State) -> list[str]:
    return sorted(token.node for token in state.tokens.values() if graph.nodes[token.node].kind.waits)


def compare(graph: Graph, other: Spiff | Wrapped, sequence: tuple[Move, ...]) -> None:
    told: list[str] = []
    for act, way in sequence:
        chosen = frozenset(way.chosen)
        if act is START:
            other.start(chosen)
        else:
            other.complete(act.element, chosen)
        told.append(f"{act.element} {sorted(chosen)}")
        assert other.offered() == offered_by_ours(graph, way.after), told
        assert other.is_ended == way.after.is_ended, told


@pytest.mark.campaign
def test_the_same_tasks_are_offered_after_every_choice() -> None:
    random = Random(20260601)
    counted: Counter[str] = Counter()
    deepest = 0
    for _ in range(PROCESSES):
        block = grow(random, depth=random.choice([2, 3, 4, 4]))
        graph = parse(draw(block).xml())
        assert structure.check(graph) == []
        wrapped = draw(block, wrap_rounds=True).xml()
        spiff, ours = Spiff(wrapped), Wrapped(wrapped)
        sequences, are_all = sequences_of(graph, random)
        for sequence in sequences:
            compare(graph, spiff, sequence)
            compare(graph, ours, sequence)
        counted.update(processes=1, sequences=len(sequences), steps=sum(map(len, sequences)), whole=are_all)
        counted.update(kind for kind in set(block.kinds()) if kind in BASIC)
        deepest = max(deepest, block.depth)
    assert deepest == 4
    assert all(counted[kind] >= PROCESSES / 5 for kind in BASIC), counted
    figure("processes compared with SpiffWorkflow", counted["processes"], "processes")
    figure("of them with every sequence", counted["whole"], "processes")
    figure("sequences compared with SpiffWorkflow", counted["sequences"], "sequences")
    figure("steps compared with SpiffWorkflow", counted["steps"], "steps")


def test_a_difference_would_be_seen() -> None:
    """The comparison itself: two tasks one after the other are not two tasks side by side."""
    side_by_side, in_a_row = (Block(kind, (Block("task"), Block("task"))) for kind in ("par", "seq"))
    graph = parse(draw(side_by_side).xml())
    (sequence, *_), are_all = sequences_of(graph, Random(1))
    assert are_all
    with pytest.raises(AssertionError):
        compare(graph, Spiff(draw(in_a_row).xml()), sequence)
