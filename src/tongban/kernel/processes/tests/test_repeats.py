"""Repeated activities (multi-instance): who is asked, when it is over, what is cancelled, what is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel.processes import engine
from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.engine import Arrived, Cancelled, Ended, Gathered, State, Token
from tongban.kernel.processes.graph import Graph, Repeat
from tongban.kernel.processes.repeats import is_met, is_over
from tongban.kernel.processes.structure import check
from tongban.kernel.processes.tests.choosing import Choosing, first, taking
from tongban.kernel.processes.tests.drawn import (
    boundary,
    chain,
    each,
    end,
    flow,
    process,
    start,
    sub,
    user,
    xor,
)


def asking(complete: str = "", counts: str = "", one_by_one: bool = False) -> Graph:
    return parse(
        process(
            start(),
            user("ask", "agree", "object", repeat=each("experts", "expert", complete, counts, one_by_one)),
            boundary("late", "ask"),
            boundary("warn", "ask", cancelActivity="false"),
            user("after"),
            end(),
            end("end2"),
            chain("start", "ask", "after", "end"),
            chain("late", "after"),
            chain("warn", "end2"),
        )
    )


def begun(graph: Graph, size: int) -> engine.Step:
    state, effects = engine.start(graph, first)
    assert effects == [Arrived(1, graph.nodes["ask"])]
    return engine.spread(graph, state, 1, size, first)


def elements(state: State) -> dict[int, int]:
    """Index to token of the elements that are being asked."""
    return {token.index: number for number, token in state.tokens.items() if token.index >= 0}


def test_the_drawings_are_sound() -> None:
    assert check(asking()) == check(asking("ratio:2/3", "agree", True)) == []


def test_in_parallel_all_are_asked_at_once() -> None:
    graph = asking()
    state, effects = begun(graph, 3)
    assert effects == [Arrived(n, graph.nodes["ask"]) for n in (2, 3, 4)]
    assert elements(state) == {0: 2, 1: 3, 2: 4}
    assert state.within(4) == ((1, 2),)
    assert State.of(state.as_json()) == state


def test_one_by_one_the_next_is_asked_when_one_is_done() -> None:
    graph = asking(one_by_one=True)
    state, _ = begun(graph, 3)
    for index in range(3):
        assert list(elements(state)) == [index]
        state, effects = engine.complete(graph, state, elements(state)[index], first, "agree")
    assert effects == [Gathered(1, graph.nodes["ask"], done=3, counted=3, of=3, met=True)]


def test_the_host_waits_until_its_result_is_written() -> None:
    graph = asking()
    state, _ = begun(graph, 1)
    with pytest.raises(engine.NoSuchToken):
        engine.gather(graph, state, 1, first)
    state, effects = engine.complete(graph, state, 2, first, "agree")
    assert effects == [Gathered(1, graph.nodes["ask"], done=1, counted=1, of=1, met=True)]
    state, effects = engine.gather(graph, state, 1, first)
    assert effects == [Arrived(3, graph.nodes["after"])]
    with pytest.raises(engine.NoSuchToken):
        engine.gather(graph, state, 1, first)


def test_a_host_is_neither_completed_nor_begun_twice() -> None:
    graph = asking()
    state, _ = engine.start(graph, first)
    with pytest.raises(engine.NoSuchToken):
        engine.complete(graph, state, 1, first)
    state, _ = begun(graph, 2)
    for token in (1, 2):
        with pytest.raises(engine.NoSuchToken):
            engine.spread(graph, state, token, 2, first)


@pytest.mark.parametrize(
    "complete, counts, size, answers, expected",
    [
        # complete, counts, of, answers in order: a = agree, o = object; (done, counted, met, cancelled)
        ("all", "", 0, "", (0, 0, True, 0)),
        ("any", "", 0, "", (0, 0, False, 0)),
        ("ratio:1/2", "agree", 0, "", (0, 0, False, 0)),
        ("all", "", 3, "aoa", (3, 3, True, 0)),
        ("all", "agree", 3, "aoa", (3, 2, False, 0)),
        ("any", "", 3, "o", (1, 1, True, 2)),
        ("any", "agree", 3, "oa", (2, 1, True, 1)),
        ("any", "agree", 3, "ooo", (3, 0, False, 0)),
        ("ratio:2/3", "agree", 3, "aa", (2, 2, True, 1)),
        ("ratio:2/3", "agree", 3, "oo", (2, 0, False, 1)),
        ("ratio:2/3", "agree", 3, "oaa", (3, 2, True, 0)),
        ("ratio:2/3", "agree", 4, "aoa", None),
        ("ratio:1/1", "agree", 2, "o", (1, 0, False, 1)),
        ("ratio:1/2", "", 5, "oao", (3, 3, True, 2)),
    ],
)
def test_the_completion_condition(complete: str, counts: str, size: int, answers: str, expected) -> None:
    graph = asking(complete, counts)
    state, effects = begun(graph, size)
    for index, answer in enumerate(answers):
        assert not any(isinstance(effect, Gathered) for effect in effects)
        outcome = {"a": "agree", "o": "object"}[answer]
        state, effects = engine.complete(graph, state, elements(state)[index], first, outcome)
    if expected is None:
        assert effects == []
        return
    done, counted, met, cancelled = expected
    assert [type(effect) for effect in effects] == [Cancelled] * cancelled + [Gathered]
    assert effects[-1] == Gathered(1, graph.nodes["ask"], done=done, counted=counted, of=size, met=met)
    assert elements(state) == {}


@given(
    complete=st.sampled_from(["any", "ratio:1/2", "ratio:2/3", "ratio:3/4", "ratio:1/1"]),
    answers=st.lists(st.booleans(), max_size=9),
)
def test_it_ends_at_the_first_answer_after_which_the_rest_cannot_matter(
    complete: str, answers: list[bool]
) -> None:
    """Against every possible continuation: over is when all of them give the same."""
    repeat, of = Repeat("list", complete=complete, counts="yes"), len(answers)

    def tally(done: int, counted: int) -> Token:
        return Token("ask", of=of, done=done, counted=counted)

    for done in range(of + 1):
        counted = sum(answers[:done])
        verdicts = {is_met(repeat, tally(of, counted + more)) for more in range(of - done + 1)}
        assert is_over(repeat, tally(done, counted)) == (len(verdicts) == 1)
        if len(verdicts) == 1:
            assert is_met(repeat, tally(done, counted)) in verdicts


def test_an_interrupting_timer_takes_the_host_and_all_elements() -> None:
    graph = asking()
    state, _ = begun(graph, 2)
    with pytest.raises(engine.NoSuchToken):
        engine.fire_timer(graph, state, 2, "late", first)
    state, effects = engine.fire_timer(graph, state, 1, "late", first)
    assert effects == [Cancelled(n, graph.nodes["ask"]) for n in (1, 2, 3)] + [
        Arrived(4, graph.nodes["after"])
    ]


def test_a_timer_that_does_not_interrupt_leaves_the_elements_alone() -> None:
    graph = asking()
    state, _ = begun(graph, 2)
    after, effects = engine.fire_timer(graph, state, 1, "warn", first)
    assert (effects, elements(after)) == ([], elements(state))


def in_scopes(*, one_by_one: bool = False, counts: str = "") -> Graph:
    return parse(
        process(
            start(),
            sub(
                "visit",
                each("shops", "shop", "ratio:1/2" if counts else "", counts, one_by_one),
                start("in"),
                user("look"),
                xor("x"),
                user("again"),
                end("fine"),
                end("bad"),
                chain("in", "look", "x"),
                flow("x", "again", "1"),
                flow("x", "fine", "2"),
                flow("x", "bad", "3"),
                chain("again", "x"),
            ),
            end(),
            chain("start", "visit", "end"),
        )
    )


def do(graph: Graph, state: State, node: str, index: int, choose: Choosing) -> engine.Step:
    token = next(
        n for n, t in state.tokens.items() if t.node == node and state.within(n)[-1].position == index
    )
    return engine.complete(graph, state, token, choose)


def test_a_repeated_subprocess_has_a_scope_for_each_element() -> None:
    graph = in_scopes()
    state, _ = engine.start(graph, first)
    state, effects = engine.spread(graph, state, 1, 2, first)
    assert effects == [Arrived(4, graph.nodes["look"]), Arrived(5, graph.nodes["look"])]
    assert [(state.tokens[n].scope, state.within(n)) for n in (4, 5)] == [(2, ((1, 0),)), (3, ((1, 1),))]
    state, _ = do(graph, state, "look", 0, taking("again"))
    state, _ = do(graph, state, "look", 1, taking("fine"))
    assert state.within(state.last) == ((1, 0),)
    state, effects = do(graph, state, "again", 0, taking("fine"))
    assert effects == [Gathered(1, graph.nodes["visit"], done=2, counted=2, of=2, met=True)]
    state, effects = engine.gather(graph, state, 1, first)
    assert effects == [Ended(graph.nodes["end"])]


def test_a_repeated_subprocess_counts_the_end_by_which_an_element_ends() -> None:
    graph = in_scopes(counts="fine")
    state, _ = engine.start(graph, first)
    state, _ = engine.spread(graph, state, 1, 3, first)
    state, _ = do(graph, state, "look", 1, taking("bad"))
    state, effects = do(graph, state, "look", 2, taking("bad"))
    cut = [effect.node.id for effect in effects if isinstance(effect, Cancelled)]
    assert (cut, effects[-1].met) == (["visit", "look"], False)


def test_one_by_one_a_subprocess_begins_when_the_one_before_has_ended() -> None:
    graph = in_scopes(one_by_one=True)
    state, _ = engine.start(graph, first)
    state, _ = engine.spread(graph, state, 1, 2, first)
    assert [t.node for t in state.tokens.values()] == ["visit", "visit", "look"]
    state, _ = do(graph, state, "look", 0, taking("fine"))
    assert list(elements(state)) == [1]
    state, effects = do(graph, state, "look", 1, taking("fine"))
    assert isinstance(effects[-1], Gathered)


def test_a_repetition_without_a_rest_inside_is_over_at_once() -> None:
    graph = parse(
        process(
            start(),
            sub("s", each("list", complete="any"), start("in"), end("out"), flow("in", "out")),
            end(),
            chain("start", "s", "end"),
        )
    )
    for size, done in ((0, 0), (3, 1)):
        state, _ = engine.start(graph, first)
        state, effects = engine.spread(graph, state, 1, size, first)
        assert effects[-1] == Gathered(1, graph.nodes["s"], done=done, counted=done, of=size, met=size > 0)
        assert list(state.tokens) == [1]
