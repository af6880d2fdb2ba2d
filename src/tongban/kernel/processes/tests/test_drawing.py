"""The drawing shows this very instance: where it has been, where it is, in both languages, in pictures and in words."""

import re
from dataclasses import replace

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation

from tongban.kernel.processes import engine
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.drawing import Drawing, draw
from tongban.kernel.processes.engine import State
from tongban.kernel.processes.errors import InstanceNotFound
from tongban.kernel.processes.graph import Flow, Graph, Node
from tongban.kernel.processes.layout import lay_out
from tongban.kernel.processes.lettering import break_lines
from tongban.kernel.processes.tests import drawn
from tongban.kernel.processes.tests.choosing import Choosing
from tongban.kernel.processes.tests.world import AT, World, publish, start

PACK = settings.BASE_DIR / "packs" / "chengxi" / "items" / "food-licence" / "process.bpmn"


@pytest.fixture(scope="module")
def graph() -> Graph:
    return parse(PACK.read_bytes())


def run(graph: Graph, *steps: str) -> State:
    """Do steps ("receive accept" = complete receive and take the way to accept); services run by themselves."""
    wanted = ""

    def way(node: Node) -> Flow:
        found = [f for f in node.outgoing if f.target == wanted] + [
            f for f in node.outgoing if f.id == node.default
        ]
        return (found or list(node.outgoing))[0]

    choose = Choosing(way)

    def settle(state: State) -> State:
        while True:
            served = [n for n, t in state.tokens.items() if graph.nodes[t.node].kind.value == "serviceTask"]
            if not served:
                return state
            state, _ = engine.service_done(graph, state, served[0], choose)

    state = settle(engine.start(graph, choose)[0])
    for step in steps:
        node, _, wanted = step.partition(" ")
        at = graph.nodes[node].attached_to or node
        token = next(n for n, t in state.tokens.items() if t.node == at)
        if at == node:
            state, _ = engine.complete(graph, state, token, choose)
        else:
            state, _ = engine.fire_timer(graph, state, token, node, choose)
        state = settle(state)
    return state


def states(drawing: Drawing) -> dict[str, str]:
    return {shape.id: shape.state for shape in drawing.shapes}


def test_a_new_instance_stands_at_its_first_step(graph: Graph) -> None:
    found = states(draw(graph, run(graph)))
    assert (found["start"], found["receive"], found["accept"]) == ("done", "current", "pending")
    assert list(found.values()).count("current") == 1


def test_parallel_steps_are_current_together(graph: Graph) -> None:
    drawing = draw(graph, run(graph, "receive accept", "document_review"))
    found = states(drawing)
    assert (found["document_review"], found["inspect"], found["review_join"]) == (
        "done",
        "current",
        "pending",
    )
    taken = {edge.id for edge in drawing.edges if edge.taken}
    assert {"to_accept", "review_split_inspect", "document_review_review_join"} <= taken
    assert not taken & {"to_correction", "review_join_decide", "to_grant"}


def test_a_step_done_twice_says_so(graph: Graph) -> None:
    drawing = draw(graph, run(graph, "receive request_correction", "correct", "receive accept"))
    assert {shape.id: shape.times for shape in drawing.shapes}["receive"] == 2
    laid = lay_out(drawing, "zh-hans")
    assert [shape.times.lines[0].text for shape in laid.shapes if shape.times.lines] == ["2"]


def test_a_step_that_a_timer_cut_off_is_neither_done_nor_current(graph: Graph) -> None:
    found = states(draw(graph, run(graph, "receive_timer")))
    assert (found["receive"], found["receive_timer"], found["accept_automatically"]) == (
        "cut",
        "done",
        "done",
    )


def test_a_finished_instance_has_no_current_step(graph: Graph) -> None:
    state = run(graph, "receive accept", "document_review", "inspect", "inspect_sign", "decide grant")
    drawing = draw(graph, state)
    assert drawing.is_ended
    assert "current" not in states(drawing).values()
    assert states(drawing)["end_delivered"] == "done"


def test_everything_of_the_licence_is_drawn(graph: Graph) -> None:
    drawing = draw(graph, run(graph))
    assert {shape.id for shape in drawing.shapes} == set(graph.nodes)
    assert {edge.id for edge in drawing.edges} == set(graph.flows)
    assert [band.label.zh for band in drawing.lanes] == ["申请人", "窗口", "监管科", "局领导"]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_text_fits_into_its_box(language: str, graph: Graph) -> None:
    laid = lay_out(draw(graph, run(graph)), language)
    for shape in laid.shapes:
        if shape.kind in ("task", "machine"):
            top, bottom = float(shape.y), float(shape.y) + float(shape.height)
            assert shape.text.lines
            assert all(top < float(line.y) - shape.text.size * 0.7 for line in shape.text.lines)
            assert all(float(line.y) < bottom for line in shape.text.lines)
            assert shape.text.size >= (20 if language == "zh-hans" else 14)


def render(drawing: Drawing, language: str) -> str:
    with translation.override(language):
        return Template("{% load processes %}{% process_drawing drawing %}").render(
            Context({"drawing": drawing})
        )


def test_the_tag_renders_picture_and_words_in_chinese(graph: Graph) -> None:
    html = render(draw(graph, run(graph, "receive accept"), key="ab"), "zh-hans")
    assert 'role="img" aria-labelledby="pd-ab-t pd-ab-d"' in html
    assert '<title id="pd-ab-t">流程图：食品经营许可（新办）</title>' in html
    assert "正在办：材料审查, 现场核查" in html
    assert re.search(r"监管科</span> <span>现场核查</span> <b class=\"is-current\">正在办</b>", html)


