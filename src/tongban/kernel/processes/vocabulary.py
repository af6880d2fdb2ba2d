"""The words of a BPMN file: namespaces, our attributes, what is known and what is kept without being run."""

from __future__ import annotations

from tongban.kernel.processes.graph import Kind

__all__ = [
    "ATTRIBUTES",
    "BPMN",
    "BPMNDI",
    "DC",
    "DI",
    "IGNORED",
    "IGNORED_AT_TOP",
    "KINDS",
    "MAX_BYTES",
    "MAX_NODES",
    "OUTCOME_ATTRIBUTES",
    "TONGBAN",
]

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
TONGBAN = "https://tongban.example/bpmn"

MAX_BYTES = 1_000_000
MAX_NODES = 2_000

KINDS = {kind.value: kind for kind in Kind if kind is not Kind.TERMINATE}

ATTRIBUTES: dict[str, frozenset[str]] = {
    "userTask": frozenset({"label_en", "holder", "form", "limit", "state", "separate_from", "moves"}),
    "process": frozenset({"label_en", "moves"}),
    "serviceTask": frozenset({"label_en", "operation", "state"}),
    "businessRuleTask": frozenset({"label_en", "decision", "result", "state"}),
    "subProcess": frozenset({"label_en", "state"}),
    "callActivity": frozenset({"label_en", "state"}),
    "multiInstanceLoopCharacteristics": frozenset({"collection", "element", "complete", "counts"}),
    "boundaryEvent": frozenset({"label_en", "limit", "since"}),
    "intermediateCatchEvent": frozenset({"label_en", "limit", "since", "state"}),
    "endEvent": frozenset({"label_en", "state"}),
    **{
        name: frozenset({"label_en"})
        for name in (
            "participant",
            "lane",
            "startEvent",
            "exclusiveGateway",
            "parallelGateway",
            "inclusiveGateway",
            "sequenceFlow",
        )
    },
}
"""Our attributes in the ``tongban:`` namespace, by the BPMN element on which they may stand."""

OUTCOME_ATTRIBUTES = ("key", "label_zh", "label_en", "style", "opinion", "form", "when")

IGNORED = frozenset(
    {
        "documentation",
        "extensionElements",
        "incoming",
        "outgoing",
        "laneSet",
        "textAnnotation",
        "association",
        "group",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "ioSpecification",
        "property",
        "dataInputAssociation",
        "dataOutputAssociation",
    }
)
"""Kept in the stored file, drawn by other tools, and without any influence on a run."""

IGNORED_AT_TOP = frozenset(
    {"category", "dataStore", "itemDefinition", "extension", "relationship", "documentation"}
)
