"""After a move of the office everything is as sound as before: no join waits in vain, nothing is doubled, an end is in reach.

Pure: random walks through generated processes, and at every state every return that ``earlier_steps`` allows.
"""

from __future__ import annotations

from random import Random

import pytest

from tests.support.campaign import figure, size
from tongban.kernel.processes import engine, moves
from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.engine import State
from tongban.kernel.processes.graph import Graph, Kind
from tongban.kernel.processes.soundness import Fault, judge
from tongban.kernel.processes.statespace import START, acts, ways
from tongban.kernel.processes.tests.choosing import first
from tongban.kernel.processes.tests.generated import WIDE, Block, draw, grow

PROCESSES, STEPS = size(500, 5_000), 15
LEAVES = ("task", "task", "limited", "service", "wait")


def at(state: State, node: str) -> int:
    return next(number for number, token in state.tokens.items() if token.node == node)


@pytest.mark.campaign
def test_whatever_is_sent_back_can_still_end() -> None:
    random = Random(20260604)
    returns = 0
    for _ in range(PROCESSES):
        block = grow(random, depth=random.choice([2, 3]), kinds=WIDE, leaves=LEAVES)
        graph = parse(draw(block, wrap_rounds=random.random() < 0.3).xml())
        state, done = State(), set[str]()
        for step in range(STEPS):
            possible = list(acts(graph, state)) if step else [START]
            if not possible:
                break
            act = random.choice(possible)
            state = random.choice(list(ways(graph, state, act, lambda: None))).after
            if act.kind == "complete":
                done.add(act.element)
            for number, target in targets(graph, state, done):
                after, _ = moves.return_to(graph, state, number, target, 1)
                verdict = judge(graph, begin=after, max_states=500, seconds=1e9)
                assert not isinstance(verdict, Fault), (block, state, number, target, verdict)
                returns += 1
    assert returns > PROCESSES
    figure("returns after which everything can still end", returns, "returns")


def targets(graph: Graph, state: State, done: set[str]) -> list[tuple[int, str]]:
    return [
        (number, target)
        for number, token in state.tokens.items()
        if graph.nodes[token.node].kind is Kind.USER
        for target in moves.earlier_steps(graph, state, number)
        if target in done
    ]


def test_the_other_branch_is_no_earlier_step_though_a_loop_leads_there() -> None:
    """Else what is left of the own branch would be skipped: its flow would count as having come to the join."""
    task = Block("task")
    graph = parse(
        draw(Block("seq", (task, Block("loop", (Block("par", (task, Block("seq", (task, task)))),))))).xml()
    )
    state, _ = engine.start(graph, first)
    for node in ("t1", "t2", "t3"):
        state, _ = engine.complete(graph, state, at(state, node), first)
    assert moves.earlier_steps(graph, state, at(state, "t4")) == ["t1", "t3"]


def test_what_lies_further_on_in_the_own_branch_is_no_earlier_step_though_a_loop_leads_there() -> None:
    """It was done in the round before: sent back to there, the other branch of this round would never come to its join."""
    task = Block("task")
    own = Block("seq", (task, task))
    graph = parse(draw(Block("loop", (Block("par", (task, own)),))).xml())
    state, _ = engine.start(graph, first)
    assert {token.node for token in state.tokens.values()} == {"t1", "t2"}
    assert moves.earlier_steps(graph, state, at(state, "t2")) == []
    state, _ = engine.complete(graph, state, at(state, "t2"), first)
    assert moves.earlier_steps(graph, state, at(state, "t3")) == ["t2"]
