"""Every process of the demo county can be published, is drawn completely and speaks both languages."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from django.conf import settings

from tongban.base.packs import Pack, PackError
from tongban.kernel.processes import bpmn, engine
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.engine import State
from tongban.kernel.processes.graph import Graph, Kind
from tongban.kernel.processes.models import Definition
from tongban.kernel.processes.packs import load_processes
from tongban.kernel.processes.tests.choosing import Choosing
from tongban.kernel.processes.tests.world import AT, SYSTEM

PACK = settings.BASE_DIR / "packs" / "chengxi"
FILES = sorted(PACK.glob("**/*.bpmn"))


@pytest.fixture(params=FILES, ids=lambda path: path.parent.name)
def graph(request: pytest.FixtureRequest) -> Graph:
    return processes.check_definition(request.param.read_bytes())


def test_it_can_be_published_and_is_drawn_completely(graph: Graph) -> None:
    assert {*graph.nodes, *(lane.id for lane in graph.lanes)} <= set(graph.diagram.shapes)
    assert set(graph.flows) <= set(graph.diagram.edges)
    assert {node for lane in graph.lanes for node in lane.nodes} == set(graph.nodes)


def test_every_edge_joins_the_shapes_it_should(graph: Graph) -> None:
    for flow in graph.flows.values():
        points = graph.diagram.edges[flow.id]
        for point, node in ((points[0], flow.source), (points[-1], flow.target)):
            x, y, width, height = graph.diagram.shapes[node]
            assert x - 1 <= point.x <= x + width + 1, flow.id
            assert y - 1 <= point.y <= y + height + 1, flow.id


def test_no_two_shapes_lie_on_one_another(graph: Graph) -> None:
    boxes = [(n, graph.diagram.shapes[n]) for n in graph.nodes if not graph.nodes[n].attached_to]
    for i, (a, (ax, ay, aw, ah)) in enumerate(boxes):
        for b, (bx, by, bw, bh) in boxes[i + 1 :]:
            apart = ax + aw <= bx or bx + bw <= ax or ay + ah <= by or by + bh <= ay
            assert apart, (a, b)


def test_every_name_has_its_english(graph: Graph) -> None:
    named = [graph.label, graph.pool, *(lane.label for lane in graph.lanes)]
    named += [each.label for each in (*graph.nodes.values(), *graph.flows.values())]
    named += [outcome.label for node in graph.nodes.values() for outcome in node.outcomes]
    assert [label.zh for label in named if label.zh and not label.en] == []


def test_loading_the_pack_twice_makes_one_version_each(db: None) -> None:
    pack = Pack(PACK)
    assert load_processes(pack, actor=SYSTEM, at=AT) == len(FILES)
    load_processes(pack, actor=SYSTEM, at=AT)
    assert {definition.version for definition in Definition.objects.all()} == {1}
    assert {"food-licence-new", "small-catering-new"} <= set(Definition.objects.values_list("key", flat=True))


def test_a_faulty_file_is_named(db: None, tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("key: x")
    (tmp_path / "process.bpmn").write_text("<svg/>")
    with pytest.raises(PackError, match=r"process\.bpmn"):
        load_processes(Pack(tmp_path), actor=SYSTEM, at=AT)


def test_the_licence_asks_for_two_officers_and_accepts_by_lapse_of_time() -> None:
    """Administrative Licensing Law art. 34 (two officers) and art. 32(4) (five days, from the day of receipt)."""
    graph = processes.check_definition((PACK / "items/food-licence/process.bpmn").read_bytes())
    assert graph.nodes["inspect_sign"].separate_from == "inspect"
    timer = graph.nodes["receive_timer"]
    assert (timer.attached_to, timer.limit, timer.since) == ("receive", "5wd", "received_at")
    again = graph.nodes["receive"].outcome("request_correction")
    assert again is not None
    assert again.when == "corrections == 0"


def walk(graph: Graph, random: Random, steps: int) -> Iterator[State]:
    """Go any way through a process; yield every state."""
    choose = Choosing(lambda node: random.choice(node.outgoing))
    state, _ = engine.start(graph, choose)
    for _ in range(steps):
        yield state
        moves = [(n, graph.nodes[t.node]) for n, t in state.tokens.items() if graph.nodes[t.node].kind.waits]
        if not moves:
            return
        number, node = random.choice(moves)
        if node.timers and random.random() < 0.2:
            state, _ = engine.fire_timer(graph, state, number, node.timers[0], choose)
        elif node.kind is Kind.USER:
            state, _ = engine.complete(graph, state, number, choose)
        elif node.kind is Kind.TIMER:
            state, _ = engine.fire_timer(graph, state, number, node.id, choose)
        else:
            state, _ = engine.service_done(graph, state, number, choose)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_a_state_stays_smaller_than_two_kilobytes(path: Path) -> None:
    """Whatever happens, and however often it comes back to an earlier step."""
    graph = bpmn.parse(path.read_bytes())
    largest = max(
        len(json.dumps(state.as_json())) for seed in range(60) for state in walk(graph, Random(seed), 200)
    )
    assert largest < 2048
