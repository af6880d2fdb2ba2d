"""Sub-processes and boundary timers, as tables: what rests where before and after."""

import pytest

from tongban.kernel.processes import engine
from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.engine import Arrived, Cancelled, Ended, State, Stuck
from tongban.kernel.processes.structure import check
from tongban.kernel.processes.tests.choosing import first, taking
from tongban.kernel.processes.tests.drawn import (
    boundary,
    chain,
    end,
    flow,
    par,
    process,
    start,
    sub,
    user,
    xor,
)


def places(state: State) -> list[tuple[str, str]]:
    """Where tokens rest: (the sub-process they live in, the node)."""
    hosts = {0: ""} | {number: token.node for number, token in state.tokens.items()}
    return sorted((hosts[token.scope], token.node) for token in state.tokens.values())


def token_at(state: State, node: str) -> int:
    return next(number for number, token in state.tokens.items() if token.node == node)


def do(graph, state, node, choose=first):
    return engine.complete(graph, state, token_at(state, node), choose)


REVIEW = parse(
    process(
        start(),
        sub(
            "review",
            start("in"),
            par("split"),
            user("a"),
            user("b"),
            par("join"),
            end("out"),
            end("stop", terminate=True),
            xor("x", default="x_join"),
            chain("in", "split", "a", "x", "join", "out"),
            flow("x", "stop", "bad"),
            chain("split", "b", "join"),
        ),
        boundary("late", "review"),
        boundary("warn", "review", cancelActivity="false"),
        user("after"),
        user("hurry"),
        user("told"),
        end(),
        end("end2"),
        chain("start", "review", "after", "end"),
        chain("late", "hurry", "end"),
        chain("warn", "told", "end2"),
    )
)
INSIDE = [("", "review"), ("review", "a"), ("review", "b")]


def begun() -> State:
    return engine.start(REVIEW, first)[0]


def test_the_drawing_is_sound() -> None:
    assert check(REVIEW) == []


def test_a_subprocess_has_a_host_outside_and_its_tokens_inside() -> None:
    state, effects = engine.start(REVIEW, first)
    assert effects == [Arrived(n, REVIEW.nodes[key]) for n, key in ((1, "review"), (2, "a"), (3, "b"))]
    assert places(state) == INSIDE
    assert [token.scope for token in state.tokens.values()] == [0, 1, 1]


def test_the_end_of_the_last_token_inside_moves_the_host_on() -> None:
    state, _ = do(REVIEW, begun(), "a", taking("join"))
    assert places(state) == [("", "review"), ("review", "b"), ("review", "join")]
    state, effects = do(REVIEW, state, "b")
    assert places(state) == [("", "after")]
    assert effects == [Arrived(state.last, REVIEW.nodes["after"])]
    state, effects = do(REVIEW, state, "after")
    assert (state.is_ended, effects) == (True, [Ended(REVIEW.nodes["end"])])


def test_a_terminating_end_ends_its_own_scope_only() -> None:
    state, effects = do(REVIEW, begun(), "a", taking("stop"))
    assert effects[0] == Cancelled(3, REVIEW.nodes["b"])
    assert places(state) == [("", "after")]


def test_an_interrupting_timer_takes_the_host_and_everything_inside() -> None:
    state, effects = engine.fire_timer(REVIEW, begun(), 1, "late", first)
    assert effects[:-1] == [Cancelled(n, REVIEW.nodes[key]) for n, key in ((1, "review"), (2, "a"), (3, "b"))]
    assert places(state) == [("", "hurry")]


def test_a_timer_that_does_not_interrupt_sends_a_token_and_leaves_the_rest_alone() -> None:
    state, effects = engine.fire_timer(REVIEW, begun(), 1, "warn", first)
    assert effects == [Arrived(4, REVIEW.nodes["told"])]
    assert places(state) == sorted([*INSIDE, ("", "told")])
    with pytest.raises(engine.NoSuchToken):
        engine.fire_timer(REVIEW, state, 1, "warn", first)
    assert State.of(state.as_json()) == state
    state, _ = engine.fire_timer(REVIEW, state, 1, "late", first)
    assert places(state) == [("", "hurry"), ("", "told")]


