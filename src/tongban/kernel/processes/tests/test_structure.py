"""A drawing that makes no sense is refused at publishing, with the place of the fault."""

import subprocess
import sys

import pytest

from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.structure import check, expressions
from tongban.kernel.processes.tests.drawn import (
    boundary,
    call,
    chain,
    each,
    end,
    flow,
    inc,
    node,
    outcome,
    par,
    process,
    rule,
    service,
    start,
    sub,
    user,
    wait,
    xor,
)


def faults(*parts: str) -> set[str]:
    problems = check(parse(process(*parts)))
    assert all(problem.zh and problem.en for problem in problems)
    return {problem.id for problem in problems}


def test_a_sensible_process_has_no_fault() -> None:
    assert (
        faults(
            start(),
            user("receive", "accept", "refuse"),
            boundary("late", "receive"),
            xor("which", default="no"),
            par("split"),
            user("a", _separate_from="receive"),
            wait("b"),
            par("join"),
            service("s"),
            end(),
            end("e2"),
            chain("start", "receive", "which"),
            flow("which", "split", "receive == 'accept'"),
            flow("which", "e2", key="no"),
            flow("late", "split"),
            chain("split", "a", "join"),
            chain("split", "b", "join"),
            chain("join", "s", "end"),
        )
        == set()
    )


@pytest.mark.parametrize(
    "what, parts, places",
    [
        ("no start", [end()], {"p"}),
        ("two starts", [start(), start("s2"), end(), chain("start", "end"), chain("s2", "end")], {"p"}),
        ("no end", [start(), user("a"), chain("start", "a")], {"p"}),
        ("unreachable", [start(), end(), user("a"), chain("start", "end"), chain("a", "end")], {"a"}),
        (
            "a dead end",
            [start(), end(), par("x"), user("a"), chain("start", "x", "end"), flow("x", "a")],
            {"a"},
        ),
        ("out of an end", [start(), end(), user("a"), chain("start", "a", "end"), flow("end", "a")], {"end"}),
        (
            "into the start",
            [start(), end(), user("a"), chain("start", "a", "end"), flow("a", "start")],
            {"a", "start"},
        ),
        (
            "a split without a gateway",
            [start(), end(), end("e2"), user("a"), chain("start", "a", "end"), flow("a", "e2")],
            {"a"},
        ),
        (
            "a condition after a task",
            [start(), end(), user("a"), flow("start", "a"), flow("a", "end", "x")],
            {"a_end"},
        ),
        (
            "a flow without condition",
            [start(), xor("x"), end(), end("e2"), flow("start", "x"), flow("x", "end", "a"), flow("x", "e2")],
            {"x_e2"},
        ),
        (
            "a foreign default",
            [start(), xor("x", default="start_x"), end(), chain("start", "x", "end")],
            {"x"},
        ),
        ("an odd holder", [start(), user("a", holder="everybody"), end(), chain("start", "a", "end")], {"a"}),
        (
            "no outcome",
            [start(), node("userTask", "a", _holder="var:x"), end(), chain("start", "a", "end")],
            {"a"},
        ),
        ("the same outcome twice", [start(), user("a", "y", "y"), end(), chain("start", "a", "end")], {"a"}),
        (
            "only conditional outcomes",
            [start(), user("a", outcome("y", when="b")), end(), chain("start", "a", "end")],
            {"a"},
        ),
        ("a reserved outcome", [start(), user("a", "timer"), end(), chain("start", "a", "end")], {"a"}),
        (
            "an unknown style",
            [start(), user("a", outcome("y", style="pink")), end(), chain("start", "a", "end")],
            {"a"},
        ),
        (
            "an unknown opinion rule",
            [start(), user("a", outcome("y", opinion="yes")), end(), chain("start", "a", "end")],
            {"a"},
        ),
        ("an id for no expression", [start(), user("a-1"), end(), chain("start", "a-1", "end")], {"a-1"}),
        (
            "separate from nobody",
            [start(), user("a", _separate_from="b"), end(), chain("start", "a", "end")],
            {"a"},
        ),
        ("no operation", [start(), service("a", operation=""), end(), chain("start", "a", "end")], {"a"}),
        (
            "a timer on a service",
            [start(), service("a"), boundary("t", "a"), end(), chain("start", "a", "end"), flow("t", "end")],
            {"t"},
        ),
        (
            "a restless circle",
            [
                start(),
                xor("x", default="d"),
                service("a"),
                end(),
                chain("start", "x", "a", "x"),
                flow("x", "end", key="d"),
            ],
            {"x", "x_a"},
        ),
        (
            "a circle without a way out",
            [
                start(),
                user("a"),
                user("b"),
                xor("x"),
                end(),
                xor("y", default="d"),
                flow("start", "y"),
                flow("y", "end", "z"),
                flow("y", "x", key="d"),
                chain("x", "a", "b", "x"),
            ],
            {"x", "a", "b"},
        ),
        (
            "a sub-process without an end",
            [start(), sub("s", start("in"), user("a"), flow("in", "a")), end(), chain("start", "s", "end")],
            {"s"},
        ),
        (
            "a flow across the border of a sub-process",
            [
                start(),
                sub("s", start("in"), end("out"), flow("in", "out")),
                user("a"),
                end(),
                chain("start", "s", "a", "end"),
                flow("a", "out"),
            ],
            {"a", "a_out"},
        ),
        (
            "a timer on what lies deeper",
            [
                start(),
                sub("s", start("in"), user("a"), end("out"), chain("in", "a", "out")),
                end(),
                boundary("t", "a"),
                chain("start", "s", "end"),
                flow("t", "end"),
            ],
            {"t"},
        ),
        (
            "a restless circle through a sub-process",
            [
                start(),
                sub("s", start("in"), end("out"), flow("in", "out")),
                xor("x", default="d"),
                end(),
                chain("start", "s", "x"),
                flow("x", "s", "again"),
                flow("x", "end", key="d"),
            ],
            {"x"},
        ),
        (
            "a circle that an empty list makes restless",
            [
                start(),
                user("a", repeat=each("list")),
                xor("x", default="d"),
                end(),
                chain("start", "a", "x"),
                flow("x", "a", "again"),
                flow("x", "end", key="d"),
            ],
            {"x"},
        ),
        ("a call of nothing", [start(), call("c", ""), end(), chain("start", "c", "end")], {"c"}),
        ("a rule without a table", [start(), rule("r", ""), end(), chain("start", "r", "end")], {"r"}),
        ("a rule without a result", [start(), rule("r", "t", ""), end(), chain("start", "r", "end")], {"r"}),
        (
            "a flow without condition after an inclusive gateway",
            [start(), inc("x"), end(), end("e2"), flow("start", "x"), flow("x", "end", "a"), flow("x", "e2")],
            {"x_e2"},
        ),
        *(
            (
                f"a repetition with {what}",
                [start(), user("a", "y", repeat=marker), end(), chain("start", "a", "end")],
                {"a"},
            )
            for what, marker in {
                "no list": each(""),
                "an odd list": each("1 + 2"),
                "an odd element": each("list", "a-b"),
                "a reserved element": each("list", "data"),
                "an odd condition": each("list", complete="most"),
                "more than everything": each("list", complete="ratio:3/2"),
                "a division by nothing": each("list", complete="ratio:1/0"),
                "an unknown outcome": each("list", counts="x"),
            }.items()
        ),
    ],
)
def test_a_fault_is_found_at_its_place(what: str, parts: list[str], places: set[str]) -> None:
    assert faults(*parts) == places


