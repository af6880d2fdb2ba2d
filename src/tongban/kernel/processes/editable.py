"""Processes as content that an office edits itself: ``{"key", "xml"}``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from tongban.base.actor import Actor
from tongban.base.editables import Fault, Link, Row, Version
from tongban.base.text import LocalizedText
from tongban.kernel.processes.document import Element, Unreadable, read, write
from tongban.kernel.processes.errors import DefinitionNotFound
from tongban.kernel.processes.examination import examine
from tongban.kernel.processes.graph import Graph
from tongban.kernel.processes.models import Definition
from tongban.kernel.processes.operations.publish import publish
from tongban.kernel.processes.vocabulary import BPMN, MAX_BYTES, TONGBAN

__all__ = ["ProcessEditable"]

OTHER_KEY = LocalizedText(
    zh="流程图里的流程编号是“{there}”，应当是“{here}”",
    en="the process in the drawing is called “{there}”, not “{here}”",
)


class ProcessEditable:
    """Process definitions. The key of a process is the id of its process element."""

    kind = "process"
    label = LocalizedText("流程", "Process")

    def rows(self) -> list[Row]:
        """Return the newest version of every process."""
        rows = Definition.objects.order_by("key", "-version").distinct("key")
        return [
            Row(key, name, version, at)
            for key, name, version, at in rows.values_list("key", "name", "version", "published_at")
        ]

    def load(self, key: str) -> dict[str, Any]:
        """Return the newest version. Raises DefinitionNotFound."""
        return self._content(key)

    def blank(self) -> dict[str, Any]:
        """Return a process of one step, drawn."""
        return {"key": "", "xml": BLANK}

    def check(self, content: Mapping[str, Any]) -> list[Fault]:
        """Return what the examination finds; ``path`` is the id of the element."""
        xml = content.get("xml")
        if not isinstance(xml, str):
            return [Fault("xml", LocalizedText("没有流程图", "there is no drawing"))]
        examined = examine(xml.encode())
        faults = [Fault(p.id, LocalizedText(p.zh, p.en)) for p in examined.refusals]
        if examined.fault is not None:
            faults.append(Fault(examined.fault.element, LocalizedText(*examined.fault.reason)))
        if examined.graph is not None and examined.graph.key != content.get("key"):
            words = OTHER_KEY.format(there=examined.graph.key, here=content.get("key"))
            faults.append(Fault("key", words))
        return faults

    def publish(
        self, *, content: Mapping[str, Any], actor: Actor, at: datetime, valid_from: date | None = None
    ) -> int:
        """Publish through the door; a new version is in force at once. Raises DefinitionRefused."""
        return publish(actor=actor, key=str(content["key"]), xml=str(content["xml"]), at=at).version

    def versions(self, key: str) -> list[Version]:
        """Return all versions of a process."""
        rows = Definition.objects.filter(key=key).order_by("-version")
        return [Version(*row) for row in rows.values_list("version", "published_at")]

    def load_version(self, key: str, version: int) -> dict[str, Any]:
        """Return one version. Raises DefinitionNotFound."""
        return self._content(key, version=version)

    def links(self, content: Mapping[str, Any]) -> list[Link]:
        """Return the forms of its steps, its tables and the processes that it calls."""
        graph = examine(str(content.get("xml", "")).encode(), seconds=0).graph
        return list(dict.fromkeys(_links(graph))) if graph else []

    def renamed(self, content: Mapping[str, Any], keys: Mapping[Link, str]) -> dict[str, Any]:
        """Return the process under other names; what cannot be read stays as it is."""
        own = Link(self.kind, str(content.get("key", "")))
        new = keys.get(own, own.key)
        try:
            root = read(str(content.get("xml", "")).encode(), MAX_BYTES)
        except Unreadable:
            return {**content, "key": new}
        return {**content, "key": new, "xml": write(_renamed(root, keys)).decode()}

    def _content(self, key: str, **which: Any) -> dict[str, Any]:
        found = Definition.objects.filter(key=key, **which).order_by("-version").first()
        if found is None:
            raise DefinitionNotFound(None, key=key, **which)
        return {"key": found.key, "xml": found.xml}


def _links(graph: Graph) -> Iterator[Link]:
    for node in graph.nodes.values():
        for form in (node.form, *(outcome.form for outcome in node.outcomes)):
            if form:
                yield Link("form", form)
        if node.decision:
            yield Link("table", node.decision)
        if node.called:
            yield Link("process", node.called)


def _renamed(element: Element, keys: Mapping[Link, str]) -> Element:
    """Walk the file and put the new keys where the old ones are named."""
    attributes = dict(element.attributes)
    for name, kind in NAMING.get(element.tag, {}).items():
        old = attributes.get(name)
        if old is not None:
            attributes[name] = keys.get(Link(kind, old), old)
    if element.name == "BPMNPlane":
        old = attributes.get("bpmnElement", "")
        attributes["bpmnElement"] = keys.get(Link("process", old), old)
    content = tuple(_renamed(part, keys) if isinstance(part, Element) else part for part in element.content)
    return replace(element, attributes=attributes, content=content)


NAMING: dict[str, dict[str, str]] = {
    f"{{{BPMN}}}process": {"id": "process"},
    f"{{{BPMN}}}participant": {"processRef": "process"},
    f"{{{BPMN}}}callActivity": {"calledElement": "process"},
    f"{{{BPMN}}}userTask": {f"{{{TONGBAN}}}form": "form"},
    f"{{{BPMN}}}businessRuleTask": {f"{{{TONGBAN}}}decision": "table"},
    f"{{{TONGBAN}}}outcome": {"form": "form"},
}
"""Which attribute of which element names what."""

BLANK = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:tongban="https://tongban.example/bpmn"
    id="definitions" targetNamespace="https://tongban.example/bpmn">
  <bpmn:process id="" name="新流程" tongban:label_en="New process" isExecutable="true">
    <bpmn:startEvent id="start" name="开始" tongban:label_en="Start"/>
    <bpmn:userTask id="handle" name="办理" tongban:label_en="Handle" tongban:holder="duty:services.review@unit">
      <bpmn:extensionElements>
        <tongban:outcome key="done" label_zh="办完" label_en="Done" style="primary" opinion="optional"/>
      </bpmn:extensionElements>
    </bpmn:userTask>
    <bpmn:endEvent id="end" name="办结" tongban:label_en="Done"/>
    <bpmn:sequenceFlow id="to_handle" sourceRef="start" targetRef="handle"/>
    <bpmn:sequenceFlow id="to_end" sourceRef="handle" targetRef="end"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram">
    <bpmndi:BPMNPlane id="plane" bpmnElement="">
      <bpmndi:BPMNShape id="shape_start" bpmnElement="start">
        <dc:Bounds x="160" y="142" width="36" height="36"/>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="shape_handle" bpmnElement="handle">
        <dc:Bounds x="260" y="120" width="120" height="80"/>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="shape_end" bpmnElement="end">
        <dc:Bounds x="450" y="142" width="36" height="36"/>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="edge_to_handle" bpmnElement="to_handle">
        <di:waypoint x="196" y="160"/>
        <di:waypoint x="260" y="160"/>
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="edge_to_end" bpmnElement="to_end">
        <di:waypoint x="380" y="160"/>
        <di:waypoint x="450" y="160"/>
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