def test_the_instance_waits_for_what_a_timer_sent() -> None:
    state, _ = engine.fire_timer(REVIEW, begun(), 1, "warn", first)
    for node in ("a", "b", "after"):
        state, effects = do(REVIEW, state, node, taking("join"))
    assert (places(state), effects) == ([("", "told")], [])
    state, effects = do(REVIEW, state, "told")
    assert effects == [Ended(REVIEW.nodes["end2"])]


def test_a_timer_fires_only_at_the_token_of_its_own_activity() -> None:
    for token in (2, 3, 9):
        with pytest.raises(engine.NoSuchToken):
            engine.fire_timer(REVIEW, begun(), token, "late", first)


def test_a_host_is_not_completed_from_outside() -> None:
    for move in (engine.complete, engine.service_done, engine.resume, engine.gather):
        with pytest.raises(engine.NoSuchToken):
            move(REVIEW, begun(), 1, first)


NESTED = parse(
    process(
        start(),
        sub(
            "outer",
            start("o1"),
            par("split"),
            user("beside"),
            sub("inner", start("i1"), user("deep"), end("i2"), chain("i1", "deep", "i2")),
            end("o2", terminate=True),
            end("o3"),
            chain("o1", "split", "beside", "o2"),
            chain("split", "inner", "o3"),
        ),
        end(),
        chain("start", "outer", "end"),
    )
)


def test_what_is_nested_is_cancelled_with_what_is_around_it() -> None:
    state, _ = engine.start(NESTED, first)
    assert places(state) == [("", "outer"), ("inner", "deep"), ("outer", "beside"), ("outer", "inner")]
    state, effects = do(NESTED, state, "beside")
    cut = [effect.node.id for effect in effects if isinstance(effect, Cancelled)]
    assert (cut, effects[2:], state.is_ended) == (["inner", "deep"], [Ended(NESTED.nodes["end"])], True)


def test_the_end_of_an_inner_scope_is_not_the_end_of_the_outer() -> None:
    state, _ = engine.start(NESTED, first)
    state, effects = do(NESTED, state, "deep")
    assert (places(state), effects) == ([("", "outer"), ("outer", "beside")], [])


def test_a_subprocess_that_is_passed_at_once_leaves_nothing_behind() -> None:
    graph = parse(
        process(
            start(),
            sub("s", start("in"), end("out"), flow("in", "out")),
            user("a"),
            end(),
            chain("start", "s", "a", "end"),
        )
    )
    state, _ = engine.start(graph, first)
    assert places(state) == [("", "a")]


def test_a_join_inside_that_waits_in_vain_is_told_although_others_go_on_outside() -> None:
    graph = parse(
        process(
            start(),
            par("p"),
            user("outside"),
            sub(
                "s",
                start("in"),
                xor("x"),
                user("a"),
                user("b"),
                par("join"),
                end("out"),
                chain("in", "x"),
                flow("x", "a", "1"),
                flow("x", "b", "2"),
                chain("a", "join", "out"),
                chain("b", "join"),
            ),
            end(),
            end("end2"),
            chain("start", "p", "outside", "end"),
            chain("p", "s", "end2"),
        )
    )
    state, _ = engine.start(graph, first)
    state, effects = do(graph, state, "a")
    assert [(type(effect), effect.node.id) for effect in effects] == [(Stuck, "join")]
    state, effects = do(graph, state, "outside")
    assert effects == []


def test_states_stored_before_there_were_scopes_are_read() -> None:
    old = {"tokens": {"4": ["a", "start_a"], "2": ["b", ""]}, "taken": {"start_a": 1}, "last": 4}
    state = State.of(old)
    assert [(n, t.node, t.via, t.scope, t.index) for n, t in state.tokens.items()] == [
        (2, "b", "", 0, -1),
        (4, "a", "start_a", 0, -1),
    ]
    assert state.as_json() == {
        "tokens": {"2": ["b", ""], "4": ["a", "start_a"]},
        "taken": {"start_a": 1},
        "last": 4,
    }
