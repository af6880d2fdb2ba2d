"""Block-structured processes from a seed: the same seed gives the same process everywhere.

A *block* has one way in and one way out: a task, or a sequence, a split with its join (exclusive, parallel, inclusive) or a loop
around smaller blocks. Such a process is sound by construction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, pairwise
from random import Random

from tongban.kernel.processes.tests.drawn import (
    boundary,
    each,
    end,
    flow,
    inc,
    node,
    par,
    process,
    service,
    start,
    user,
    wait,
    xor,
)

__all__ = ["BASIC", "LEAVES", "WIDE", "Block", "Drawing", "by_data", "draw", "grow"]

BASIC = ("seq", "xor", "par", "loop")
WIDE = (*BASIC, "inc")
LEAVES = ("task", "limited", "noticed", "service", "job", "wait", "each", "in_turn")
"""A task; one under a timer that interrupts, or does not; an operation in the move, or as a job; a timer on the way; a task for
each of ``people``, all at once until all are done, or in turn until one is.
"""
MOST_TASKS = 14


@dataclass(frozen=True)
class Block:
    """``kind`` is one of ``LEAVES``, "skip" (nothing at all, in an exclusive branch only) or one of ``WIDE``."""

    kind: str
    parts: tuple[Block, ...] = ()

    @property
    def depth(self) -> int:
        return 1 + max(part.depth for part in self.parts) if self.parts else 0

    @property
    def tasks(self) -> int:
        return sum(part.tasks for part in self.parts) + (self.kind in LEAVES)

    def kinds(self) -> Iterator[str]:
        yield self.kind
        for part in self.parts:
            yield from part.kinds()


def grow(
    random: Random, depth: int = 4, kinds: tuple[str, ...] = BASIC, leaves: tuple[str, ...] = ("task",)
) -> Block:
    """Return a block with that depth at most, and not more tasks than can be explored."""
    while True:
        block = _grow(random, depth, kinds, leaves, in_loop=False)
        if block.parts and block.tasks <= MOST_TASKS:
            return block


def _grow(
    random: Random, depth: int, kinds: tuple[str, ...], leaves: tuple[str, ...], in_loop: bool
) -> Block:
    if depth == 0 or random.random() < 0.25:
        # A second notice would meet the first, and a round in which nobody waits would never rest.
        allowed = [leaf for leaf in leaves if not in_loop or leaf in ("task", "limited", "wait")]
        return Block(random.choice(allowed))
    # An inclusive join waits for whatever could still come, in a loop also by the way back.
    kind = random.choice([kind for kind in kinds if kind != "inc" or not in_loop])
    parts = tuple(
        _grow(random, depth - 1, kinds, leaves, in_loop or kind == "loop")
        for _ in range(1 if kind == "loop" else random.randint(2, 3))
    )
    if kind == "xor" and not in_loop and random.random() < 0.3:  # in a loop it would make a restless circle
        parts = (Block("skip"), *parts[1:])
    return Block(kind, parts)


@dataclass
class Drawing:
    """What becomes a BPMN file: nodes by id with their kind, flows as (id, source, target, is it a choice).

    The kinds: start, end, cut (a terminating end), t (task), x, p, i (gateways), s (sub-process, its inside in ``inner``),
    b and n (a timer that interrupts its task in ``hosts``, or does not), o and j (an operation in the move,
    or as a job), w (a timer on the way), e and q (a task for each, or in turn).
    """

    nodes: dict[str, str] = field(default_factory=dict)
    flows: list[tuple[str, str, str, bool]] = field(default_factory=list)
    inner: dict[str, Drawing] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)
    conditions: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    limit: str = ""
    """Of every task."""
    job: str = "test.issue"

    def xml(self, key: str = "p") -> bytes:
        """Write the file. The condition of a flow is its own id; the one way out of a merge is its default."""
        return process(*self._parts(), key=key)

    def _parts(self) -> Iterator[str]:
        for key in self.nodes:
            yield self._node(key)
        for key, source, target, is_choice in self.flows:
            yield flow(source, target, self.conditions.get(key, key) if is_choice else "", key=key)

    def _node(self, key: str) -> str:
        match self.nodes[key]:
            case "x":
                return xor(key, default=self._default(key))
            case "i":
                return inc(key, default=self._default(key))
            case "s":
                return node("subProcess", key, "".join(self.inner[key]._parts()))
            case "b" | "n" as kind:
                return boundary(key, self.hosts[key], cancelActivity="false" if kind == "n" else "")
            case "cut":
                return end(key, terminate=True)
            case "o" | "j" as kind:
                return service(key, "test.note" if kind == "o" else self.job)
            case "t":
                return user(key, _limit=self.limit)
            case "e":
                return user(key, _limit=self.limit, repeat=each("people"))
            case "q":
                return user(key, _limit=self.limit, repeat=each("people", complete="any", one_by_one=True))
            case kind:
                return {"p": par, "w": wait, "start": start, "end": end}[kind](key)

    def _default(self, key: str) -> str:
        if key in self.defaults:
            return self.defaults[key]
        return next((f[0] for f in self.flows if f[1] == key and not f[3]), "")


def draw(block: Block, wrap_rounds: bool = False) -> Drawing:
    """Draw a block between a start and an end.

    ``wrap_rounds`` draws what is parallel inside a loop as a sub-process, which means the same. Tasks and choices have
    the same ids in both drawings.
    """
    pen = _Pen(wrap_rounds)
    pen.whole(block, "start", "end")
    return pen.drawing


def by_data(drawing: Drawing) -> None:
    """Let the variable ``pick`` choose at every gateway: the way of that number, the last one otherwise."""
    for key, kind in drawing.nodes.items():
        choices = [flow for flow, source, _, is_choice in drawing.flows if source == key and is_choice]
        if choices:
            drawing.defaults[key] = choices[-1]
            test = "pick == {}" if kind == "x" else "pick != {}"
            drawing.conditions |= {flow: test.format(n) for n, flow in enumerate(choices[:-1])}
            drawing.conditions[choices[-1]] = ""
    for inner in drawing.inner.values():
        by_data(inner)


# A block that has been drawn: where it begins and ends; None for "skip".
_Ends = tuple[str, str] | None


class _Pen:
    def __init__(self, wrap_rounds: bool) -> None:
        self.drawing = Drawing()
        self.wrap_rounds = wrap_rounds
        self.numbers: dict[str, Iterator[int]] = defaultdict(lambda: count(1))
        self.loops = 0

    def whole(self, block: Block, first: str, last: str) -> None:
        """Draw a block with a start and an end of its own."""
        self.drawing.nodes |= {first: "start", last: "end"}
        self.join(first, self.block(block), last)

    def node(self, kind: str) -> str:
        key = f"{kind}{next(self.numbers[kind])}"
        self.drawing.nodes[key] = kind
        return key

    def flow(self, source: str, target: str, is_choice: bool = False) -> None:
        kind = "c" if is_choice else "f"
        self.drawing.flows.append((f"{kind}{next(self.numbers[kind])}", source, target, is_choice))

    def join(self, before: str, ends: _Ends, after: str, is_choice: bool = False) -> None:
        """Put a block between two nodes."""
        if ends is None:
            self.flow(before, after, is_choice)
        else:
            self.flow(before, ends[0], is_choice)
            self.flow(ends[1], after)

    def block(self, block: Block) -> _Ends:
        return getattr(self, f"_{block.kind}")(block)

    def _task(self, block: Block) -> _Ends:
        key = self.node("t")
        return key, key

    def _service(self, block: Block) -> _Ends:
        key = self.node("o")
        return key, key

    def _job(self, block: Block) -> _Ends:
        key = self.node("j")
        return key, key

    def _wait(self, block: Block) -> _Ends:
        key = self.node("w")
        return key, key

    def _each(self, block: Block) -> _Ends:
        key = self.node("e")
        return key, key

    def _in_turn(self, block: Block) -> _Ends:
        key = self.node("q")
        return key, key

    def _limited(self, block: Block) -> _Ends:
        task, after = self.node("t"), self.node("x")
        self.flow(task, after)
        self.flow(self._timer("b", task), after)
        return task, after

    def _noticed(self, block: Block) -> _Ends:
        task, told = self.node("t"), self.node("end")
        self.flow(self._timer("n", task), told)
        return task, task

    def _timer(self, kind: str, host: str) -> str:
        key = self.node(kind)
        self.drawing.hosts[key] = host
        return key

    def _skip(self, block: Block) -> _Ends:
        return None

    def _seq(self, block: Block) -> _Ends:
        drawn = [ends for part in block.parts if (ends := self.block(part))]
        for one, other in pairwise(drawn):
            self.flow(one[1], other[0])
        return drawn[0][0], drawn[-1][1]

    def _xor(self, block: Block) -> _Ends:
        return self._split(block, "x")

    def _par(self, block: Block) -> _Ends:
        if not (self.wrap_rounds and self.loops):
            return self._split(block, "p")
        key, outer = self.node("s"), self.drawing
        self.drawing = outer.inner[key] = Drawing()
        loops, self.loops = self.loops, 0
        self.whole(block, f"{key}_start", f"{key}_end")
        self.drawing, self.loops = outer, loops
        return key, key

    def _inc(self, block: Block) -> _Ends:
        return self._split(block, "i")

    def _split(self, block: Block, kind: str) -> _Ends:
        split, join = self.node(kind), self.node(kind)
        for part in block.parts:
            self.join(split, self.block(part), join, is_choice=kind != "p")
        return split, join

    def _loop(self, block: Block) -> _Ends:
        merge = self.node("x")
        self.loops += 1
        body = self.block(block.parts[0])
        self.loops -= 1
        split, after = self.node("x"), self.node("x")
        self.join(merge, body, split)
        self.flow(split, merge, is_choice=True)
        self.flow(split, after, is_choice=True)
        return merge, after
