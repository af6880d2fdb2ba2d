"""A file written to stop the server, to read its files or to reach the network is refused with a reason, and cheaply.

Through the door, where a pack's files and whatever an editor uploads come in. What is measured is processor time and memory.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.burden import burden
from tongban.base.packs import Pack, PackError
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import DefinitionRefused
from tongban.kernel.processes.examination import MAX_TOLD
from tongban.kernel.processes.models import Definition
from tongban.kernel.processes.packs import load_processes
from tongban.kernel.processes.tests.drawn import (
    HEAD,
    chain,
    end,
    flow,
    node,
    outcome,
    par,
    process,
    start,
    user,
    xor,
)
from tongban.kernel.processes.tests.world import AT, SYSTEM
from tongban.kernel.processes.vocabulary import MAX_BYTES, MAX_NODES

pytestmark = pytest.mark.campaign

LINE = process(start(), user("a"), end(), chain("start", "a", "end")).decode()


def with_dtd(entities: str, used: str = "&x;") -> bytes:
    return f"<!DOCTYPE d [{entities}]>{LINE.replace('测试', used)}".encode()


def many(number: int, *, kind: str = "userTask") -> bytes:
    return process(*(f'<{kind} id="a{n}"/>' for n in range(number)))


def line_of(number: int) -> bytes:
    keys = [f"a{n}" for n in range(number)]
    return process(start(), end(), *(xor(key) for key in keys), chain("start", *keys, "end"))


def wide(number: int) -> bytes:
    """So many branches side by side: two to the power of that many states."""
    keys = [f"a{n}" for n in range(number)]
    flows = (chain("p", key, "j") for key in keys)
    return process(
        start(), par("p"), par("j"), end(), *map(user, keys), *flows, chain("start", "p"), chain("j", "end")
    )


def doubling(number: int) -> bytes:
    """So many forks one after the other, each into one merge: two to the power of that many tokens in one move."""
    parts = [start(), user("a"), end(), flow("start", "p0"), chain(f"x{number - 1}", "a", "end")]
    for n in range(number):
        parts += [
            par(f"p{n}"),
            xor(f"x{n}"),
            flow(f"p{n}", f"x{n}", key=f"l{n}"),
            flow(f"p{n}", f"x{n}", key=f"r{n}"),
        ]
    parts += [
        flow(a, b) for a, b in pairwise(k for n in range(number) for k in (f"p{n}", f"x{n}")) if a[0] == "x"
    ]
    return process(*parts)


def choices(number: int) -> bytes:
    """So many choices one after the other, with nobody between them: two to the power of that many ways in one move."""
    parts = [start(), user("a"), end(), flow("start", "x0"), chain(f"m{number - 1}", "a", "end")]
    for n in range(number):
        parts += [xor(f"x{n}"), xor(f"m{n}"), flow(f"x{n}", f"m{n}", "b", key=f"l{n}")]
        parts += [flow(f"x{n}", f"m{n}", "c", key=f"r{n}"), *([flow(f"m{n - 1}", f"x{n}")] if n else [])]
    return process(*parts)


def condition(text: str) -> bytes:
    return process(
        start(),
        xor("x", default="d"),
        end(),
        end("e"),
        chain("start", "x"),
        flow("x", "end", text),
        flow("x", "e", key="d"),
    )


BILLION = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefghij"))

HOSTILE: dict[str, bytes] = {
    "a thousand million laughs": with_dtd('<!ENTITY a "ha">' + BILLION + '<!ENTITY x "&j;">'),
    "a quadratic bomb": with_dtd(f'<!ENTITY x "{"a" * 50_000}">', "&x;" * 50_000),
    "entities in a circle": with_dtd('<!ENTITY x "&y;"><!ENTITY y "&x;">'),
    "a file of the server": with_dtd('<!ENTITY x SYSTEM "file:///etc/passwd">'),
    "a device that never ends": with_dtd('<!ENTITY x SYSTEM "file:///dev/zero">'),
    "a parameter entity": with_dtd('<!ENTITY % p SYSTEM "http://127.0.0.1:9/evil.dtd"> %p;', ""),
    "a DTD from elsewhere": b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/evil.dtd">' + LINE.encode(),
    "an inclusion": LINE.replace(
        "<startEvent",
        '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/passwd"/><scriptTask id="s"/><startEvent',
    ).encode(),
    "another encoding": b'<?xml version="1.0" encoding="utf-7"?>' + LINE.encode(),
    "bytes that are no text": b"\x00\xff\xfe" * 1_000,
    "ten megabytes": LINE.encode() + b" " * 10_000_000,
    "ten megabytes of tasks": many(400_000),
    "ten thousand nodes": many(10_000, kind="endEvent"),
    "as many unknown elements as fit": process("<task/>" * 120_000),
    "as many wrong attributes as fit": process(
        "<task " + " ".join(f't{n}="1"' for n in range(80_000)) + "/>"
    ),
    "elements without end": b"<a>" * 300_000,
    "elements deep inside one another": HEAD.encode() + b"<subProcess>" * 30_000,
    "sub-processes deep inside one another": process("<subProcess id='s'>" * 200 + "</subProcess>" * 200),
    "an attribute as long as the file": process(
        start(), user("a", holder="h" * 900_000), end(), chain("start", "a", "end")
    ),
    "an id as long as the file": process(start(), user("a" * 200_000), end()),
    "an id that no row holds": LINE.replace('"a"', f'"{"a" * 81}"').replace('"start_a"', '"f"').encode(),
    "a key that no row holds": process(start(), user("a"), end(), chain("start", "a", "end"), key="k" * 81),
    "an outcome that no row holds": process(
        start(), user("a", outcome("o" * 81)), end(), chain("start", "a", "end")
    ),
    "a limit that no row holds": process(
        start(), user("a", _limit="1" * 300 + "wd"), end(), chain("start", "a", "end")
    ),
    "a limit beyond all years": process(
        start(), user("a", _limit="99999999d"), end(), chain("start", "a", "end")
    ),
    "an expression of ten thousand terms": condition(" + ".join(["1"] * 10_000) + " > 0"),
    "an expression that is a loop in a loop": condition("count(a, count(b, # > 1) > 1) > 1"),
    "an expression as long as the file": condition("'" + "a" * 900_000 + "' == a"),
    "an id used twice": process(start(), user("a"), user("a"), end(), chain("start", "a", "end")),
    "a flow used twice": LINE.replace('"a_end"', '"start_a"').encode(),
    "a flow and a node of one id": LINE.replace('"a_end"', '"a"').encode(),
    "coordinates of infinity": LINE.replace(
        "</definitions>",
        '<d:BPMNShape xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:c="http://www.omg.org/spec/DD/20100524/DC" '
        'bpmnElement="a"><c:Bounds x="1e999" y="0" width="1" height="1"/></d:BPMNShape></definitions>',
    ).encode(),
    "tokens that double forty times in a move": doubling(40),
    "a fork into everything": wide(60),
    "as many branches as nodes": wide(1_900),
    "choices without end in one move": choices(200),
    "an inclusive gateway with a million million ways": wide(40).replace(
        b"parallelGateway", b"inclusiveGateway"
    ),
}
"""What is wrong with each is told by the reason. The last five are for the search, which gives up at its limits."""

SEARCH, REST, MEGABYTES = 0.5, 3.0, 150
"""Seconds of processor time for the search (publishing allows ten times as much) and for all the rest of one file."""


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: object) -> None:
        raise AssertionError("a file made us call somebody")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_cheaply_and_with_a_reason(what: str, no_network: None) -> None:
    with burden() as cost:
        examined = processes.examine(HOSTILE[what], seconds=SEARCH)
    assert not examined.is_publishable
    assert cost.seconds < SEARCH + REST
    assert cost.megabytes < MEGABYTES
    told = examined.refusals + ([examined.fault] if examined.fault else [])
    assert told
    assert len(examined.refusals) <= MAX_TOLD + 2
    answer = json.dumps(DefinitionRefused(examined.refusals, examined.fault).data)
    assert len(answer) < 200_000, "what is refused is not sent back whole"
    assert "root:" not in answer


@pytest.mark.parametrize(
    "what", ["a quadratic bomb", "ten megabytes", "tokens that double forty times in a move"]
)
def test_publishing_refuses_it_and_nothing_changes(what: str, db: None) -> None:
    before = Definition.objects.count()
    with pytest.raises(DefinitionRefused) as refused:
        processes.publish(actor=SYSTEM, key="p", xml=HOSTILE[what], at=AT)
    assert refused.value.data["problems"]
    assert Definition.objects.count() == before


def test_a_pack_with_a_hostile_file_is_refused(db: None, tmp_path: Path) -> None:
    before = Definition.objects.count()
    (tmp_path / "pack.yaml").write_text("key: x")
    (tmp_path / "process.bpmn").write_bytes(HOSTILE["a thousand million laughs"])
    with pytest.raises(PackError, match=r"process\.bpmn"):
        load_processes(Pack(tmp_path), actor=SYSTEM, at=AT)
    assert Definition.objects.count() == before


def test_what_is_large_but_honest_is_taken() -> None:
    """The limits are not in the way: a line of as many gateways as may be, and nine tasks side by side."""
    with burden() as cost:
        assert processes.examine(line_of(MAX_NODES - 2)).is_publishable
        assert processes.examine(wide(9)).is_publishable
    assert cost.seconds < REST
    assert len(line_of(MAX_NODES - 2)) < MAX_BYTES


def test_a_node_that_nobody_can_name_is_refused() -> None:
    examined = processes.examine(process(start(), node("userTask", ""), end()))
    assert [problem.element for problem in examined.unsupported] == ["userTask"]
