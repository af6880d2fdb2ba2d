"""How tokens move, as tables: a process, what is done, what rests afterwards."""

import pytest

from tongban.kernel.processes import engine
from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.engine import Arrived, Cancelled, Ended, State, Stuck, by_conditions
from tongban.kernel.processes.graph import Graph
from tongban.kernel.processes.tests.choosing import Choosing, first, taking
from tongban.kernel.processes.tests.drawn import (
    boundary,
    chain,
    end,
    flow,
    par,
    process,
    service,
    start,
    user,
    wait,
    xor,
)


def resting(state: State) -> list[str]:
    return sorted(token.node for token in state.tokens.values())


def token_at(state: State, node: str) -> int:
    return next(number for number, token in state.tokens.items() if token.node == node)


def done(graph: Graph, state: State, node: str, choose: Choosing = first) -> tuple[State, list]:
    return engine.complete(graph, state, token_at(state, node), choose)


LINE = parse(process(start(), user("a"), user("b"), end(), chain("start", "a", "b", "end")))
FORK = parse(
    process(
        start(),
        par("split"),
        user("a"),
        user("b"),
        par("join"),
        user("c"),
        end(),
        chain("start", "split", "a", "join", "c", "end"),
        chain("split", "b", "join"),
    )
)
LOOP = parse(
    process(
        start(),
        user("a"),
        xor("x"),
        service("back"),
        end(),
        chain("start", "a", "x"),
        flow("x", "back", "again"),
        flow("x", "end", "fine"),
        flow("back", "a"),
    )
)
LATE = parse(
    process(
        start(),
        user("a"),
        boundary("late", "a"),
        user("b"),
        user("c"),
        end(),
        chain("start", "a", "b", "end"),
        chain("late", "c", "end"),
    )
)


def test_a_sequence_runs_from_start_to_end() -> None:
    state, effects = engine.start(LINE, first)
    assert effects == [Arrived(1, LINE.nodes["a"])]
    state, effects = done(LINE, state, "a")
    assert effects == [Arrived(2, LINE.nodes["b"])]
    state, effects = done(LINE, state, "b")
    assert effects == [Ended(LINE.nodes["end"])]
    assert state.is_ended
    assert state.taken == {"start_a": 1, "a_b": 1, "b_end": 1}


def test_a_token_number_is_never_used_twice() -> None:
    state, _ = engine.start(LOOP, first)
    numbers = []
    for _ in range(5):
        numbers.append(token_at(state, "a"))
        state, _ = done(LOOP, state, "a", taking("back"))
        numbers.append(token_at(state, "back"))
        state, _ = engine.service_done(LOOP, state, numbers[-1], first)
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_a_join_waits_for_both_branches(order: str) -> None:
    state, effects = engine.start(FORK, first)
    assert [effect.node.id for effect in effects] == ["a", "b"]
    state, effects = done(FORK, state, order[0])
    assert effects == []
    assert resting(state) == sorted([order[1], "join"])
    state, effects = done(FORK, state, order[1])
    assert resting(state) == ["c"]


def test_two_tokens_of_one_branch_do_not_open_the_join() -> None:
    graph = parse(
        process(
            start(),
            par("twice"),
            xor("merge"),
            par("split"),
            user("a"),
            user("b"),
            par("join"),
            end(),
            chain("start", "twice", "merge", "split", "a", "join", "end"),
            flow("twice", "merge", key="second"),
            chain("split", "b", "join"),
        )
    )
    state, _ = engine.start(graph, first)
    assert resting(state) == ["a", "a", "b", "b"]
    state, _ = done(graph, state, "a")
    state, effects = done(graph, state, "a")
    assert resting(state) == ["b", "b", "join", "join"]
    assert effects == []
    state, effects = done(graph, state, "b")
    assert (resting(state), effects) == (["b", "join"], [])
    state, effects = done(graph, state, "b")
    assert effects == [Ended(graph.nodes["end"])]


def test_a_loop_goes_back_as_often_as_is_chosen() -> None:
    state, _ = engine.start(LOOP, first)
    for _ in range(3):
        state, _ = done(LOOP, state, "a", taking("back"))
        state, _ = engine.service_done(LOOP, state, token_at(state, "back"), first)
    state, _effects = done(LOOP, state, "a", taking("end"))
    assert state.is_ended
    assert state.taken["x_back"] == 3


def test_a_boundary_timer_takes_the_token_off_its_task() -> None:
    state, _ = engine.start(LATE, first)
    state, effects = engine.fire_timer(LATE, state, 1, "late", first)
    assert effects == [Cancelled(1, LATE.nodes["a"]), Arrived(2, LATE.nodes["c"])]
    with pytest.raises(engine.NoSuchToken):
        engine.complete(LATE, state, 1, first)


def test_a_boundary_timer_that_comes_too_late_does_nothing() -> None:
    state, _ = engine.start(LATE, first)
    state, _ = done(LATE, state, "a")
    with pytest.raises(engine.NoSuchToken):
        engine.fire_timer(LATE, state, 1, "late", first)
    with pytest.raises(engine.NoSuchToken):
        engine.fire_timer(LATE, state, token_at(state, "b"), "late", first)
    assert resting(state) == ["b"]


