"""Where the tokens of a running instance go in a corrected version, and why they may not."""

from __future__ import annotations

import re
from random import Random

import pytest

from tongban.kernel.processes import engine
from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.engine import State
from tongban.kernel.processes.graph import Graph
from tongban.kernel.processes.migration import plan
from tongban.kernel.processes.statespace import acts, ways
from tongban.kernel.processes.tests import generated
from tongban.kernel.processes.tests.choosing import first
from tongban.kernel.processes.tests.drawn import (
    boundary,
    chain,
    each,
    end,
    flow,
    par,
    process,
    service,
    start,
    sub,
    user,
)


def graph(*parts: str) -> Graph:
    return parse(process(*parts))


def after(graph: Graph, *done: str) -> State:
    """Complete user tasks in order."""
    state, _ = engine.start(graph, first)
    for name in done:
        number = next(n for n, token in state.tokens.items() if token.node == name)
        state, _ = engine.complete(graph, state, number, first)
    return state


LINE = (start(), user("a"), user("b"), end(), chain("start", "a", "b", "end"))
SPLIT = (
    start(), par("split"), user("a"), user("b"), par("join"), end(),
    chain("start", "split", "a", "join", "end"), flow("split", "b"), flow("b", "join"),
)  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_any_state_goes_over_to_the_same_process_under_other_ids_and_stays_what_it_is(seed: int) -> None:
    random = Random(seed)
    drawing = generated.draw(generated.grow(random, 3))
    old = parse(drawing.xml())
    new = parse(re.sub(rb'(id|sourceRef|targetRef|default|attachedToRef)="', rb'\1="x_', drawing.xml()))
    mapping = {key: f"x_{key}" for key in old.nodes}
    state, _ = engine.start(old, first)
    for _ in range(random.randint(0, 8)):
        possible = list(acts(old, state))
        if not possible:
            break
        state = next(ways(old, state, random.choice(possible), lambda: None)).after
    result = plan(old, new, state, mapping)
    assert result.problems == () and result.state is not None
    assert lying(new, result.state) == [(f"x_{node}", via and f"x_{via}") for node, via in lying(old, state)]
    assert result.state.taken == {f"x_{key}": times for key, times in state.taken.items()}
    assert plan(old, old, state, {}).state == state


def lying(graph: Graph, state: State) -> list[tuple[str, str]]:
    """Where the tokens lie, and at joins by which flow they came."""
    return sorted((t.node, t.via if graph.nodes[t.node].is_join else "") for t in state.tokens.values())


def test_a_step_that_is_gone_must_be_mapped() -> None:
    old, new = graph(*LINE), graph(start(), user("a"), user("c"), end(), chain("start", "a", "c", "end"))
    state = after(old, "a")
    refused = plan(old, new, state, {})
    assert refused.state is None and [problem.node for problem in refused.problems] == ["b"]
    moved = plan(old, new, state, {"b": "c"})
    assert moved.state is not None and [token.node for token in moved.state.tokens.values()] == ["c"]
    assert [(placed.before.id, placed.after.id) for placed in moved.placed] == [("b", "c")]


def test_a_step_of_another_kind_cannot_take_over() -> None:
    new = graph(start(), user("a"), service("b"), end(), chain("start", "a", "b", "end"))
    result = plan(graph(*LINE), new, after(graph(*LINE), "a"), {})
    assert result.state is None and "another kind" in result.problems[0].text.en
    repeated = graph(
        start(), user("a"), user("b", repeat=each("people")), end(), chain("start", "a", "b", "end")
    )
    assert plan(graph(*LINE), repeated, after(graph(*LINE), "a"), {}).state is None


def test_a_token_at_a_join_needs_the_way_it_came_by() -> None:
    old = graph(*SPLIT)
    state = after(old, "a")
    assert plan(old, old, state, {}).state == state
    new = graph(
        start(), par("split"), user("b"), user("c"), par("join"), end(),
        chain("start", "split", "b", "join", "end"), flow("split", "c"), flow("c", "join"),
    )  # fmt: skip
    result = plan(old, new, state, {})
    assert [problem.node for problem in result.problems] == ["join"]
    assert plan(old, new, state, {"a": "c"}).problems == ()


def test_what_could_not_end_is_refused() -> None:
    old = graph(*SPLIT)
    twice = plan(old, old, after(old, "a"), {"b": "a"})
    assert twice.state is None and "a second time" in twice.problems[0].text.en
    line = graph(*LINE)
    in_vain = plan(line, old, after(line), {})
    assert in_vain.state is None and "waits for ever" in in_vain.problems[0].text.en


def test_a_join_that_would_already_be_complete_is_refused() -> None:
    three = graph(
        start(), par("split"), user("a"), user("b"), user("c"), user("d"), par("join"), end(),
        chain("start", "split", "a", "join", "d", "end"),
        flow("split", "b"), flow("b", "join"), flow("split", "c"), flow("c", "join"),
    )  # fmt: skip
    two = graph(
        start(), par("split"), user("a"), user("b"), par("join"), user("d"), end(),
        chain("start", "split", "a", "join", "d", "end"), flow("split", "b"), flow("b", "join"),
    )  # fmt: skip
    result = plan(three, two, after(three, "a", "b"), {"c": "d"})
    assert result.state is None and [problem.node for problem in result.problems] == ["join"]


def test_a_sub_process_goes_over_with_what_is_in_it() -> None:
    inner = (start("s1"), user("in1"), end("e1"), chain("s1", "in1", "e1"))
    old = graph(start(), sub("part", *inner), end(), chain("start", "part", "end"))
    state = after(old)
    assert plan(old, old, state, {}).state == state
    flat = graph(start(), user("in1"), end(), chain("start", "in1", "end"))
    result = plan(old, flat, state, {})
    assert {problem.node for problem in result.problems} == {"part", "in1"}


def test_timers_that_fired_are_forgotten_when_the_step_has_them_no_more() -> None:
    parts = (
        start(), user("a"), boundary("remind", "a", cancelActivity="false"), user("look"), end(), end("end2"),
        chain("start", "a", "end"), chain("remind", "look", "end2"),
    )  # fmt: skip
    old = graph(*parts)
    state, _ = engine.start(old, first)
    state, _ = engine.fire_timer(old, state, 1, "remind", first)
    new = graph(
        start(), user("a"), user("look"), end(), end("end2"), par("p"),
        chain("start", "p", "a", "end"), chain("p", "look", "end2"),
    )  # fmt: skip
    result = plan(old, new, state, {})
    assert result.problems == () and result.state is not None
    assert [token.fired for token in result.state.tokens.values()] == [(), ()]


def test_a_join_that_would_be_complete_in_one_element_only_is_refused_too() -> None:
    def visits(*parts: str) -> Graph:
        return graph(
            start(), sub("visit", start("in"), user("a"), user("b"), par("split"), par("join"), user("d"), end("out"),
                         chain("in", "split", "a", "join", "d", "out"), flow("split", "b"), flow("b", "join"), *parts,
                         each("shops")),
            end(), chain("start", "visit", "end"),
        )  # fmt: skip

    three = visits(user("c"), flow("split", "c"), flow("c", "join"))
    state, _ = engine.start(three, first)
    state, _ = engine.spread(three, state, 1, 2, first)
    for name in ("a", "b", "a"):  # all but c of the first element, and one step of the second
        number = next(n for n, token in state.tokens.items() if token.node == name)
        state, _ = engine.complete(three, state, number, first)
    result = plan(three, visits(), state, {"c": "d"})
    assert [problem.node for problem in result.problems] == ["join"]
    assert result.problems[0].text.en == "all have come here and nobody would move it on"