def test_a_circle_through_a_subprocess_with_a_person_in_it_is_fine() -> None:
    inside = [start("in"), user("a"), end("out"), chain("in", "a", "out")]
    around = [start(), xor("x", default="d"), end(), chain("start", "s", "x"), flow("x", "s", "again")]
    assert faults(*around, flow("x", "end", key="d"), sub("s", *inside)) == set()


def test_a_circle_with_a_person_in_it_is_fine() -> None:
    assert (
        faults(
            start(),
            user("a"),
            xor("x", default="d"),
            service("s"),
            end(),
            chain("start", "a", "x"),
            flow("x", "s", "a == 'again'"),
            flow("s", "a"),
            flow("x", "end", key="d"),
        )
        == set()
    )


def test_all_expressions_are_handed_out_for_checking() -> None:
    graph = parse(
        process(
            start(),
            user("a", "n", outcome("y", when="b > 1")),
            xor("x"),
            end(),
            end("e"),
            chain("start", "a", "x"),
            flow("x", "end", "c"),
            flow("x", "e", "not c"),
        )
    )
    assert list(expressions(graph)) == [
        ("sequenceFlow", "x_end", "c"),
        ("sequenceFlow", "x_e", "not c"),
        ("userTask", "a", "b > 1"),
    ]


def test_the_engine_and_its_neighbours_know_no_django() -> None:
    """They are the specification in code; they must run (and be benchmarked) without a settings module."""
    modules = (
        "bpmn",
        "graph",
        "structure",
        "circles",
        "engine",
        "drawing",
        "rules",
        "state",
        "run",
        "joins",
        "repeats",
    )
    modules += ("soundness", "statespace", "telling")
    names = ", ".join(f"tongban.kernel.processes.{name}" for name in modules)
    code = (
        f"import sys, {names}; sys.exit(any(m == 'django' or m.startswith('django.') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0  # noqa: S603