def test_an_intermediate_timer_lets_the_token_go_on() -> None:
    graph = parse(process(start(), wait("w"), user("a"), end(), chain("start", "w", "a", "end")))
    state, effects = engine.start(graph, first)
    assert effects == [Arrived(1, graph.nodes["w"])]
    state, effects = engine.fire_timer(graph, state, 1, "w", first)
    assert effects == [Arrived(2, graph.nodes["a"])]


def test_a_terminating_end_takes_everything_away() -> None:
    graph = parse(
        process(
            start(),
            par("split"),
            user("a"),
            user("b"),
            end("stop", terminate=True),
            end(),
            chain("start", "split", "a", "stop"),
            chain("split", "b", "end"),
        )
    )
    state, _ = engine.start(graph, first)
    state, effects = done(graph, state, "a")
    assert effects == [Cancelled(2, graph.nodes["b"]), Ended(graph.nodes["stop"], terminated=True)]
    assert state.is_ended


def test_an_ordinary_end_leaves_the_other_branch_alone() -> None:
    graph = parse(
        process(
            start(),
            par("split"),
            user("a"),
            user("b"),
            end("e1"),
            end("e2"),
            chain("start", "split", "a", "e1"),
            chain("split", "b", "e2"),
        )
    )
    state, _ = engine.start(graph, first)
    state, effects = done(graph, state, "a")
    assert (resting(state), effects) == (["b"], [])
    state, effects = done(graph, state, "b")
    assert effects == [Ended(graph.nodes["e2"])]


def test_a_move_at_the_wrong_place_is_refused() -> None:
    state, _ = engine.start(LINE, first)
    for move in (engine.service_done, engine.resume):
        with pytest.raises(engine.NoSuchToken):
            move(LINE, state, 1, first)
    with pytest.raises(engine.NoSuchToken):
        engine.complete(LINE, state, 99, first)
    assert resting(state) == ["a"]


def test_a_join_that_waits_in_vain_is_told() -> None:
    graph = parse(
        process(
            start(),
            xor("x"),
            user("a"),
            user("b"),
            par("join"),
            end(),
            chain("start", "x"),
            flow("x", "a", "one"),
            flow("x", "b", "two"),
            chain("a", "join", "end"),
            chain("b", "join"),
        )
    )
    state, _ = engine.start(graph, first)
    state, effects = done(graph, state, "a")
    assert [type(effect) for effect in effects] == [Stuck]
    assert "join" in effects[0].reason


def test_cancelling_names_every_token() -> None:
    state, _ = engine.start(FORK, first)
    state, effects = engine.cancel(FORK, state)
    assert [effect.node.id for effect in effects] == ["a", "b"]
    assert state.is_ended


def test_a_state_survives_its_stored_form() -> None:
    state, _ = engine.start(FORK, first)
    state, _ = done(FORK, state, "b")
    assert State.of(state.as_json()) == state
    assert list(State.of(state.as_json()).tokens) == sorted(state.tokens)


CHOICE = parse(
    process(
        start(),
        xor("x"),
        user("a"),
        user("b"),
        end(),
        chain("start", "x"),
        flow("x", "a", "one"),
        flow("x", "b", "two"),
        chain("a", "end"),
        chain("b", "end"),
    )
)
CHOICE_WITH_DEFAULT = parse(
    process(
        start(),
        xor("x", default="x_b"),
        user("a"),
        user("b"),
        end(),
        chain("start", "x"),
        flow("x", "b"),
        flow("x", "a", "one"),
        chain("a", "end"),
        chain("b", "end"),
    )
)


@pytest.mark.parametrize(
    "graph, truths, expected",
    [
        (CHOICE, {"one": True, "two": True}, "a"),
        (CHOICE, {"one": False, "two": True}, "b"),
        (CHOICE_WITH_DEFAULT, {"one": True}, "a"),
        (CHOICE_WITH_DEFAULT, {"one": False}, "b"),
    ],
)
def test_the_first_true_condition_wins_and_the_default_comes_last(
    graph: Graph, truths: dict[str, bool], expected: str
) -> None:
    state, _ = engine.start(graph, by_conditions(lambda words, within: truths[words]))
    assert resting(state) == [expected]


@pytest.mark.parametrize(
    "graph, truths, words",
    [
        (CHOICE, {"one": False, "two": False}, "no condition holds"),
        (CHOICE, {"one": "yes"}, "neither true nor false"),
        (CHOICE, {"one": None}, "neither true nor false"),
        (CHOICE, {"two": True}, "x_a: one"),
        (CHOICE_WITH_DEFAULT, {}, "x_a: one"),
    ],
)
def test_a_gateway_that_cannot_choose_keeps_the_token_and_can_be_resumed(
    graph: Graph, truths: dict[str, object], words: str
) -> None:
    state, effects = engine.start(graph, by_conditions(lambda words, within: truths[words]))
    assert [type(effect) for effect in effects] == [Stuck]
    assert words in effects[0].reason
    assert resting(state) == ["x"]
    state, effects = engine.resume(
        graph, state, effects[0].token, by_conditions(lambda words, within: {"one": True}[words])
    )
    assert resting(state) == ["a"]
