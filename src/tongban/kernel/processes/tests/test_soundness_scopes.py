"""Soundness of more than a plain net: inclusive gateways, sub-processes, notices, repetitions, calls."""

from __future__ import annotations

import pytest

from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.examination import examine
from tongban.kernel.processes.soundness import Fault, FaultKind, Sound, judge
from tongban.kernel.processes.structure import check
from tongban.kernel.processes.tests.drawn import (
    boundary,
    call,
    chain,
    each,
    end,
    flow,
    inc,
    par,
    process,
    start,
    sub,
    user,
    xor,
)


def fork(split: str, join: str) -> bytes:
    """Two branches with a task each, between a split and a join of these kinds; conditions where the split takes some."""
    draw = {"x": xor, "p": par, "i": inc}
    test = "" if split == "p" else "c"
    return process(
        start(), draw[split]("split"), user("a"), user("b"), draw[join]("join"), user("after"), end(),
        chain("start", "split"), flow("split", "a", test), flow("split", "b", test),
        chain("a", "join", "after", "end"), flow("b", "join"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "split, join, expected",
    [
        ("p", "p", None),
        ("x", "x", None),
        ("i", "i", None),
        ("p", "i", None),
        ("x", "i", None),
        ("x", "p", (FaultKind.DEADLOCK, "join")),
        ("i", "p", (FaultKind.DEADLOCK, "join")),
        ("p", "x", (FaultKind.UNSAFE, "after")),
        ("i", "x", (FaultKind.UNSAFE, "after")),
    ],
)
def test_every_split_with_every_join(split: str, join: str, expected: tuple[FaultKind, str] | None) -> None:
    verdict = judge(parse(fork(split, join)))
    found = (verdict.kind, verdict.element) if isinstance(verdict, Fault) else None
    assert found == expected


FAULTY: dict[str, tuple[list[str], FaultKind, str]] = {
    "two inclusive joins that wait for one another": (
        [
            start(), par("split"), user("a"), user("b"), inc("one"), inc("two"), xor("x"), xor("y"), end(),
            chain("start", "split", "a", "one", "x"), flow("split", "b"), chain("b", "two", "y"),
            flow("x", "two", "c"), flow("x", "end", "d"), flow("y", "one", "c", key="back"), flow("y", "end", "d", key="out"),
        ],
        FaultKind.DEADLOCK,
        "one",
    ),
    "a notice that comes to the join of its own task": (
        [
            start(), par("split"), user("a"), boundary("late", "a", cancelActivity="false"), user("b"), par("join"), end(),
            chain("start", "split", "a", "join", "end"), chain("split", "b", "join"), flow("late", "b"),
        ],
        FaultKind.UNSAFE,
        "b",
    ),
    "a notice in a loop that is not done before the next": (
        [
            start(), user("a"), boundary("late", "a", cancelActivity="false"), user("told"), xor("x"), end(), end("e"),
            chain("start", "a", "x"), flow("x", "a", "again"), flow("x", "end", "enough"), chain("late", "told", "e"),
        ],
        FaultKind.UNSAFE,
        "told",
    ),
    "a deadlock in a sub-process": (
        [
            start(), end(), chain("start", "s", "end"),
            sub("s", start("in"), xor("x"), user("a"), user("b"), par("join"), end("out"), chain("in", "x"),
                flow("x", "a", "1"), flow("x", "b", "2"), chain("a", "join", "out"), flow("b", "join")),
        ],
        FaultKind.DEADLOCK,
        "join",
    ),
    "a branch left behind in a sub-process, though another scope has ended well": (
        [
            start(), end(), chain("start", "s", "end"),
            sub("s", start("in"), par("p"), user("a"), xor("x"), par("join"), end("out"), end("off"),
                chain("in", "p", "a", "join", "out"), flow("p", "x"), flow("x", "join", "1"), flow("x", "off", "2")),
        ],
        FaultKind.ORPHAN,
        "join",
    ),
    "a deadlock in what is repeated": (
        [
            start(), end(), chain("start", "s", "end"),
            sub("s", each("people"), start("in"), xor("x"), user("a"), par("join"), end("out"), chain("in", "x"),
                flow("x", "a", "1"), flow("x", "join", "2"), chain("a", "join", "out")),
        ],
        FaultKind.DEADLOCK,
        "join",
    ),
    "a timer that takes a sub-process out of its branch": (
        [
            start(), par("split"), sub("s", start("in"), user("a"), end("out"), chain("in", "a", "out")),
            boundary("late", "s"), user("b"), par("join"), end(), end("off"),
            chain("start", "split", "s", "join", "end"), chain("split", "b", "join"), flow("late", "off"),
        ],
        FaultKind.ORPHAN,
        "join",
    ),
}  # fmt: skip

FINE: dict[str, list[str]] = {
    "a terminating end ends its sub-process only": [
        start(), user("b"), end(), chain("start", "s", "b", "end"),
        sub("s", start("in"), par("p"), user("a"), user("c"), end("cut", terminate=True), end("out"),
            chain("in", "p", "a", "cut"), chain("p", "c", "out")),
    ],
    "a notice with an end of its own": [
        start(), user("a"), boundary("late", "a", cancelActivity="false"), user("told"), end(), end("e"),
        chain("start", "a", "end"), chain("late", "told", "e"),
    ],
    "a repeated task between parallel branches, under a timer": [
        start(), par("p"), user("a", repeat=each("people", complete="ratio:2/3")), boundary("late", "a"), user("b"),
        xor("merge"), par("join"), end(), chain("start", "p", "a", "merge", "join", "end"), chain("p", "b", "join"),
        flow("late", "merge"),
    ],
    "an inclusive join behind a branch that may end elsewhere": [
        start(), inc("s", default="s_b"), user("a"), user("b"), xor("x"), inc("join"), end(), end("off"),
        chain("start", "s"), flow("s", "a", "c"), flow("s", "b"), chain("a", "x"), flow("x", "join", "d"),
        flow("x", "off", "e"), chain("b", "join", "end"),
    ],
    "a call under a timer": [
        start(), call("c", "other"), boundary("late", "c"), end(), chain("start", "c", "end"), flow("late", "end"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("what", FAULTY)
def test_a_fault_is_found_at_its_place(what: str) -> None:
    parts, kind, place = FAULTY[what]
    verdict = judge(parse(process(*parts)))
    assert isinstance(verdict, Fault)
    assert (verdict.kind, verdict.element) == (kind, place)
    assert all(step.text.zh and step.text.en for step in verdict.run)


@pytest.mark.parametrize("what", FINE)
def test_what_always_ends_is_sound(what: str) -> None:
    xml = process(*FINE[what])
    assert check(parse(xml)) == []
    assert isinstance(examine(xml).verdict, Sound)


def test_a_process_that_calls_itself_is_refused_without_a_database() -> None:
    examined = examine(process(start(), call("again", "p"), end(), chain("start", "again", "end")))
    assert [problem.id for problem in examined.problems] == ["again"]
