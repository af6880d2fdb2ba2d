"""The tables of docs/reference/moves.md, row by row: the page says what lies where, this plays it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from django.conf import settings

from tongban.kernel.processes.standing import WHY
from tongban.kernel.processes.tests.board import ANOTHER, Board, Refused, written
from tongban.kernel.processes.tests.choosing import taking
from tongban.kernel.processes.tests.drawn import (
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

PAGE = (settings.BASE_DIR / "docs" / "reference" / "moves.md").read_text(encoding="utf-8")


class Row(NamedTuple):
    before: str
    after: str
    why: str
    cancelled: list[str]


def rows_of_the_page() -> dict[str, Row]:
    """Read the rows that say tokens: they have five cells and a key R-… or W-…."""
    rows = {}
    for line in PAGE.splitlines():
        found = re.match(r"\| `([RW]-[\w-]+)` \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$", line)
        if found:
            key, _, before, after, cancelled = (cell.strip() for cell in found.groups())
            why = re.search(r"refused: `([\w-]+)`", after)
            names = [name.strip() for name in cancelled.strip("`").split(",") if name.strip()]
            rows[key] = Row(
                before.strip("`"), "" if why else after.strip("`"), why[1] if why else "", sorted(names)
            )
    return rows


ROWS = rows_of_the_page()
Scene = Callable[[], tuple[Board, Callable[[], None]]]
SCENES: dict[str, Scene] = {}


def scene(key: str) -> Callable[[Scene], Scene]:
    """Register what leads to the situation of a row and the move that is then made."""

    def register(play: Scene) -> Scene:
        SCENES[key] = play
        return play

    return register


def back(board: Board, where: str, to: str) -> tuple[Board, Callable[[], None]]:
    return board, lambda: board.send_back(where, to)


# --- processes ---

SEQUENCE = process(start(), user("a"), user("b"), user("c"), end(), chain("start", "a", "b", "c", "end"))
SPLIT = process(
    start(), user("t"), par("split"), user("a1"), user("a2"), user("b"), par("join"), user("c"), end(),
    chain("start", "t", "split", "a1", "a2", "join", "c", "end"), chain("split", "b", "join"),
)  # fmt: skip
SPLIT_WAIT = process(
    start(), user("t"), par("split"), user("a1"), wait("wait"), par("join"), user("c"), end(),
    chain("start", "t", "split", "a1", "join", "c", "end"), chain("split", "wait", "join"),
)  # fmt: skip
INCLUSIVE = process(
    start(), user("t"), inc("split"), user("a"), user("b"), inc("join"), user("c"), end(),
    chain("start", "t", "split"), flow("split", "a", "x"), flow("split", "b", "y"),
    chain("a", "join", "c", "end"), chain("b", "join"),
)  # fmt: skip
LOOP = process(
    start(), xor("again"), par("split"), user("a1"), user("a2"), user("b"), par("join"), user("c"), xor("ok"), end(),
    chain("start", "again", "split", "a1", "a2", "join", "c", "ok"), chain("split", "b", "join"),
    flow("ok", "again", "no"), flow("ok", "end", "yes"),
)  # fmt: skip
AFTER_LOOP = process(
    start(), xor("again"), par("split"), user("a1"), user("a2"), user("b"), par("join"), xor("over"), user("c"), end(),
    chain("start", "again", "split", "a1", "a2", "join", "over"), chain("split", "b", "join"),
    flow("over", "c", "yes"), flow("over", "again", "no"), chain("c", "end"),
)  # fmt: skip
SKIP_IN_LOOP = process(
    start(), xor("again"), par("split"), user("a1"), xor("needed"), user("a2"), xor("both"), user("b"), par("join"),
    xor("over"), end(), chain("start", "again", "split", "a1", "needed"),
    flow("needed", "a2", "yes"), flow("needed", "both", "no"), chain("a2", "both", "join", "over"),
    chain("split", "b", "join"), flow("over", "end", "yes"), flow("over", "again", "no"),
)  # fmt: skip
TIMER = process(start(), user("a"), wait("wait"), user("c"), end(), chain("start", "a", "wait", "c", "end"))
SUB = process(
    start(), user("a"),
    sub("sub", start("s"), user("x"), user("y"), end("e"), chain("s", "x", "y", "e")),
    user("c"), end(), chain("start", "a", "sub", "c", "end"),
)  # fmt: skip
ONLY_SUB = process(
    start(), sub("sub", start("s"), user("x"), end("e"), chain("s", "x", "e")), user("c"), end(),
    chain("start", "sub", "c", "end"),
)  # fmt: skip
ASK = process(
    start(), user("a"), user("ask", repeat=each("experts", "expert")), user("c"), end(),
    chain("start", "a", "ask", "c", "end"),
)  # fmt: skip
ASK_ANY = process(
    start(), user("a"), user("ask", repeat=each("experts", "expert", "any")), user("c"), end(),
    chain("start", "a", "ask", "c", "end"),
)  # fmt: skip
EACH_SUB = process(
    start(), user("a"),
    sub("sub", start("s"), user("x"), user("y"), end("e"), chain("s", "x", "y", "e"), each("items", "item")),
    user("c"), end(), chain("start", "a", "sub", "c", "end"),
)  # fmt: skip
ACT = process(
    start(), user("a"), service("issue"), user("b"), user("c"), end(), chain("start", "a", "issue", "b", "c", "end"),
)  # fmt: skip
ACT_BESIDE = process(
    start(), user("t"), par("split"), user("a1"), user("a2"), user("b0"), service("issue"), user("b"), par("join"), end(),
    chain("start", "t", "split", "a1", "a2", "join", "end"), chain("split", "b0", "issue", "b", "join"),
)  # fmt: skip
PARTY = process(
    start(), user("a", holder="party:applicant"), user("b"), end(), chain("start", "a", "b", "end"),
)  # fmt: skip


def played(xml: bytes, *nodes: str, **more: object) -> Board:
    board = Board(xml, **more)  # type: ignore[arg-type]
    for node in nodes:
        board.do(node)
    return board


# --- back to an earlier step ---

BACK: dict[str, tuple[bytes, tuple[str, ...], str, str]] = {
    # row: process, what was done, where, to
    "R-sequence": (SEQUENCE, ("a", "b"), "c", "a"),
    "R-in-branch": (SPLIT, ("t", "a1"), "a2", "a1"),
    "R-before-split": (SPLIT, ("t",), "a1", "t"),
    "R-sibling-done": (SPLIT, ("t", "b"), "a1", "t"),
    "R-sibling-timer": (SPLIT_WAIT, ("t",), "a1", "t"),
    "R-after-join": (SPLIT, ("t", "a1", "a2", "b"), "c", "a2"),
    "R-after-join-first": (SPLIT, ("t", "a1", "a2", "b"), "c", "a1"),
    "R-after-join-split": (SPLIT, ("t", "a1", "a2", "b"), "c", "t"),
    "R-inclusive": (INCLUSIVE, ("t", "a", "b"), "c", "a"),
    "R-loop": (LOOP, ("a1", "a2", "b", "c", "a1"), "a2", "a1"),
    "R-loop-ahead": (LOOP, ("a1", "a2", "b", "c"), "a1", "a2"),
    "R-loop-before": (LOOP, ("a1", "a2", "b", "c"), "a1", "c"),
    "R-loop-join": (AFTER_LOOP, ("a1", "a2", "b"), "c", "a1"),
    "R-loop-beside": (SKIP_IN_LOOP, ("a1",), "a2", "a1"),
    "R-over-timer": (TIMER, ("a", "wait"), "c", "a"),
    "R-inside-sub": (SUB, ("a", "x"), "y", "x"),
    "R-out-of-sub": (SUB, ("a", "x"), "y", "a"),
    "R-after-sub": (SUB, ("a", "x", "y"), "c", "a"),
    "R-into-sub": (ONLY_SUB, ("x",), "c", "x"),
    "R-element": (ASK, ("a", "ask.0"), "ask.1", "a"),
    "R-element-inside": (EACH_SUB, ("a", "x.0"), "y.0", "x"),
    "R-act-before": (ACT, ("a", "b"), "c", "b"),
    "R-act-between": (ACT, ("a",), "b", "a"),
    "R-act-beside": (ACT_BESIDE, ("t", "b0", "a1"), "a2", "a1"),
    "R-act-in-sibling": (ACT_BESIDE, ("t", "a1", "b0"), "a2", "t"),
    "R-first": (SEQUENCE, (), "a", "a"),
    "R-party": (PARTY, ("a",), "b", "a"),
}
for key, (xml, done, where, to) in BACK.items():
    sizes = 2 if xml is EACH_SUB else 3
    SCENES[key] = lambda xml=xml, done=done, where=where, to=to, sizes=sizes: back(  # type: ignore[misc]
        played(xml, *done, sizes=sizes), where, to
    )


@scene("R-to-repeated")
def to_repeated() -> tuple[Board, Callable[[], None]]:
    return back(played(ASK, "a", "ask.0", "ask.1", "ask.2"), "c", "ask")


# --- taken back ---

TAKEN: dict[str, tuple[bytes, tuple[str, ...], str, tuple[str, ...]]] = {
    # row: process, done before, the step that is taken back, done since
    "W-sequence": (SEQUENCE, (), "a", ()),
    "W-split": (SPLIT, (), "t", ()),
    "W-to-join": (SPLIT, ("t", "a1"), "a2", ()),
    "W-through-join": (SPLIT, ("t", "b", "a1"), "a2", ()),
    "W-joined": (SPLIT, ("t", "a1"), "a2", ("b",)),
    "W-inclusive": (INCLUSIVE, (), "t", ()),
    "W-timer": (TIMER, (), "a", ()),
    "W-timer-fired": (TIMER, (), "a", ("wait",)),
    "W-into-sub": (SUB, (), "a", ()),
    "W-out-of-sub": (SUB, ("a", "x"), "y", ()),
    "W-element": (ASK, ("a",), "ask.0", ()),
    "W-element-since": (ASK, ("a",), "ask.0", ("ask.1",)),
    "W-last-element": (ASK_ANY, ("a",), "ask.0", ()),
    "W-act": (ACT, (), "a", ()),
    "W-next-done": (SEQUENCE, (), "a", ("b",)),
    "W-ended": (SEQUENCE, ("a", "b"), "c", ()),
}


def taken(
    xml: bytes, before: tuple[str, ...], step: str, since: tuple[str, ...], **more: object
) -> tuple[Board, Callable]:
    board = played(xml, *before, **more)
    row = board.do(step)
    for node in since:
        board.do(node, ANOTHER)
    return board, lambda: board.take_back(row)


for key, scenario in TAKEN.items():
    SCENES[key] = lambda scenario=scenario: taken(*scenario)  # type: ignore[misc]


@scene("W-act-job")
def act_job() -> tuple[Board, Callable[[], None]]:
    return taken(ACT, (), "a", (), jobs_wait=True)


@scene("W-next-began")
def next_began() -> tuple[Board, Callable[[], None]]:
    board, move = taken(SEQUENCE, (), "a", ())
    board.tasks[-1].claimed_by, board.tasks[-1].claimed_name = ANOTHER.person_id, ANOTHER.name
    return board, move


@scene("W-other")
def other() -> tuple[Board, Callable[[], None]]:
    board = Board(SEQUENCE)
    row = board.do("a", ANOTHER)
    return board, lambda: board.take_back(row)


@scene("W-rewritten")
def rewritten() -> tuple[Board, Callable[[], None]]:
    board, move = taken(SEQUENCE, (), "a", ())
    board.values["a"] = "something else"
    return board, move


# --- the tests ---


@pytest.mark.parametrize("key", sorted(SCENES))
def test_a_row_of_the_page_is_true(key: str) -> None:
    row = ROWS[key]
    board, move = SCENES[key]()
    assert written(board.graph, board.state) == row.before
    state, values = board.state, dict(board.values)
    try:
        move()
    except Refused as refused:
        assert (refused.key, row.after) == (row.why, "")
        assert (board.state, board.values) == (state, values)
        return
    expected = row.after.replace("ask[]", "ask[0, 1, 2]")
    assert (written(board.graph, board.state), row.why) == (expected, "")
    assert sorted(board.cancelled) == row.cancelled


def test_every_row_of_the_page_is_played_and_no_other() -> None:
    assert set(SCENES) == set(ROWS)


@pytest.mark.parametrize("key", [key for key, row in ROWS.items() if not row.why])
def test_after_a_move_everything_can_still_be_done(key: str) -> None:
    """No row leads into a dead end: whoever goes on comes to the end, and every join opens."""
    board, move = SCENES[key]()
    if board.graph.nodes.get("ok") is not None:
        board.choose = taking("end")
    move()
    for _ in range(50):
        resting = [row for row in board.tasks if row.state == "open"]
        timers = [t.node for t in board.state.tokens.values() if board.graph.nodes[t.node].id == "wait"]
        if not resting and not timers:
            break
        if timers:
            board.do(timers[0])
        else:
            token = board.state.tokens[resting[0].token]
            host = board.state.tokens.get(token.scope)
            index = max(token.index, host.index if host else -1)
            board.do(f"{resting[0].node}.{index}" if index >= 0 else resting[0].node)
    assert board.state.is_ended


def test_every_reason_stands_on_the_page() -> None:
    reasons = PAGE.split("## Reasons for a refusal")[1]
    assert set(re.findall(r"^\| `([\w-]+)` \|", reasons, re.M)) - {"why"} == set(WHY)


def test_every_other_row_names_its_test() -> None:
    for line in PAGE.splitlines():
        found = re.match(r"\| `([A-Z]-[\w-]+)` \|", line)
        if found and found[1] not in ROWS:
            assert re.search(r"`(src|tests)/[\w/.]+(::\w+)?` \|$", line), line
