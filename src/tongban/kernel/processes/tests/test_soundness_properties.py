"""The verdict against a witness that knows nothing of it: a blind walk of the engine through thousands of random runs.

What is block-structured is sound. What has been spoilt may be sound or not; then the two must agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest

from tests.support.campaign import figure, size
from tongban.kernel.processes import engine, structure
from tongban.kernel.processes.bpmn import Refused, parse
from tongban.kernel.processes.engine import Within
from tongban.kernel.processes.graph import Flow, Graph, Kind, Node
from tongban.kernel.processes.soundness import Fault, FaultKind, Sound, Undecided, judge
from tongban.kernel.processes.tests.generated import WIDE, Drawing, draw, grow

PROCESSES = size(100, 3_000)
SPOILT = size(400, 8_000)
RUNS = size(40, 150)
LENGTH = 60
NEVER = 400
"""Steps after which a walk that has not ended is taken not to end. In what is generated the way out is a few choices away."""


class Walk:
    """One random run, and what went wrong in it."""

    def __init__(self, graph: Graph, random: Random) -> None:
        self.graph = graph
        self.random = random
        self.state, _ = engine.start(graph, self)
        self.taken = set(self.state.taken)
        self.fault = ""

    def one(self, node: Node, within: Within) -> Flow:
        return self.random.choice(node.outgoing)

    def some(self, node: Node, within: Within) -> Sequence[Flow]:
        conditional = [flow for flow in node.outgoing if flow.id != node.default]
        number = self.random.randint(0 if node.default else 1, len(conditional))
        return self.random.sample(conditional, number) or [f for f in node.outgoing if f.id == node.default]

    def go(self, steps: int) -> None:
        for _ in range(steps):
            self._look()
            if self.fault or self.state.is_ended:
                return
            self._step()

    def _look(self) -> None:
        at = Counter(
            (token.node, token.via if self.graph.nodes[token.node].is_join else "", token.scope)
            for token in self.state.tokens.values()
        )
        if any(number > 1 for number in at.values()):
            self.fault = "doubled"
        elif self.state.tokens and not self._movable():
            self.fault = "stuck"

    def _movable(self) -> list[tuple[int, str]]:
        """What rests at a task, or under a timer that has not fired: (token, timer or nothing)."""
        found = []
        for number, token in self.state.tokens.items():
            node = self.graph.nodes[token.node]
            if node.kind is Kind.USER:
                found.append((number, ""))
            found += [(number, timer) for timer in node.timers if timer not in token.fired]
        return found

    def _step(self) -> None:
        number, timer = self.random.choice(self._movable())
        if timer:
            self.state, _ = engine.fire_timer(self.graph, self.state, number, timer, self)
        else:
            self.state, _ = engine.complete(self.graph, self.state, number, self)
        self.taken |= set(self.state.taken)


def spoilt(drawing: Drawing, random: Random) -> None:
    """Change a drawing as somebody may who draws in haste."""
    gateways = [key for key, kind in drawing.nodes.items() if kind in "xpi"]
    tasks = [key for key, kind in drawing.nodes.items() if kind == "t"]
    anywhere = [key for key, kind in drawing.nodes.items() if kind not in ("start", "b", "n")]
    at = random.randrange(len(drawing.flows))
    key, source, _, is_choice = drawing.flows[at]
    match random.choice(["kind", "redirect", "remove", "timer", "notice", "cut", "shortcut", "end"]):
        case "kind" if gateways:
            gateway = random.choice(gateways)
            drawing.nodes[gateway] = random.choice("xpi")
            drawing.flows = [
                (k, s, t, drawing.nodes[s] in ("x", "i") and len([1 for f in drawing.flows if f[1] == s]) > 1)
                for k, s, t, _ in drawing.flows
            ]
        case "redirect":
            drawing.flows[at] = (key, source, random.choice(anywhere), is_choice)
        case "end":
            drawing.flows[at] = (key, source, "end", is_choice)
        case "remove":
            del drawing.flows[at]
        case "timer" | "notice" as what if tasks:
            timer = f"b{len(drawing.hosts)}"
            drawing.nodes[timer] = "b" if what == "timer" else "n"
            drawing.hosts[timer] = random.choice(tasks)
            drawing.flows.append((f"{timer}_out", timer, random.choice(anywhere), False))
        case "cut":
            drawing.nodes["cut"] = "cut"
            drawing.flows[at] = (key, source, "cut", is_choice)
        case _ if gateways:
            gateway = random.choice(gateways)
            drawing.flows.append(
                (f"s{len(drawing.flows)}", gateway, random.choice(anywhere), drawing.nodes[gateway] != "p")
            )


@pytest.mark.campaign
def test_what_is_block_structured_is_sound() -> None:
    random = Random(20260602)
    for _ in range(PROCESSES):
        block = grow(random, depth=random.choice([1, 2, 3, 4]), kinds=WIDE)
        graph = parse(draw(block, wrap_rounds=random.random() < 0.5).xml())
        assert structure.check(graph) == []
        verdict = judge(graph, max_states=2_000, seconds=1e9)
        assert not isinstance(verdict, Fault), block
        if isinstance(verdict, Sound):
            walk = Walk(graph, random)
            walk.go(NEVER)
            assert not walk.fault
    figure("block-structured processes judged sound", PROCESSES, "processes")


@pytest.mark.campaign
def test_the_verdict_on_a_spoilt_process_agrees_with_thousands_of_random_runs() -> None:
    random = Random(20260603)
    counted: Counter[str] = Counter()
    while counted.total() < SPOILT:
        drawing = draw(grow(random, depth=random.choice([1, 2, 3]), kinds=WIDE))
        for _ in range(random.choice([1, 1, 2])):
            spoilt(drawing, random)
        try:
            graph = parse(drawing.xml())
        except Refused:
            continue
        if not structure.can_be_explored(graph):
            continue
        verdict = judge(graph, max_states=3_000, seconds=1e9)
        counted[verdict.kind if isinstance(verdict, Fault) else type(verdict).__name__] += 1
        agree(graph, verdict, random, drawing)
    assert all(counted[kind] for kind in (*FaultKind, "Sound")), counted
    figure("spoilt processes on which verdict and random runs agree", SPOILT, "processes")
    figure("random runs through spoilt processes", SPOILT * RUNS, "runs")


def agree(graph: Graph, verdict: Sound | Fault | Undecided, random: Random, drawing: Drawing) -> None:
    walks = [Walk(graph, random) for _ in range(RUNS)]
    for walk in walks:
        walk.go(LENGTH)
    faults = {walk.fault for walk in walks if walk.fault}
    if isinstance(verdict, Sound):
        assert not faults, drawing
        walks[0].go(NEVER)
        assert walks[0].state.is_ended, drawing
    elif isinstance(verdict, Fault) and verdict.kind in (FaultKind.DEAD, FaultKind.LIVELOCK):
        assert not faults, drawing
        taken = set().union(*(walk.taken for walk in walks))
        if verdict.kind is FaultKind.DEAD:
            assert verdict.element not in taken | {graph.flows[flow].target for flow in taken}, drawing
