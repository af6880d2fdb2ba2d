"""BPMN 2.0: a file becomes a Document (everything that it says), a Document becomes a Graph (what is run and drawn).

Every element is either known, known to be harmless for a run, or refused *by name* with its id. Nothing that
changes behaviour is skipped in silence; nothing that is harmless is lost: ``export`` writes all of it again.
"""

from __future__ import annotations

from tongban.kernel.processes import document
from tongban.kernel.processes.bpmn_reader import Reader
from tongban.kernel.processes.document import Element
from tongban.kernel.processes.graph import Graph, Problem
from tongban.kernel.processes.vocabulary import BPMN, MAX_BYTES

__all__ = ["Refused", "export", "graph_from", "load", "parse"]


class Refused(Exception):
    """The file cannot be imported; ``problems`` says every reason that was found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.element} {p.id}: {p.en}".strip() for p in problems))


def parse(xml: bytes) -> Graph:
    """Compile a BPMN file to a Graph. Raises Refused with all problems.

    This judges the *words* of the file only; whether the drawing makes sense is for ``structure.check``.
    """
    return graph_from(load(xml))


def load(xml: bytes) -> Element:
    """Read a BPMN file with everything in it. Raises Refused."""
    try:
        root = document.read(xml, MAX_BYTES)
    except document.Unreadable as error:
        raise Refused([Problem(error.where or "definitions", "", error.zh, error.en)]) from None
    if root.tag != f"{{{BPMN}}}definitions":
        raise Refused([Problem(root.name, "", "不是 BPMN 2.0 文件", "not a BPMN 2.0 file")])
    return root


def export(definitions: Element) -> bytes:
    """Write a BPMN file in the canonical form. Reading it again gives the very same ``Element``."""
    return document.write(definitions)


def graph_from(definitions: Element) -> Graph:
    """Compile what was loaded. Raises Refused with all problems."""
    reader = Reader(definitions)
    graph = reader.graph()
    if reader.problems:
        raise Refused(reader.problems)
    return graph
