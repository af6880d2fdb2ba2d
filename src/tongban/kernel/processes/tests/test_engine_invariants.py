"""Any block-structured process, any order of work: no token is lost or doubled, every run ends.

The reference is written from the meaning of the blocks, not from tokens: after each step the tasks that the
engine waits for must be exactly those that the blocks allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tongban.kernel.processes import engine
from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.engine import Ended, State, Within
from tongban.kernel.processes.graph import Flow, Graph, Node
from tongban.kernel.processes.structure import check
from tongban.kernel.processes.tests.drawn import end, flow, par, process, start, user, xor


@dataclass(frozen=True)
class Block:
    """``kind`` is task, seq, xor, par or loop; a loop does its one part again as long as is chosen."""

    kind: str
    parts: tuple[Block, ...] = ()


def blocks() -> st.SearchStrategy[Block]:
    def bigger(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.one_of(
            st.builds(Block, st.sampled_from(["seq", "xor", "par"]), several),
            st.builds(Block, st.just("loop"), st.tuples(inner)),
        )

    return st.recursive(st.just(Block("task")), bigger, max_leaves=12)


class Written:
    """A block as BPMN, and as a tree whose gateways and tasks carry the same ids."""

    def __init__(self, block: Block) -> None:
        self.parts: list[str] = [start(), end()]
        self.numbers = count(1)
        first, last, self.tree = self._write(block)
        self.parts += [flow("start", first), flow(last, "end")]
        self.graph: Graph = parse(process(*self.parts))

    def _new(self, kind: str) -> str:
        key = f"{kind}{next(self.numbers)}"
        self.parts.append({"t": user, "x": xor, "p": par}[kind[0]](key))
        return key

    def _write(self, block: Block) -> tuple[str, str, tuple]:
        if block.kind == "task":
            key = self._new("t")
            return key, key, ("task", key)
        if block.kind == "loop":
            merge, (first, last, tree), split = self._new("x"), self._write(block.parts[0]), self._new("x")
            self.parts += [
                flow(merge, first),
                flow(last, split),
                flow(split, merge, "again", key=f"again_{split}"),
            ]
            after = self._new("x")
            self.parts.append(flow(split, after, "enough"))
            return merge, after, ("loop", split, tree)
        written = [self._write(part) for part in block.parts]
        if block.kind == "seq":
            self.parts += [flow(a[1], b[0]) for a, b in pairwise(written)]
            return written[0][0], written[-1][1], ("seq", [w[2] for w in written])
        split, join = self._new(block.kind[0]), self._new(block.kind[0])
        for n, (first, last, _) in enumerate(written):
            self.parts += [
                flow(split, first, "c" if block.kind == "xor" else "", key=f"{split}_{n}"),
                flow(last, join),
            ]
        return split, join, (block.kind, split, [w[2] for w in written])


class Choices:
    """The same drawn numbers for the engine and for the reference, gateway by gateway, visit by visit."""

    def __init__(self, numbers: list[int]) -> None:
        self.numbers = numbers
        self.visits: dict[str, int] = {}

    def number(self, gateway: str, ways: int, is_loop: bool) -> int:
        visit = self.visits[gateway] = self.visits.get(gateway, 0) + 1
        if is_loop and visit > 4:
            return 1
        return self.numbers[(visit * 7 + sum(map(ord, gateway))) % len(self.numbers)] % ways

    def one(self, node: Node, within: Within) -> Flow:
        if len(node.outgoing) == 1:
            return node.outgoing[0]
        is_loop = any(f.id.startswith("again") for f in node.outgoing)
        return node.outgoing[self.number(node.id, len(node.outgoing), is_loop)]


def enter(tree: tuple, choices: Choices) -> tuple | None:
    """Return what is left to do after entering a block; None when nothing is."""
    match tree:
        case ("task", key):
            return ("task", key)
        case ("seq", parts):
            return ("seq", enter(parts[0], choices), parts[1:])
        case ("xor", gateway, parts):
            return enter(parts[choices.number(gateway, len(parts), False)], choices)
        case ("par", _, parts):
            return ("par", [enter(part, choices) for part in parts])
        case ("loop", gateway, body):
            return ("loop", gateway, body, enter(body, choices))
    raise AssertionError(tree)


def allowed(rest: tuple | None) -> list[str]:
    match rest:
        case None:
            return []
        case ("task", key):
            return [key]
        case ("seq", current, _):
            return allowed(current)
        case ("par", parts):
            return sorted(key for part in parts for key in allowed(part))
        case ("loop", _, _, current):
            return allowed(current)
    raise AssertionError(rest)


def after(rest: tuple | None, done: str, choices: Choices) -> tuple | None:
    """Return what is left after a task is done."""
    match rest:
        case None:
            return None
        case ("task", key):
            return None if key == done else rest
        case ("seq", current, later):
            left = after(current, done, choices)
            if left is None and later:
                return ("seq", enter(later[0], choices), later[1:])
            return None if left is None else ("seq", left, later)
        case ("par", parts):
            left = [after(part, done, choices) if done in allowed(part) else part for part in parts]
            return ("par", left) if any(part is not None for part in left) else None
        case ("loop", gateway, body, current):
            left = after(current, done, choices)
            if left is not None:
                return ("loop", gateway, body, left)
            if choices.number(gateway, 2, True) == 0:
                return ("loop", gateway, body, enter(body, choices))
            return None
    raise AssertionError(rest)


def tasks_at_rest(graph: Graph, state: State) -> list[str]:
    return sorted(token.node for token in state.tokens.values() if graph.nodes[token.node].kind.waits)


@settings(max_examples=300, deadline=None)
@given(
    block=blocks(),
    numbers=st.lists(st.integers(0, 11), min_size=1, max_size=9),
    order=st.randoms(use_true_random=False),
)
def test_the_engine_waits_for_exactly_what_the_blocks_allow_and_every_run_ends(block, numbers, order) -> None:
    written = Written(block)
    graph = written.graph
    assert check(graph) == []
    mine, reference = Choices(numbers), Choices(numbers)
    state, effects = engine.start(graph, mine)
    rest = enter(written.tree, reference)
    used: set[int] = set()
    for _ in range(5000):
        assert tasks_at_rest(graph, state) == allowed(rest)
        assert state.is_ended == (rest is None)
        assert State.of(state.as_json()) == state
        if state.is_ended:
            break
        waiting = [n for n, token in state.tokens.items() if graph.nodes[token.node].kind.waits]
        number = order.choice(waiting)
        assert number not in used
        used.add(number)
        done = state.tokens[number].node
        repeated = engine.complete(graph, state, number, Choices(numbers))
        assert repeated == engine.complete(graph, state, number, Choices(numbers))
        state, effects = engine.complete(graph, state, number, mine)
        rest = after(rest, done, reference)
    assert state.is_ended
    assert [type(effect) for effect in effects] == [Ended]


@settings(max_examples=100, deadline=None)
@given(
    block=blocks(),
    numbers=st.lists(st.integers(0, 11), min_size=1, max_size=9),
    order=st.randoms(use_true_random=False),
)
def test_flows_taken_balance_at_every_node(block, numbers, order) -> None:
    """What came into a node has gone out of it or rests in it: the conservation of tokens."""
    graph = Written(block).graph
    choices = Choices(numbers)
    state, _ = engine.start(graph, choices)
    for _ in range(order.randint(0, 40)):
        for node in graph.nodes.values():
            came = [state.taken.get(f.id, 0) for f in node.incoming] or [1]
            went = [state.taken.get(f.id, 0) for f in node.outgoing]
            resting = sum(token.node == node.id for token in state.tokens.values())
            if node.kind.value == "parallelGateway":
                assert sum(came) == resting + (went[0] if went else 0) * len(came)
            elif went:
                assert sum(came) == sum(went) + resting
        waiting = [n for n, token in state.tokens.items() if graph.nodes[token.node].kind.waits]
        if not waiting:
            break
        state, _ = engine.complete(graph, state, order.choice(waiting), choices)
