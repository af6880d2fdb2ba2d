"""Classic faults, each with its place and a run that really leads there; and what is sound although it looks odd."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tongban.kernel.processes import engine, structure
from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.engine import State
from tongban.kernel.processes.graph import Flow, Graph, Node
from tongban.kernel.processes.soundness import Fault, FaultKind, Sound, Step, Undecided, judge
from tongban.kernel.processes.structure import check
from tongban.kernel.processes.tests.choosing import Choosing
from tongban.kernel.processes.tests.drawn import (
    boundary,
    chain,
    each,
    end,
    flow,
    inc,
    par,
    process,
    service,
    start,
    sub,
    user,
    wait,
    xor,
)

XOR_INTO_AND = process(
    start(),
    xor("split"),
    user("a"),
    user("b"),
    par("join"),
    end(),
    chain("start", "split"),
    flow("split", "a", "x"),
    flow("split", "b", "y"),
    chain("a", "join", "end"),
    flow("b", "join"),
)
AND_INTO_XOR = process(
    start(),
    par("split"),
    user("a"),
    user("b"),
    xor("merge"),
    user("c"),
    end(),
    chain("start", "split", "a", "merge", "c", "end"),
    chain("split", "b", "merge"),
)
LATE_INTO_AND = process(
    start(),
    par("split"),
    user("a"),
    boundary("late", "a"),
    user("b"),
    par("join"),
    end(),
    end("out"),
    chain("start", "split", "a", "join", "end"),
    chain("split", "b", "join"),
    flow("late", "out"),
)
UNSOUND = {
    "an exclusive split into a parallel join": (XOR_INTO_AND, FaultKind.DEADLOCK, "join"),
    "a parallel split into an exclusive merge": (AND_INTO_XOR, FaultKind.UNSAFE, "c"),
    "a branch that a timer leads away from its join": (LATE_INTO_AND, FaultKind.ORPHAN, "join"),
    "a timer into the middle of a parallel block": (
        process(
            start(),
            user("a"),
            boundary("late", "a"),
            par("split"),
            user("b"),
            user("c"),
            par("join"),
            end(),
            chain("start", "a", "split", "b", "join", "end"),
            chain("split", "c", "join"),
            flow("late", "b"),
        ),
        FaultKind.DEADLOCK,
        "join",
    ),
    "a branch that is missing": (
        process(
            start(),
            par("split"),
            user("a"),
            xor("x"),
            par("join"),
            end(),
            end("out"),
            chain("start", "split", "a", "join", "end"),
            chain("split", "x"),
            flow("x", "join", "yes"),
            flow("x", "out", "no"),
        ),
        FaultKind.ORPHAN,
        "join",
    ),
    "a join that waits for what comes after it": (
        process(
            start(),
            par("join"),
            user("a"),
            xor("x"),
            end(),
            chain("start", "join", "a", "x"),
            flow("x", "join", "again"),
            flow("x", "end", "enough"),
        ),
        FaultKind.DEADLOCK,
        "join",
    ),
    "a task that nothing reaches": (
        process(start(), user("a"), user("b"), end(), chain("start", "a", "end"), flow("b", "end")),
        FaultKind.DEAD,
        "b",
    ),
    "a task that a terminating end always forestalls": (
        process(
            start(),
            par("split"),
            user("b"),
            end("cut", terminate=True),
            end(),
            chain("start", "split", "cut"),
            chain("split", "b", "end"),
        ),
        FaultKind.DEAD,
        "b",
    ),
    "a circle that is left only by copies": (
        process(
            start(), user("a"), par("split"), end(), chain("start", "a", "split", "a"), flow("split", "end")
        ),
        FaultKind.LIVELOCK,
        "a",
    ),
    "a loop that leaves one of its branches behind": (
        process(
            start(),
            xor("merge"),
            par("split"),
            user("a"),
            user("b"),
            xor("x"),
            par("join"),
            end(),
            chain("start", "merge", "split", "a", "x"),
            flow("x", "merge", "again"),
            flow("x", "join", "enough"),
            chain("split", "b", "join", "end"),
        ),
        FaultKind.UNSAFE,
        "b",
    ),
    "a loop that brings its join a branch too often": (
        process(
            start(),
            par("split"),
            user("a"),
            par("again"),
            user("b"),
            par("join"),
            end(),
            chain("start", "split", "a", "again", "a"),
            chain("again", "join", "end"),
            chain("split", "b", "join"),
        ),
        FaultKind.UNSAFE,
        "join",
    ),
}
SOUND = {
    "branches with ends of their own": process(
        start(),
        par("split"),
        user("a"),
        user("b"),
        end(),
        end("e"),
        chain("start", "split", "a", "end"),
        chain("split", "b", "e"),
    ),
    "branches that come to one end": process(
        start(),
        par("split"),
        user("a"),
        user("b"),
        end(),
        chain("start", "split", "a", "end"),
        chain("split", "b", "end"),
    ),
    "a terminating end that takes the waiting branch away": LATE_INTO_AND.replace(
        b'<endEvent id="out"></endEvent>', end("out", terminate=True).encode()
    ),
    "a loop with parallel branches inside": process(
        start(),
        xor("merge"),
        par("split"),
        user("a"),
        service("s"),
        wait("w"),
        par("join"),
        xor("x"),
        end(),
        chain("start", "merge", "split", "a", "join", "x"),
        chain("split", "s", "join"),
        chain("split", "w", "join"),
        flow("x", "merge", "again"),
        flow("x", "end", "enough"),
    ),
    "a timer that leads back": process(
        start(),
        user("a"),
        boundary("late", "a"),
        user("b"),
        end(),
        chain("start", "a", "end"),
        chain("late", "b", "a"),
    ),
    "a gateway that joins and splits": process(
        start(),
        par("split"),
        user("a"),
        user("b"),
        par("both"),
        user("c"),
        user("d"),
        par("join"),
        end(),
        chain("start", "split", "a", "both", "c", "join", "end"),
        chain("split", "b", "both", "d", "join"),
    ),
}


@pytest.mark.parametrize("what", UNSOUND)
def test_a_classic_fault_is_found_at_its_place(what: str) -> None:
    xml, kind, place = UNSOUND[what]
    verdict = judge(parse(xml))
    assert isinstance(verdict, Fault)
    assert (verdict.kind, verdict.element) == (kind, place)
    assert verdict.reason.zh and verdict.reason.en
    assert bool(verdict.run) == (kind is not FaultKind.DEAD)


@pytest.mark.parametrize("what", SOUND)
def test_what_always_ends_is_sound(what: str) -> None:
    graph = parse(SOUND[what])
    assert isinstance(judge(graph), Sound)


@pytest.mark.parametrize("what", [what for what in UNSOUND if UNSOUND[what][1] is not FaultKind.DEAD])
def test_the_counter_example_can_be_gone_step_by_step(what: str) -> None:
    """What the run says is enough to bring the engine to the fault."""
    xml, kind, place = UNSOUND[what]
    graph = parse(xml)
    verdict = judge(graph)
    assert isinstance(verdict, Fault)
    state = go(graph, verdict.run)
    at_place = [token for token in state.tokens.values() if token.node == place]
    assert at_place
    if kind is FaultKind.UNSAFE:
        assert len(at_place) > len(
            {token.via for token in at_place} if graph.nodes[place].kind.is_gateway else [0]
        )
    elif kind in (FaultKind.DEADLOCK, FaultKind.ORPHAN):
        assert all(graph.nodes[token.node].kind.is_gateway for token in state.tokens.values())


def go(graph: Graph, run: tuple[Step, ...]) -> State:
    """Let the engine make a run: at each gateway it takes the next flow of it that the step names."""
    state = State()
    for step in run:
        flows = iter_flows(graph, step)

        def way(node: Node, flows: dict[str, Iterator[Flow]] = flows) -> Flow:
            return next(flows[node.id])

        choose = Choosing(way)
        if step.act == "start":
            state, _ = engine.start(graph, choose)
            continue
        host = graph.nodes[step.element].attached_to or step.element
        number = next(n for n, token in state.tokens.items() if token.node == host)
        if step.act == "timer":
            state, _ = engine.fire_timer(graph, state, number, step.element, choose)
        elif step.act == "complete":
            state, _ = engine.complete(graph, state, number, choose)
        else:
            state, _ = engine.service_done(graph, state, number, choose)
    return state


def iter_flows(graph: Graph, step: Step) -> dict[str, Iterator[Flow]]:
    return {
        node.id: iter([flow for flow in node.outgoing if flow.id in step.flows])
        for node in graph.nodes.values()
    }


def test_a_run_reads_like_a_story() -> None:
    verdict = judge(parse(XOR_INTO_AND))
    assert isinstance(verdict, Fault)
    assert [step.text.zh for step in verdict.run] == [
        "流程开始，在排他网关“split”走“split”到“a”的连线",
        "办完任务“a”",
    ]
    assert verdict.run[1].text.en == "the task “a” is completed"
    assert verdict.reason.en == (
        "the parallel gateway “join” waits for ever for the flow from “b” to “join”, where nothing can come any more"
    )


def test_an_orphan_names_the_end_that_the_other_branch_came_to() -> None:
    verdict = judge(parse(LATE_INTO_AND))
    assert isinstance(verdict, Fault)
    assert verdict.reason.zh.startswith("一路已在结束“out”结束")


def test_a_counter_example_is_a_shortest_one() -> None:
    """Behind ten tasks that may be passed by, the fault is told without them."""
    detour = [user(f"t{n}") for n in range(10)]
    keys = [f"t{n}" for n in range(10)]
    xml = process(
        start(),
        xor("first"),
        *detour,
        xor("split"),
        par("join"),
        end(),
        chain("start", "first"),
        flow("first", "split", "at_once"),
        flow("first", "t0", "slowly"),
        chain(*keys, "split"),
        flow("split", "join", "x", key="l"),
        flow("split", "join", "y", key="r"),
        flow("join", "end"),
    )
    verdict = judge(parse(xml))
    assert isinstance(verdict, Fault)
    assert [step.act for step in verdict.run] == ["start"]


def wide(branches: int) -> Graph:
    keys = [f"t{n}" for n in range(branches)]
    return parse(
        process(
            start(),
            par("split"),
            *(user(key) for key in keys),
            par("join"),
            end(),
            chain("start", "split"),
            *(chain("split", key, "join") for key in keys),
            flow("join", "end"),
        )
    )


def test_beyond_the_limit_of_states_it_is_undecided() -> None:
    assert judge(wide(8), max_states=2**8) == Sound(2**8)
    verdict = judge(wide(8), max_states=2**8 - 1)
    assert isinstance(verdict, Undecided)
    assert (verdict.states, verdict.reason.en) == (
        255,
        "there are more than 255 states, not all were searched",
    )


def test_beyond_the_limit_of_time_it_is_undecided() -> None:
    """The clock is given, so nothing waits: here it strikes a second at each look."""
    looks = iter(range(10_000))
    verdict = judge(wide(8), seconds=100, clock=lambda: next(looks))
    assert isinstance(verdict, Undecided)
    assert next(looks) < 110
    assert "time" in verdict.reason.en


def test_a_move_that_multiplies_its_tokens_is_stopped() -> None:
    """Forty doublings in one move would be a million million tokens; the engine stops at 64 on one flow."""
    parts = [start(), user("a"), end(), flow("start", "s0")]
    for n in range(40):
        parts += [
            par(f"s{n}"),
            xor(f"m{n}"),
            flow(f"s{n}", f"m{n}", key=f"l{n}"),
            flow(f"s{n}", f"m{n}", key=f"r{n}"),
        ]
        parts.append(flow(f"m{n}", f"s{n + 1}" if n < 39 else "a"))
    graph = parse(process(*parts, flow("a", "end")))
    assert structure.check(graph) == []
    verdict = judge(graph)
    assert isinstance(verdict, Fault)
    assert (verdict.kind, verdict.element) == (FaultKind.UNSAFE, "m6")


def test_a_fault_is_found_however_large_the_rest_is() -> None:
    """The search is breadth first: what is wrong near the start needs no whole search."""
    keys = [f"t{n}" for n in range(30)]
    xml = process(
        start(),
        xor("x"),
        par("join"),
        par("split"),
        *(user(key) for key in keys),
        par("end_join"),
        end(),
        end("e"),
        chain("start", "x"),
        flow("x", "join", "a", key="l"),
        flow("x", "join", "b", key="r"),
        flow("x", "split", "c"),
        flow("join", "e"),
        *(chain("split", key, "end_join") for key in keys),
        flow("end_join", "end"),
    )
    verdict = judge(parse(xml), max_states=1000)
    assert isinstance(verdict, Fault)
    assert (verdict.kind, verdict.element) == (FaultKind.DEADLOCK, "join")


EACH = each("list", complete="any")


@pytest.mark.parametrize(
    "what, parts",
    [
        (
            "an inclusive split and join",
            [start(), inc("s", default="s_a"), user("a"), user("b"), inc("j"), end(), chain("start", "s", "a", "j", "end"),
             flow("s", "b", "x", key="other"), chain("b", "j")],
        ),
        (
            "a sub-process with timers of both kinds",
            [start(), sub("s", start("in"), par("p"), user("a"), user("b"), par("j"), end("out"),
                          chain("in", "p", "a", "j", "out"), chain("p", "b", "j")),
             boundary("late", "s"), boundary("warn", "s", cancelActivity="false"), user("told"),
             end(), end("e2"), chain("start", "s", "end"), flow("late", "end"), chain("warn", "told", "e2")],
        ),
        ("a repeated task", [start(), user("a", repeat=EACH), boundary("late", "a"), end(), chain("start", "a", "end"),
                             flow("late", "end")]),
        (
            "a repeated sub-process",
            [start(), sub("s", EACH, start("in"), user("a"), end("out"), chain("in", "a", "out")), end(),
             chain("start", "s", "end")],
        ),
    ],
)  # fmt: skip
def test_scopes_and_repetitions_are_explored(what: str, parts: list[str]) -> None:
    graph = parse(process(*parts))
    assert check(graph) == []
    assert isinstance(judge(graph), Sound)


def test_a_deadlock_inside_a_subprocess_is_found_there() -> None:
    inside = [start("in"), xor("x"), user("a"), user("b"), par("j"), end("out"), chain("in", "x"),
              flow("x", "a", "1"), flow("x", "b", "2"), chain("a", "j", "out"), chain("b", "j")]  # fmt: skip
    fault = judge(parse(process(start(), sub("s", *inside), end(), chain("start", "s", "end"))))
    assert isinstance(fault, Fault)
    assert (fault.kind, fault.element) == (FaultKind.DEADLOCK, "j")
