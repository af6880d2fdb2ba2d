"""The diagram for the viewer: the file in the reader's language without what is not theirs, and the marks."""

from __future__ import annotations

import pytest
from django.conf import settings

from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.diagram import localised, marks_of
from tongban.kernel.processes.drawing import draw
from tongban.kernel.processes.tests.test_drawing import run
from tongban.kernel.processes.vocabulary import TONGBAN

FILES = sorted((settings.BASE_DIR / "packs").rglob("*.bpmn"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_names_are_in_the_reader_s_language_and_extensions_are_left_out(file, language) -> None:
    xml = file.read_text("utf-8")
    graph = parse(xml.encode())
    shown = localised(xml, language)
    assert TONGBAN not in shown and "conditionExpression" not in shown
    node = next(node for node in graph.nodes.values() if node.holder and node.label.en)
    assert (f'name="{node.label.en}"' in shown) == (language == "en")
    assert node.holder not in shown
    for drawn in (*graph.diagram.shapes, *graph.diagram.edges):
        assert f'bpmnElement="{drawn}"' in shown


def test_marks_say_where_it_has_been_and_where_it_is() -> None:
    graph = parse((settings.BASE_DIR / "packs/chengxi/items/food-licence/process.bpmn").read_bytes())
    marks = marks_of(draw(graph, run(graph)))
    assert marks.nodes["receive"] == "current"
    assert set(marks.nodes.values()) == {"done", "current"}
    assert marks.taken and all(flow in graph.flows for flow in marks.taken)
