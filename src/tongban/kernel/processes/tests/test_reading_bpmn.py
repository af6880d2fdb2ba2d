"""The file comes from outside: what is read, what is refused, and how it is named."""

import time

import pytest

from tongban.kernel.processes.bpmn import Refused, parse
from tongban.kernel.processes.graph import Bounds, Kind, Label, Point
from tongban.kernel.processes.tests.drawn import (
    HEAD,
    boundary,
    chain,
    each,
    end,
    flow,
    node,
    outcome,
    process,
    service,
    start,
    sub,
    user,
    wait,
    xor,
)
from tongban.kernel.processes.vocabulary import MAX_BYTES


def problems_of(xml: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        parse(xml)
    assert all(problem.zh and problem.en for problem in refused.value.problems)
    return [(problem.element, problem.id) for problem in refused.value.problems]


def test_everything_that_our_attributes_say_is_read() -> None:
    graph = parse(
        process(
            start(),
            user(
                "receive",
                outcome(
                    "accept", label_en="Accept", style="primary", opinion="required", form="f", when="a > 1"
                ),
                _limit="5wd",
                _state="received",
                _form="check",
                _separate_from="other",
                _label_en="Receive",
            ),
            boundary("late", "receive", since="received_at"),
            service("note", _state="noted"),
            wait("pause", "3d"),
            end(),
            end("cut", terminate=True),
            chain("start", "receive", "note", "pause", "end"),
            flow("late", "cut"),
        )
    )
    receive = graph.nodes["receive"]
    assert (receive.kind, receive.label, receive.limit) == (Kind.USER, Label("receive", "Receive"), "5wd")
    assert (receive.state, receive.form, receive.separate_from) == ("received", "check", "other")
    accept = receive.outcome("accept")
    assert accept is not None
    assert (accept.label, accept.style, accept.opinion) == (Label("accept", "Accept"), "primary", "required")
    assert (accept.form, accept.when) == ("f", "a > 1")
    assert receive.outcome("refuse") is None
    assert receive.timers == ("late",)
    assert graph.nodes["late"].since == "received_at"
    assert graph.nodes["note"].operation == "test.note"
    assert graph.nodes["pause"].kind is Kind.TIMER
    assert graph.nodes["cut"].kind is Kind.TERMINATE


def test_lanes_and_the_diagram_are_read() -> None:
    xml = (
        HEAD
        + """
      <process id="p"><laneSet><lane id="l" name="窗口" xmlns:t="https://tongban.example/bpmn"
      t:label_en="Window"> <flowNodeRef>start</flowNodeRef></lane></laneSet>
      """
        + start()
        + end()
        + flow("start", "end")
        + """</process>
      <d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
        xmlns:di="http://www.omg.org/spec/DD/20100524/DI"><d:BPMNPlane bpmnElement="p">
        <d:BPMNShape bpmnElement="start"><dc:Bounds x="1" y="2" width="36" height="36"/>
          <d:BPMNLabel><dc:Bounds x="5" y="6" width="7" height="8"/></d:BPMNLabel></d:BPMNShape>
        <d:BPMNEdge bpmnElement="start_end"><di:waypoint x="37" y="20"/><di:waypoint x="90"
        y="20.5"/></d:BPMNEdge>
      </d:BPMNPlane></d:BPMNDiagram></definitions>"""
    )
    graph = parse(xml.encode())
    assert graph.lanes[0].label == Label("窗口", "Window")
    assert graph.lanes[0].nodes == ("start",)
    assert graph.diagram.shapes["start"] == Bounds(1, 2, 36, 36)
    assert graph.diagram.edges["start_end"] == (Point(37, 20), Point(90, 20.5))
    assert graph.diagram.labels["start"] == Bounds(5, 6, 7, 8)
    with pytest.raises(Refused):
        parse(xml.replace('x="37"', 'x="nan"').encode())


@pytest.mark.parametrize(
    "name",
    [
        "scriptTask",
        "sendTask",
        "receiveTask",
        "manualTask",
        "task",
        "transaction",
        "adHocSubProcess",
        "complexGateway",
        "eventBasedGateway",
        "intermediateThrowEvent",
        "globalTask",
        "subChoreography",
        "choreographyTask",
    ],
)
def test_an_unsupported_element_is_refused_by_name_and_id(name: str) -> None:
    assert (name, "odd") in problems_of(process(start(), node(name, "odd"), end(), flow("start", "end")))


@pytest.mark.parametrize(
    "definition",
    [
        "messageEventDefinition",
        "signalEventDefinition",
        "errorEventDefinition",
        "escalationEventDefinition",
        "conditionalEventDefinition",
        "compensateEventDefinition",
        "linkEventDefinition",
        "cancelEventDefinition",
    ],
)
@pytest.mark.parametrize("kind", ["startEvent", "endEvent", "intermediateCatchEvent"])
def test_an_unsupported_event_is_refused_by_name_and_id(kind: str, definition: str) -> None:
    assert (definition, "odd") in problems_of(process(node(kind, "odd", f"<{definition}/>"), end()))


@pytest.mark.parametrize(
    "kind, marker",
    [
        ("userTask", "standardLoopCharacteristics"),
        ("subProcess", "standardLoopCharacteristics"),
        ("serviceTask", "multiInstanceLoopCharacteristics"),
        ("businessRuleTask", "multiInstanceLoopCharacteristics"),
    ],
)
def test_a_loop_that_is_not_supported_is_refused_by_name_and_id(kind: str, marker: str) -> None:
    assert (marker, "odd") in problems_of(process(start(), node(kind, "odd", f"<{marker}/>"), end()))


@pytest.mark.parametrize(
    "name", ["loopCardinality", "loopDataInputRef", "completionCondition", "inputDataItem", "outputDataItem"]
)
def test_a_repetition_said_in_other_words_is_refused_by_name_and_id(name: str) -> None:
    marker = f"<multiInstanceLoopCharacteristics><{name}/></multiInstanceLoopCharacteristics>"
    assert (name, "odd") in problems_of(process(start(), user("odd", repeat=marker), end()))


@pytest.mark.parametrize(
    "what, xml, expected",
    [
        (
            "a message flow",
            HEAD + '<collaboration><messageFlow id="m"/></collaboration><process id="p"/></definitions>',
            ("messageFlow", "m"),
        ),
        (
            "a second pool",
            HEAD + '<collaboration><participant id="a"/><participant id="b"/></collaboration>'
            '<process id="p"/></definitions>',
            ("participant", "b"),
        ),
        ("a second process", HEAD + '<process id="p"/><process id="q"/></definitions>', ("process", "q")),
        ("no process", HEAD + "</definitions>", ("definitions", "")),
        ("a top-level message", HEAD + '<message id="m"/><process id="p"/></definitions>', ("message", "m")),
        ("another format", "<svg/>", ("svg", "")),
        ("no XML", "hello", ("definitions", "")),
    ],
)
def test_other_files_are_refused(what: str, xml: str, expected: tuple[str, str]) -> None:
    assert expected in problems_of(xml.encode())


@pytest.mark.parametrize(
    "what, parts, expected",
    [
        ("an event sub-process", [sub("odd", triggeredByEvent="true")], ("subProcess", "odd")),
        (
            "an unknown word inside a sub-process",
            [sub("s", node("scriptTask", "odd"))],
            ("scriptTask", "odd"),
        ),
        ("the same id inside and outside", [sub("s", user("odd")), user("odd")], ("userTask", "odd")),
        ("an id with a slash", [user("a/b")], ("userTask", "a/b")),
        (
            "a misspelt attribute of a repetition",
            [user("odd", repeat=each("a").replace("collection", "list"))],
            ("userTask", "odd"),
        ),
        ("a timer without a limit", [user("a"), boundary("odd", "a", limit="")], ("boundaryEvent", "odd")),
        (
            "a cycle timer",
            [
                node(
                    "intermediateCatchEvent",
                    "odd",
                    "<timerEventDefinition><timeCycle>R3/PT1H</timeCycle></timerEventDefinition>",
                    _limit="1d",
                )
            ],
            ("timeCycle", "odd"),
        ),
        (
            "an event without a definition",
            [node("intermediateCatchEvent", "odd", _limit="1d")],
            ("intermediateCatchEvent", "odd"),
        ),
        (
            "a foreign expression language",
            [
                xor("x"),
                '<sequenceFlow id="odd" sourceRef="start" targetRef="x">'
                '<conditionExpression language="groovy">true</conditionExpression></sequenceFlow>',
            ],
            ("sequenceFlow", "odd"),
        ),
        ("a flow to nowhere", [flow("start", "nowhere", key="odd")], ("sequenceFlow", "odd")),
        ("an id used twice", [user("odd"), user("odd")], ("userTask", "odd")),
        ("a misspelt attribute", [user("odd", _holdr="x")], ("userTask", "odd")),
        ("an attribute in the wrong place", [service("odd", _holder="x")], ("serviceTask", "odd")),
        (
            "an unknown attribute of an outcome",
            [user("odd", '<tongban:outcome key="k" colour="red"/>')],
            ("userTask", "odd"),
        ),
        ("compensation", [user("odd", isForCompensation="true")], ("userTask", "odd")),
    ],
)
def test_what_would_change_a_run_is_never_skipped_in_silence(
    what: str, parts: list[str], expected: tuple[str, str]
) -> None:
    assert expected in problems_of(process(start(), *parts, end()))


def test_all_problems_are_told_at_once() -> None:
    found = problems_of(process(start(), node("scriptTask", "a"), node("transaction", "b"), end()))
    assert {("scriptTask", "a"), ("transaction", "b")} <= set(found)


def test_harmless_elements_are_kept_out_of_the_run() -> None:
    graph = parse(
        process(
            start(),
            end(),
            flow("start", "end"),
            node("textAnnotation", "note"),
            node("dataObject", "paper"),
            node("group", "g"),
            "<documentation>x</documentation>",
            '<x:custom xmlns:x="urn:x" id="foreign"/>',
        )
    )
    assert list(graph.nodes) == ["start", "end"]


HOSTILE = {
    "bomb": '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>',
    "file": '<!DOCTYPE d [<!ENTITY c SYSTEM "file:///etc/passwd">]>',
    "host": '<!DOCTYPE d SYSTEM "http://192.0.2.1/evil.dtd">',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_entities_files_and_hosts_are_refused(name: str) -> None:
    xml = HOSTILE[name] + HEAD + '<process id="p" name="&c;">&c;</process></definitions>'
    assert {element for element, _ in problems_of(xml.encode())} <= {"DOCTYPE", "definitions"}
    assert {e for e, _ in problems_of(xml.replace("&c;", "").encode("utf-16"))} == {"DOCTYPE"}


def test_a_file_of_ten_megabytes_is_refused_quickly() -> None:
    began = time.perf_counter()
    assert problems_of(b" " * 10_000_000) == [("definitions", "")]
    assert problems_of(process(*(user(f"t{n}") for n in range(MAX_BYTES // 200))))
    assert problems_of(b"<a>" * 300_000) == [("definitions", "")]
    assert time.perf_counter() - began < 5
