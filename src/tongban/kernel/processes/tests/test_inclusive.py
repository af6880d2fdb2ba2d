"""Inclusive gateways: tables, and any graph against a second, naive implementation of the written semantics."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.campaign import figure, size
from tongban.kernel.processes import engine
from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.engine import Arrived, State, Stuck, Within, by_conditions
from tongban.kernel.processes.graph import Flow, Graph, Kind, Node
from tongban.kernel.processes.tests.choosing import first, taking
from tongban.kernel.processes.tests.drawn import (
    boundary,
    chain,
    end,
    flow,
    inc,
    par,
    process,
    start,
    user,
    xor,
)

THREE = parse(
    process(
        start(),
        inc("split", default="split_c"),
        user("a"),
        user("b"),
        user("c"),
        inc("join"),
        user("after"),
        end(),
        chain("start", "split"),
        flow("split", "a", "one"),
        flow("split", "b", "two"),
        flow("split", "c"),
        chain("a", "join", "after", "end"),
        chain("b", "join"),
        chain("c", "join"),
    )
)


def resting(state: State) -> list[str]:
    return sorted(token.node for token in state.tokens.values())


def done(graph: Graph, state: State, node: str, choose: engine.Choose = first) -> engine.Step:
    token = next(n for n, t in state.tokens.items() if t.node == node)
    return engine.complete(graph, state, token, choose)


@pytest.mark.parametrize(
    "truths, expected",
    [
        ({"one": True, "two": True}, ["a", "b"]),
        ({"one": False, "two": True}, ["b"]),
        ({"one": False, "two": False}, ["c"]),
    ],
)
def test_a_split_takes_every_flow_whose_condition_holds_or_the_default(truths, expected) -> None:
    state, _ = engine.start(THREE, by_conditions(lambda words, within: truths[words]))
    assert resting(state) == expected


def test_a_split_that_finds_no_way_keeps_the_token_and_can_be_resumed() -> None:
    graph = parse(
        process(
            start(), inc("x"), user("a"), user("b"), end(),
            chain("start", "x"), flow("x", "a", "one"), flow("x", "b", "two"), chain("a", "end"), chain("b", "end"),
        )
    )  # fmt: skip
    truths = {"one": False, "two": False}
    choose = by_conditions(lambda words, within: truths[words])
    state, effects = engine.start(graph, choose)
    assert [type(effect) for effect in effects] == [Stuck]
    truths["two"] = True
    state, effects = engine.resume(graph, state, effects[0].token, choose)
    assert effects == [Arrived(2, graph.nodes["b"])]


@pytest.mark.parametrize("taken", [("a",), ("a", "b"), ("b", "c"), ("a", "b", "c")])
def test_a_join_waits_for_exactly_the_branches_taken(taken: tuple[str, ...]) -> None:
    state, _ = engine.start(THREE, taking(*taken))
    for n, branch in enumerate(taken, 1):
        state, _ = done(THREE, state, branch)
        expected = ["after"] if n == len(taken) else sorted([*taken[n:], *["join"] * n])
        assert resting(state) == expected


def test_a_branch_that_ends_elsewhere_opens_the_join() -> None:
    graph = parse(
        process(
            start(), inc("split"), user("a"), user("b"), xor("x"), end("gone"), inc("join"), user("after"), end(),
            chain("start", "split"), flow("split", "a", "1"), flow("split", "b", "2"), chain("a", "join"),
            chain("b", "x"), flow("x", "join", "back"), flow("x", "gone", "away"), chain("join", "after", "end"),
        )
    )  # fmt: skip
    state, _ = engine.start(graph, first)
    state, _ = done(graph, state, "a")
    assert resting(state) == ["b", "join"]
    state, effects = done(graph, state, "b", taking("gone"))
    assert (resting(state), effects) == (["after"], [Arrived(state.last, graph.nodes["after"])])


def test_a_join_may_wait_for_a_token_that_could_come_by_a_timer() -> None:
    graph = parse(
        process(
            start(), par("split"), user("a"), user("b"), boundary("late", "b"), inc("join"), end("e2"), user("after"),
            end(), chain("start", "split", "a", "join", "after", "end"), chain("split", "b", "e2"),
            flow("late", "join"),
        )
    )  # fmt: skip
    state, _ = engine.start(graph, first)
    state, _ = done(graph, state, "a")
    assert resting(state) == ["b", "join"]
    by_timer, _ = engine.fire_timer(graph, state, 2, "late", first)
    by_hand, _ = done(graph, state, "b")
    assert resting(by_timer) == resting(by_hand) == ["after"]


def test_two_joins_that_wait_for_each_other_are_told() -> None:
    graph = parse(
        process(
            start(), par("p"), inc("j1"), inc("j2"), user("a"), user("b"), xor("x"), xor("y"), end(),
            chain("start", "p", "j1", "a", "x"), chain("p", "j2", "b", "y"),
            flow("x", "j2", "1"), flow("x", "end", "2"), flow("y", "j1", "1"), flow("y", "end", "2"),
        )
    )  # fmt: skip
    state, effects = engine.start(graph, first)
    assert resting(state) == ["j1", "j2"]
    assert [type(effect) for effect in effects] == [Stuck]


def test_a_join_that_found_no_way_is_resumed_and_not_joined_again() -> None:
    graph = parse(
        process(
            start(), par("p"), inc("j", default=""), user("a"), user("b"), end(),
            flow("start", "p"), flow("p", "j", key="f1"), flow("p", "j", key="f2"),
            flow("j", "a", "one"), flow("j", "b", "two"), chain("a", "end"), chain("b", "end"),
        )
    )  # fmt: skip
    nothing = by_conditions(lambda words, within: False)
    state, effects = engine.start(graph, nothing)
    assert ([type(e) for e in effects], resting(state)) == ([Stuck], ["j"])
    again, effects = engine.resume(graph, state, effects[0].token, nothing)
    assert ([type(e) for e in effects], resting(again)) == ([Stuck], ["j"])
    state, _ = engine.resume(graph, again, again.last, first)
    assert resting(state) == ["a", "b"]


# --- Any graph, against the semantics written a second time ---


class Naive:
    """The written semantics, without numbers, scopes or precomputed sets.

    A token is a place where something rests, in order of arrival. When nothing moves, the joins are looked at in
    the order of their oldest token: one opens when no path leads to it from any other token. Paths are walked
    one by one, again each time.
    """

    def __init__(self, graph: Graph, ways: Ways) -> None:
        self.graph = graph
        self.ways = ways
        self.places: list[str] = []
        self.walk([flow.target for flow in graph.start.outgoing])

    def walk(self, arriving: list[str]) -> None:
        while arriving:
            while arriving:
                node = self.graph.nodes[arriving.pop(0)]
                if node.kind is Kind.USER or (node.kind is Kind.INCLUSIVE and len(node.incoming) > 1):
                    self.places.append(node.id)
                elif node.kind is not Kind.END:
                    arriving += self.ways.out_of(node)
            for join in dict.fromkeys(place for place in self.places if self.is_join(place)):
                others = [place for place in self.places if place != join]
                if not any(self.leads(place, join, []) for place in others):
                    self.places = others
                    arriving += self.ways.out_of(self.graph.nodes[join])
                    break

    def is_join(self, key: str) -> bool:
        return self.graph.nodes[key].kind is Kind.INCLUSIVE

    def leads(self, here: str, join: str, walked: list[str]) -> bool:
        """Is there a path from here to the join? Every path without a repetition is tried."""
        if here in walked:
            return False
        node = self.graph.nodes[here]
        steps = [flow.target for flow in node.outgoing]
        for timer in self.graph.nodes.values():
            if timer.attached_to == here:
                steps += [flow.target for flow in timer.outgoing]
        return any(step == join or self.leads(step, join, [*walked, here]) for step in steps)

    def leave(self, task: str, by: str) -> None:
        """A person, or a timer, moves the oldest token off a task."""
        timer = self.graph.nodes[by]
        if timer.kind is Kind.USER or timer.interrupts:
            self.places.remove(task)
        self.walk([flow.target for flow in timer.outgoing])


class Ways:
    """The same drawn numbers for both: which ways out of a gateway, visit by visit."""

    def __init__(self, numbers: list[int]) -> None:
        self.numbers = numbers
        self.visits: dict[str, int] = {}

    def chosen(self, node: Node) -> list[Flow]:
        if len(node.outgoing) == 1:
            return list(node.outgoing)
        visit = self.visits[node.id] = self.visits.get(node.id, 0) + 1
        number = self.numbers[(visit * 5 + sum(map(ord, node.id))) % len(self.numbers)]
        if node.kind is Kind.EXCLUSIVE:
            return [node.outgoing[number % len(node.outgoing)]]
        mask = number % (2 ** len(node.outgoing) - 1) + 1
        return [flow for n, flow in enumerate(node.outgoing) if mask >> n & 1]

    def out_of(self, node: Node) -> list[str]:
        return [flow.target for flow in self.chosen(node)]

    def one(self, node: Node, within: Within) -> Flow:
        return self.chosen(node)[0]

    def some(self, node: Node, within: Within) -> list[Flow]:
        return self.chosen(node)


@st.composite
def graphs_in_xml(draw: st.DrawFn) -> bytes:
    """Any graph of tasks, exclusive and inclusive gateways and timers; every circle holds a task."""
    kinds = draw(st.lists(st.sampled_from("tttxiii"), min_size=3, max_size=9))
    keys = [f"{kind}{n}" for n, kind in enumerate(kinds)]
    parts, numbers = (
        [start(), end(), *({"t": user, "x": xor, "i": inc}[key[0]](key) for key in keys)],
        count(),
    )
    for n, key in enumerate(["start", *keys]):
        ahead = [*keys[n:], "end"]
        targets = ahead + [other for other in keys[:n] if key[0] == "t" or other[0] == "t"]
        wide = 3 if key[0] in "xi" else 1
        for target in draw(st.lists(st.sampled_from(targets), min_size=1, max_size=wide)):
            parts.append(flow(key, target, key=f"f{next(numbers)}"))
        if key[0] == "t" and draw(st.integers(0, 3)) == 0:
            parts.append(boundary(f"b{key}", key, cancelActivity=draw(st.sampled_from(["", "false"]))))
            parts.append(flow(f"b{key}", draw(st.sampled_from([*keys, "end"])), key=f"f{next(numbers)}"))
    return process(*parts)


GRAPHS = size(400, 20_000)


@pytest.mark.campaign
@settings(max_examples=GRAPHS, deadline=None)
@given(
    graph=graphs_in_xml().map(parse),
    numbers=st.lists(st.integers(0, 13), min_size=1, max_size=9),
    order=st.randoms(use_true_random=False),
)
def test_joins_open_exactly_when_the_written_semantics_say_so(graph, numbers, order) -> None:
    mine, reference = Ways(numbers), Naive(graph, Ways(numbers))
    state, _ = engine.start(graph, mine)
    for _ in range(30):
        assert resting(state) == sorted(reference.places)
        moves = []
        for number, token in state.tokens.items():
            node = graph.nodes[token.node]
            if node.kind is Kind.USER and token.node not in [
                graph.nodes[m[1]].attached_to or m[1] for m in moves
            ]:
                moves += [(number, by) for by in (node.id, *node.timers) if by not in token.fired]
        if not moves or len(state.tokens) > 25:
            break
        number, by = order.choice(moves)
        reference.leave(state.tokens[number].node, by)
        if graph.nodes[by].kind is Kind.USER:
            state, _ = engine.complete(graph, state, number, mine)
        else:
            state, _ = engine.fire_timer(graph, state, number, by, mine)
        assert State.of(state.as_json()) == state


@pytest.mark.campaign
def test_the_number_of_graphs_is_noted() -> None:
    figure("inclusive joins: generated graphs compared with the naive implementation", GRAPHS, "graphs")
