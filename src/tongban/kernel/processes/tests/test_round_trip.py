"""Import, export, import: nothing is lost, whoever wrote the file, and the second export is the same to the byte."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import etree

from tests.support.campaign import figure, size
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.bpmn import export, graph_from, load, parse
from tongban.kernel.processes.document import Element
from tongban.kernel.processes.graph import Bounds, Graph, Label, Point
from tongban.kernel.processes.tests.drawn import (
    boundary,
    chain,
    each,
    end,
    flow,
    inc,
    process,
    start,
    sub,
    user,
)
from tongban.kernel.processes.tests.test_engine_invariants import Block, Written, blocks
from tongban.kernel.processes.tests.test_inclusive import graphs_in_xml
from tongban.kernel.processes.tests.world import World, publish

FILES = sorted((Path(__file__).parent / "files").glob("*.bpmn"))
PACKS = sorted((settings.BASE_DIR / "packs").rglob("*.bpmn"))


def said(xml: bytes) -> str:
    """Return everything that a file says in the canonical form of another tool (C14N 2.0), without layout."""
    root = etree.fromstring(xml, etree.XMLParser(remove_comments=True))
    for element in root.iter(etree.Element):
        mixed = [element.text, *(child.tail for child in element)]
        if len(element) and not any(text and text.strip() for text in mixed):
            element.text = None
            for child in element:
                child.tail = None
    return etree.tostring(root, method="c14n2").decode()


def assert_lossless(xml: bytes) -> Graph:
    first = load(xml)
    written = export(first)
    again = load(written)
    assert again == first
    assert said(written) == said(xml)
    assert export(again) == written
    graph = graph_from(first)
    assert graph_from(again) == graph
    return graph


@pytest.mark.parametrize("path", [*FILES, *PACKS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_survives_import_and_export(path: Path) -> None:
    assert_lossless(path.read_bytes())


def test_what_bpmn_io_writes_is_read_and_kept() -> None:
    xml = FILES[0].read_bytes()
    graph = assert_lossless(xml)
    assert [(lane.id, lane.nodes) for lane in graph.lanes] == [
        ("Lane_1", ("Start", "look")),
        ("Lane_2", ("end",)),
    ]
    assert graph.pool == Label("县卫生健康局", "Health Bureau")
    assert graph.flows["f3"].condition == "look.met and look.of > 0"
    assert graph.diagram.shapes["Start"] == Bounds(182.5, 182, 36, 36)
    assert graph.diagram.labels["f3"] == Bounds(715, 182, 22, 14)
    assert graph.diagram.edges["f3"] == (Point(700, 200), Point(760.25, 200))
    written = export(load(xml)).decode()
    for kept in (
        "inside &amp; out &lt;b&gt;",
        "第一行\n  second line, indented\n",
        'bioc:stroke="#0d4372"',
        'xsi:type="bpmn:tFormalExpression"',
        "<bpmn:association",
        "<bpmn:dataObjectReference",
        "<bpmn:group",
        'value="核查阶段"',
        'modeler:executionPlatform="None"',
    ):
        assert kept in written
    assert "as the modeler" not in written, "a comment is no part of the model"


def test_what_other_tools_add_is_kept_although_it_is_not_run() -> None:
    written = export(load(FILES[1].read_bytes())).decode()
    for kept in (
        'camunda:assignee="${starter}"',
        '<other:hint xmlns:other="urn:other:tool" other:level="3">  keep  me  </other:hint>',
        'Pay <b xmlns="http://www.w3.org/1999/xhtml">at  the <i>window</i></b> or online.',
        'if (a &lt; b &amp;&amp; c) { return "x" }',
    ):
        assert kept in written


def test_a_published_process_is_exported_with_everything_in_it(world: World) -> None:
    xml = process(
        start(),
        user("a"),
        end(),
        chain("start", "a", "end"),
        '<textAnnotation id="n"><text>note</text></textAnnotation><x:y xmlns:x="urn:x" z="1"/>',
    )
    publish(xml)
    written = processes.export_definition("p")
    assert load(written) == load(xml)
    publish(written)
    assert processes.export_definition("p", 2) == written


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)


@st.composite
def decorated(draw: st.DrawFn, xml: bytes) -> bytes:
    """Put into a file what modelers put there: notes, documentation, data, diagrams, words of other tools."""
    text = xml.decode()
    graph = parse(xml)
    extras = []
    for number, key in enumerate(draw(st.lists(st.sampled_from(list(graph.nodes)), max_size=4))):
        note = escape(draw(TEXTS))
        extras.append(f'<textAnnotation id="note{number}"><text>{note}</text></textAnnotation>')
        extras.append(f'<association id="as{number}" sourceRef="{key}" targetRef="note{number}"/>')
        extras.append(
            f'<dataObject id="data{number}"/><x:other xmlns:x="urn:x{number}" x:a="{number}">{note}<x:b/></x:other>'
        )
    shapes = "".join(
        f'<d:BPMNShape bpmnElement="{key}"><dc:Bounds x="{draw(st.integers(-99, 9999))}" y="{draw(st.floats(0, 9, width=16))}" '
        f'width="36" height="36"/><d:BPMNLabel><dc:Bounds x="1" y="2" width="3" height="4"/></d:BPMNLabel></d:BPMNShape>'
        for key in draw(st.lists(st.sampled_from(list(graph.nodes)), max_size=4, unique=True))
    )
    documentation = f"<documentation>{escape(draw(TEXTS))}</documentation>"
    lanes = f'<laneSet><lane id="lane" name="L"><flowNodeRef>{next(iter(graph.nodes))}</flowNodeRef></lane></laneSet>'
    diagram = (
        '<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC">'
        f'<d:BPMNPlane bpmnElement="{graph.key}">{shapes}</d:BPMNPlane></d:BPMNDiagram>'
    )
    inside, _, rest = text.partition("</process>")
    head, _, body = inside.partition(">")
    head2, _, body = body.partition(">")
    return f"{head}>{head2}>{documentation}{lanes}{body}{''.join(extras)}</process>{diagram}{rest}".encode()


def block_xml(block: Block) -> bytes:
    return process(*Written(block).parts)


SCOPED = process(
    start(),
    sub(
        "s",
        each("list", "one", "ratio:1/2", "", True),
        start("in"),
        user("a"),
        end("out"),
        chain("in", "a", "out"),
    ),
    boundary("t", "s", cancelActivity="false"),
    inc("i", default="i_end"),
    end(),
    end("e2"),
    chain("start", "s", "i"),
    flow("i", "end"),
    flow("i", "e2", "x > 1"),
    flow("t", "e2"),
)


TRIPS = size(120, 3_000)


@pytest.mark.campaign
@hypothesis_settings(max_examples=TRIPS, deadline=None)
@given(data=st.data())
def test_generated_processes_with_all_that_modelers_add_survive(data: st.DataObject) -> None:
    plain = data.draw(st.one_of(blocks().map(block_xml), graphs_in_xml(), st.just(SCOPED)))
    xml = data.draw(decorated(plain))
    graph = assert_lossless(xml)
    assert graph.nodes == parse(plain).nodes
    assert graph.flows == parse(plain).flows


@pytest.mark.campaign
def test_say_how_many_files_were_taken_in_and_out() -> None:
    figure("files imported, exported and imported again", TRIPS, "files")


def test_white_space_is_kept_where_it_is_all_that_an_element_says() -> None:
    xml = process("<documentation> </documentation>", start(), end(), chain("start", "end"))
    assert_lossless(xml)
    assert b"<documentation> </documentation>" in export(load(xml))


def test_a_document_says_what_its_xml_says() -> None:
    root = load(process(start("first"), end()))
    assert isinstance(root, Element)
    assert [child.name for child in root] == ["process"]
    assert (
        next(iter(root.walk("{http://www.omg.org/spec/BPMN/20100524/MODEL}startEvent"))).get("id") == "first"
    )
