"""The BPMN file of an instance for a viewer, in one language, with marks: where it has been, where it is. No Django."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from tongban.kernel.processes.drawing import Drawing
from tongban.kernel.processes.vocabulary import BPMN, TONGBAN

__all__ = ["Diagram", "Marks", "localised", "marks_of"]


@dataclass(frozen=True, slots=True)
class Marks:
    """The state of every element that has one: ids of nodes by state (done, current, cut), how often a token came to a
    node (more than once), and the flows that were taken.
    """

    nodes: dict[str, str]
    times: dict[str, int]
    taken: list[str]


@dataclass(frozen=True, slots=True)
class Diagram:
    """What a viewer needs: the file in the reader's language, and the marks."""

    xml: str
    marks: Marks


def marks_of(drawing: Drawing) -> Marks:
    """Return the marks of a drawing; a node that no token has come to has none."""
    shapes = [shape for shape in drawing.shapes if shape.state != "pending"]
    return Marks(
        nodes={shape.id: shape.state for shape in shapes},
        times={shape.id: shape.times for shape in shapes if shape.times > 1},
        taken=[edge.id for edge in drawing.edges if edge.taken],
    )


@lru_cache(maxsize=64)
def localised(xml: str, language: str) -> str:
    """Return a published file with the names of its elements in ``language`` and without our extensions.

    A viewer shows ``name``; English names stand in ``tongban:label_en``. Who holds a step, its forms and its operations
    are none of the viewer's business.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    root = etree.fromstring(xml.encode(), parser)
    for element in list(root.iter(f"{{{BPMN}}}extensionElements", f"{{{BPMN}}}conditionExpression")):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    for element in root.iter(etree.Element):
        english = element.get(f"{{{TONGBAN}}}label_en")
        if english and language.startswith("en"):
            element.set("name", english)
        for key in [str(key) for key in element.attrib if str(key).startswith(f"{{{TONGBAN}}}")]:
            del element.attrib[key]
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode")
