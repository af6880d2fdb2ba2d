"""One pass over a BPMN file: its process, lanes, flows, nodes and diagram become a Graph."""

from __future__ import annotations

from collections import defaultdict

from tongban.kernel.processes.bpmn_nodes import NodeReader, children_of
from tongban.kernel.processes.diagram_interchange import read_diagram
from tongban.kernel.processes.document import Element
from tongban.kernel.processes.graph import Diagram, Flow, Graph, Label, Lane, Node, Problem, frozen
from tongban.kernel.processes.vocabulary import IGNORED, IGNORED_AT_TOP, KINDS, MAX_NODES

__all__ = ["Reader"]


class Reader(NodeReader):
    """Reads one file; collects problems instead of stopping at the first."""

    def __init__(self, root: Element) -> None:
        super().__init__()
        self.root = root
        self.elements: dict[str, tuple[Element, str]] = {}
        self.flows: dict[str, Flow] = {}
        self.lanes: list[Lane] = []
        self.pool = Label()
        self.pool_id = ""

    def graph(self) -> Graph:
        processes = []
        for name, element in children_of(self.root):
            if name == "process":
                processes.append(element)
            elif name == "collaboration":
                self._collaboration(element)
            elif name not in IGNORED_AT_TOP:
                self.unsupported(element)
        if len(processes) != 1:
            for extra in processes[1:]:
                self.refuse(extra, "一个文件只能有一个流程", "a file holds exactly one process")
            if not processes:
                self.refuse(self.root, "文件里没有流程", "the file holds no process")
            return Graph(key="", label=Label(), nodes={}, flows={})
        process = processes[0]
        self._check_attributes(process)
        self._collect(process, "")
        nodes = self._nodes(process)
        return Graph(
            key=process.get("id"),
            label=self._label(process),
            nodes=frozen(nodes),
            flows=frozen(self.flows),
            lanes=tuple(self.lanes),
            pool=self.pool,
            pool_id=self.pool_id,
            moves=self._ours(process, "moves"),
            diagram=self._diagram(),
        )

    def _collaboration(self, element: Element) -> None:
        participants = 0
        for name, child in children_of(element):
            if name == "participant":
                participants += 1
                self._check_attributes(child)
                self.pool, self.pool_id = self._label(child), child.get("id")
                if participants > 1:
                    self.refuse(child, "只支持一个泳池", "only one pool is supported")
            elif name not in IGNORED:
                self.unsupported(child)

    def _collect(self, container: Element, scope: str) -> None:
        """Note the nodes and flows of a process or sub-process, and of the sub-processes inside."""
        for name, child in children_of(container):
            if name == "sequenceFlow":
                self._flow(child)
            elif name in KINDS:
                key = child.get("id")
                if not key or key in self.elements or "/" in key:
                    self.refuse(
                        child, "编号缺失、重复或含有“/”", "the id is missing, taken, or holds a slash"
                    )
                self.elements[key] = (child, scope)
                if name == "subProcess":
                    self._collect(child, key)
            elif name == "laneSet":
                self._lane_set(child)
            elif name not in IGNORED and name != "multiInstanceLoopCharacteristics":
                self.unsupported(child)

    def _nodes(self, process: Element) -> dict[str, Node]:
        if len(self.elements) > MAX_NODES:
            self.refuse(process, f"节点超过 {MAX_NODES} 个", f"more than {MAX_NODES} nodes")
            return {}
        incoming: dict[str, list[Flow]] = defaultdict(list)
        outgoing: dict[str, list[Flow]] = defaultdict(list)
        for flow in self.flows.values():
            for end in (flow.source, flow.target):
                if end not in self.elements:
                    self.problems.append(
                        Problem(
                            "sequenceFlow",
                            flow.id,
                            f"连到了不存在的节点“{end}”",
                            f"is tied to an unknown node {end!r}",
                        )
                    )
            if flow.id in self.elements:
                self.problems.append(
                    Problem("sequenceFlow", flow.id, "编号和一个节点相同", "a node has the same id")
                )
            outgoing[flow.source].append(flow)
            incoming[flow.target].append(flow)
        timers: dict[str, list[str]] = defaultdict(list)
        for key, (element, _) in self.elements.items():
            if element.name == "boundaryEvent":
                timers[element.get("attachedToRef")].append(key)
        return {
            key: self._node(element, scope, tuple(incoming[key]), tuple(outgoing[key]), tuple(timers[key]))
            for key, (element, scope) in self.elements.items()
        }

    def _flow(self, element: Element) -> None:
        self._check_attributes(element)
        condition = ""
        for name, child in children_of(element):
            if name == "conditionExpression":
                if child.get("language"):
                    self.refuse(
                        element, "条件只能用本系统的表达式语言", "conditions use our expression language only"
                    )
                condition = " ".join(child.text.split())
            elif name not in IGNORED:
                self.unsupported(child)
        key = element.get("id")
        if not key or key in self.flows:
            self.refuse(element, "编号缺失或重复", "the id is missing or taken")
        self.flows[key] = Flow(
            id=key,
            source=element.get("sourceRef"),
            target=element.get("targetRef"),
            label=self._label(element),
            condition=condition,
        )

    def _lane_set(self, element: Element) -> None:
        for name, lane in children_of(element):
            if name != "lane":
                continue
            self._check_attributes(lane)
            nodes = tuple(child.text.strip() for n, child in children_of(lane) if n == "flowNodeRef")
            self.lanes.append(Lane(lane.get("id"), self._label(lane), nodes))
            for n, child in children_of(lane):
                if n == "childLaneSet":
                    self._lane_set(child)

    def _diagram(self) -> Diagram:
        try:
            return read_diagram(self.root)
        except ValueError:
            self.refuse(
                self.root, "图形坐标不是数字", "a coordinate of the diagram is not a number", "BPMNDiagram"
            )
            return Diagram()