def test_the_tag_renders_english_without_a_chinese_character(graph: Graph) -> None:
    html = render(draw(graph, run(graph, "receive accept")), "en")
    names = re.sub(r"流程图|流程已经\w+|正在办|已办|办完|还没到|没有办完就停了|用文字看流程", "", html)
    assert "Site" in html and "inspection" in html
    assert not re.search(r"[\u4e00-\u9fff]", names)


def test_the_picture_needs_no_style_attribute_and_escapes_names(graph: Graph) -> None:
    html = render(draw(graph, run(graph)), "zh-hans")
    assert "style=" not in html and "<style" not in html and "<script" not in html
    hostile = PACK.read_text().replace('name="现场核查"', 'name="&lt;script&gt;alert(1)&lt;/script&gt;"')
    assert "<script" not in render(draw(parse(hostile.encode()), State()), "zh-hans")


def test_a_file_without_a_diagram_still_gives_words() -> None:
    from tongban.kernel.processes.tests import drawn

    graph = parse(
        drawn.process(drawn.start(), drawn.user("a"), drawn.end(), drawn.chain("start", "a", "end"))
    )
    html = render(draw(graph, State()), "zh-hans")
    assert "<span>a</span>" in html


def test_the_door_draws_the_version_that_the_instance_runs(world: World) -> None:
    from tongban.kernel.processes.tests import drawn

    publish(drawn.process(drawn.start(), drawn.user("a"), drawn.end(), drawn.chain("start", "a", "end")))
    advance = start(world)
    publish(drawn.process(drawn.start(), drawn.user("b"), drawn.end(), drawn.chain("start", "b", "end")))
    drawing = processes.drawing(advance.instance_id)
    assert [(step.label.zh, step.state) for step in drawing.steps] == [("a", "current")]
    processes.terminate(instance_id=advance.instance_id, actor=world.clerk, reason="x", at=AT)
    drawing = processes.drawing(advance.instance_id)
    assert [(step.state, drawing.is_terminated) for step in drawing.steps] == [("cut", True)]
    with pytest.raises(InstanceNotFound):
        processes.drawing("00000000-0000-0000-0000-000000000000")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text, ems, expected",
    [
        ("材料审查", 5, ["材料审查"]),
        ("第二人签字意见", 4, ["第二人签", "字意见"]),
        ("15 天没有意见", 5, ["15 天没", "有意见"]),
        ("Correction received", 7, ["Correction", "received"]),
        ("逾期", 0.2, ["逾", "期"]),
    ],
)
def test_words_break_where_they_may(text: str, ems: float, expected: list[str]) -> None:
    assert break_lines(text, ems) == expected


def test_a_wide_drawing_is_shown_larger(graph: Graph) -> None:
    drawing = draw(graph, run(graph))
    assert not lay_out(drawing, "zh").is_wide
    assert lay_out(replace(drawing, box=drawing.box._replace(width=1400)), "zh").is_wide


def drawn_inside() -> Graph:
    shapes = "".join(
        f'<d:BPMNShape bpmnElement="{key}"><dc:Bounds x="{x}" y="{y}" width="{w}" height="{h}"/></d:BPMNShape>'
        for key, x, y, w, h in [
            ("start", 0, 100, 36, 36), ("s", 60, 40, 300, 160), ("in", 80, 100, 36, 36), ("a", 140, 80, 100, 80),
            ("out", 300, 100, 36, 36), ("warn", 200, 182, 36, 36), ("each", 400, 80, 100, 80), ("end", 540, 100, 36, 36),
        ]
    )  # fmt: skip
    xml = drawn.process(
        drawn.start(),
        drawn.sub(
            "s",
            drawn.start("in"),
            drawn.user("a"),
            drawn.end("out"),
            drawn.chain("in", "a", "out"),
            name="核查",
        ),
        drawn.boundary("warn", "s", cancelActivity="false"),
        drawn.user("each", repeat=drawn.each("list")),
        drawn.end(),
        drawn.end("e2"),
        drawn.chain("start", "s", "each", "end"),
        drawn.flow("warn", "e2"),
    ).decode()
    diagram = (
        '<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI" '
        f'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"><d:BPMNPlane bpmnElement="p">{shapes}</d:BPMNPlane></d:BPMNDiagram>'
    )
    return parse(xml.replace("</definitions>", diagram + "</definitions>").encode())


def test_a_subprocess_is_a_frame_around_its_steps_and_both_are_current() -> None:
    graph = drawn_inside()
    state, _ = engine.start(graph, Choosing())
    found = states(draw(graph, state))
    assert (found["s"], found["a"], found["each"]) == ("current", "current", "pending")
    state, _ = engine.complete(graph, state, 2, Choosing())
    drawing = draw(graph, state)
    assert (states(drawing)["s"], states(drawing)["a"], states(drawing)["each"]) == (
        "done",
        "done",
        "current",
    )
    layout = lay_out(drawing, "zh")
    assert [frame.text.lines[0].text for frame in layout.frames] == ["核查"]
    kinds = [shape.kind for shape in layout.shapes]
    assert "event quiet" in kinds
    assert "frame" not in kinds
    assert (
        next(shape for shape in layout.shapes if shape.kind == "task" and shape.state == "current").d.count(
            "v12"
        )
        == 3
    )
    assert [(step.label.zh, step.state) for step in drawing.steps] == [("a", "done"), ("each", "current")]


def test_what_is_cut_off_inside_is_shown_as_cut() -> None:
    graph = drawn_inside()
    state, _ = engine.start(graph, Choosing())
    state, _ = engine.cancel(graph, state)
    found = states(draw(graph, state))
    assert (found["s"], found["a"]) == ("cut", "cut")
