"""How long one step of the process engine takes in memory, and how large a state gets: the food licence, from start to end.

A step is what a request does without its database: read the state from JSON, complete a task (or end an operation), write the
state as JSON. The baseline is SpiffWorkflow, the same steps of the same process in the same run, its state in and out
as JSON too; it has no timers to carry, which is in its favour.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from lxml import etree

from tongban.kernel.processes import engine
from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.engine import State, Within
from tongban.kernel.processes.graph import Flow, Graph, Kind, Node
from tongban.kernel.processes.vocabulary import BPMN

HERE = Path(__file__).resolve().parent
PROCESS = HERE.parent / "packs" / "chengxi" / "items" / "food-licence" / "process.bpmn"
RESULT = HERE / "engine.json"
RUNS = 300
BASELINE_RUNS = 10
MAX_MILLISECONDS, MAX_BYTES = 0.1, 2048


class Straight:
    """Takes the default flow, else the first."""

    def one(self, node: Node, within: Within) -> Flow:
        return next((flow for flow in node.outgoing if flow.id == node.default), node.outgoing[0])

    def some(self, node: Node, within: Within) -> tuple[Flow, ...]:
        return node.outgoing


def states(graph: Graph) -> Iterator[tuple[str, float]]:
    """Go through the process once; yield each stored state and the seconds of the step that led to it."""
    choose = Straight()
    stored = json.dumps(engine.start(graph, choose)[0].as_json())
    yield stored, 0.0
    while True:
        began = perf_counter()
        state = State.of(json.loads(stored))
        number, token = next(iter((n, t) for n, t in state.tokens.items() if graph.nodes[t.node].kind.waits))
        move = engine.complete if graph.nodes[token.node].kind is Kind.USER else engine.service_done
        state, _ = move(graph, state, number, choose)
        stored = json.dumps(state.as_json())
        yield stored, perf_counter() - began
        if state.is_ended:
            return


def ours() -> tuple[float, int, int]:
    """Return the milliseconds of a step, the bytes of the largest state, and how many steps a run has."""
    graph = parse(PROCESS.read_bytes())
    seconds, largest, steps = [], 0, 0
    for _ in range(RUNS):
        run = list(states(graph))
        steps = len(run) - 1
        seconds += [second for _, second in run[1:]]
        largest = max(largest, *(len(stored.encode()) for stored, _ in run))
    return median(seconds) * 1000, largest, steps


def plain() -> bytes:
    """Return the process as every BPMN engine understands it: no timers, no lanes, and conditions that go ``Straight``."""
    straight = Straight()
    taken = {
        straight.one(node, ()).id
        for node in parse(PROCESS.read_bytes()).of_kind(Kind.EXCLUSIVE)
        if not node.default
    }
    root = etree.fromstring(PROCESS.read_bytes())
    process = root.find(f"{{{BPMN}}}process")
    gone = {event.get("id") for event in process.iter(f"{{{BPMN}}}boundaryEvent")}
    for element in list(process):
        name = etree.QName(element).localname
        if name in ("laneSet", "boundaryEvent") or element.get("sourceRef") in gone:
            process.remove(element)
        elif name == "serviceTask":
            element.tag = f"{{{BPMN}}}userTask"
    for element in [*process.iter(f"{{{BPMN}}}extensionElements"), *root.findall(f"{{{BPMN}}}collaboration")]:
        element.getparent().remove(element)
    for condition in process.iter(f"{{{BPMN}}}conditionExpression"):
        condition.text = "yes" if condition.getparent().get("id") in taken else "no"
    return etree.tostring(root)


def spiff() -> float | None:
    """Return the milliseconds of a step of SpiffWorkflow, None where it is not installed."""
    try:
        from SpiffWorkflow.bpmn import BpmnWorkflow
        from SpiffWorkflow.bpmn.parser import BpmnParser
        from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
        from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
        from SpiffWorkflow.util.task import TaskState
    except ImportError:
        return None
    logging.getLogger("spiff").setLevel(logging.WARNING)

    class Told(PythonScriptEngine):
        def evaluate(self, task: object, expression: str, external_context: object = None) -> bool:
            return expression == "yes"

    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(plain()))
    key = parse(PROCESS.read_bytes()).key
    spec = parser.get_spec(key)
    serializer = BpmnWorkflowSerializer()
    seconds = []
    for _ in range(BASELINE_RUNS):
        workflow = BpmnWorkflow(spec, script_engine=Told())
        workflow.do_engine_steps()
        stored = serializer.serialize_json(workflow)
        while not workflow.is_completed():
            began = perf_counter()
            workflow = serializer.deserialize_json(stored)
            workflow.script_engine = Told()
            workflow.get_tasks(state=TaskState.READY, manual=True)[0].run()
            workflow.do_engine_steps()
            stored = serializer.serialize_json(workflow)
            seconds.append(perf_counter() - began)
    return median(seconds) * 1000


def main(say: Callable[[str], object] = print) -> int:
    """Measure, say and write the figures; 1 when a promise is not kept."""
    step, size, steps = ours()
    baseline = spiff()
    rows = [
        row("engine: step of the food licence, state in and out as JSON", step, "ms", baseline),
        row("engine: largest state of the food licence", size, "bytes", None),
        row("engine: steps of the food licence", steps, "steps", None),
    ]
    RESULT.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    for each in rows:
        beside = (
            f"  (SpiffWorkflow {each['baseline']}: {each['ratio']} times as long)" if each["baseline"] else ""
        )
        say(f"{each['name']}: {each['value']} {each['unit']}{beside}")
    return int(step >= MAX_MILLISECONDS or size >= MAX_BYTES)


def row(name: str, value: float, unit: str, baseline: float | None) -> dict[str, object]:
    """Return one figure as the benches write it; ``ratio`` is baseline to value."""
    return {
        "name": name,
        "value": round(value, 4),
        "unit": unit,
        "baseline": None if baseline is None else round(baseline, 4),
        "ratio": None if baseline is None else round(baseline / value, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
