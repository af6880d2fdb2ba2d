"""A few words to write small BPMN files in tests."""

from __future__ import annotations

import itertools
from xml.sax.saxutils import escape, quoteattr

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:tongban="https://tongban.example/bpmn" targetNamespace="https://tongban.example/test">'
)


def attributes(**values: str) -> str:
    """Write attributes; those with a leading underscore are ours."""
    return "".join(
        f" {'tongban:' + key[1:] if key.startswith('_') else key}={quoteattr(value)}"
        for key, value in values.items()
        if value
    )


def process(*parts: str, key: str = "p") -> bytes:
    return f'{HEAD}<process id="{key}" name="测试">{"".join(parts)}</process></definitions>'.encode()


def node(kind: str, key: str, inner: str = "", **more: str) -> str:
    return f"<{kind} id={quoteattr(key)}{attributes(**more)}>{inner}</{kind}>"


def start(key: str = "start") -> str:
    return node("startEvent", key)


def end(key: str = "end", terminate: bool = False, **more: str) -> str:
    return node("endEvent", key, "<terminateEventDefinition/>" if terminate else "", **more)


def outcome(key: str, **more: str) -> str:
    return f"<tongban:outcome{attributes(key=key, label_zh=key, **more)}/>"


def user(
    key: str, *outcomes: str, holder: str = "duty:services.window@unit", repeat: str = "", **more: str
) -> str:
    """A user task; outcomes are keys, or elements written by ``outcome``; ``repeat`` is written by ``each``."""
    written = "".join(o if o.startswith("<") else outcome(o) for o in outcomes or ("done",))
    return node(
        "userTask",
        key,
        f"<extensionElements>{written}</extensionElements>{repeat}",
        name=key,
        _holder=holder,
        **more,
    )


def service(key: str, operation: str = "test.note", **more: str) -> str:
    return node("serviceTask", key, _operation=operation, name=key, **more)


def xor(key: str, default: str = "") -> str:
    return node("exclusiveGateway", key, default=default)


def par(key: str) -> str:
    return node("parallelGateway", key)


def inc(key: str, default: str = "") -> str:
    return node("inclusiveGateway", key, default=default)


def sub(key: str, *parts: str, **more: str) -> str:
    return node("subProcess", key, "".join(parts), **more)


def call(key: str, called: str, *parts: str, **more: str) -> str:
    return node("callActivity", key, "".join(parts), calledElement=called, name=key, **more)


def rule(key: str, decision: str = "t", result: str = "fee", **more: str) -> str:
    return node("businessRuleTask", key, name=key, _decision=decision, _result=result, **more)


def each(
    collection: str, element: str = "", complete: str = "", counts: str = "", one_by_one: bool = False
) -> str:
    """The marker of a repeated activity."""
    return (
        "<multiInstanceLoopCharacteristics"
        + attributes(
            isSequential="true" if one_by_one else "",
            _collection=collection,
            _element=element,
            _complete=complete,
            _counts=counts,
        )
        + "/>"
    )


def boundary(key: str, host: str, limit: str = "5wd", since: str = "", **more: str) -> str:
    return node(
        "boundaryEvent",
        key,
        "<timerEventDefinition/>",
        attachedToRef=host,
        _limit=limit,
        _since=since,
        **more,
    )


def wait(key: str, limit: str = "1d", since: str = "", state: str = "") -> str:
    inner = "<timerEventDefinition/>"
    return node("intermediateCatchEvent", key, inner, _limit=limit, _since=since, _state=state)


def flow(source: str, target: str, condition: str = "", key: str = "") -> str:
    inner = f"<conditionExpression>{escape(condition)}</conditionExpression>" if condition else ""
    return node("sequenceFlow", key or f"{source}_{target}", inner, sourceRef=source, targetRef=target)


def chain(*keys: str) -> str:
    return "".join(flow(a, b) for a, b in itertools.pairwise(keys))
