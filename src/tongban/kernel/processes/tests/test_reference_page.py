"""The reference page names every element, every attribute and every test, and nothing that does not exist."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from tongban.kernel.processes import document
from tongban.kernel.processes.bpmn import Refused, parse
from tongban.kernel.processes.calls import MAX_DEPTH
from tongban.kernel.processes.operations.arrivals import MAX_ELEMENTS
from tongban.kernel.processes.rules import MAX_ATTEMPTS
from tongban.kernel.processes.tests.drawn import end, node, process, start
from tongban.kernel.processes.vocabulary import (
    ATTRIBUTES,
    KINDS,
    MAX_BYTES,
    MAX_NODES,
    OUTCOME_ATTRIBUTES,
    TONGBAN,
)

PAGE = (settings.BASE_DIR / "docs" / "reference" / "process-definitions.md").read_text(encoding="utf-8")
HERE = Path(__file__).parent


def section(title: str) -> str:
    return re.split(r"^#+ ", PAGE.split(f" {title}\n", 1)[1], maxsplit=1, flags=re.M)[0]


def rows(title: str) -> set[str]:
    first_cells = re.findall(r"^\| ([^|]+) \|", section(title), flags=re.M)
    return {word for cell in first_cells for word in re.findall(r"`(\w+)`", cell)}


def test_every_element_is_named() -> None:
    inside = {"terminateEventDefinition", "timerEventDefinition", "multiInstanceLoopCharacteristics"}
    assert set(KINDS) | {"sequenceFlow"} | inside == rows("Elements")


def test_every_attribute_is_named_and_none_that_does_not_exist() -> None:
    known = {attribute for allowed in ATTRIBUTES.values() for attribute in allowed}
    assert rows("Attributes") == known
    assert rows("Outcomes") == set(OUTCOME_ATTRIBUTES)
    assert TONGBAN in PAGE


def test_every_attribute_is_said_to_stand_where_it_may() -> None:
    for line in re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section("Attributes"), flags=re.M):
        attribute, places = line[0], set(re.findall(r"`(\w+)`", line[1]))
        if places:
            assert all(attribute in ATTRIBUTES[place] for place in places), line


REFUSED = re.findall(r"`(\w+)`", section("Refused by name").split("`loopCardinality`")[0])
TOP = {"messageFlow"}
TIMES = {"timeCycle", "timeDate", "timeDuration"}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_page_calls_refused_is_refused_by_that_name(name: str) -> None:
    if name in TOP:
        xml = process().replace(
            b"<process", b'<collaboration><messageFlow id="odd"/></collaboration><process'
        )
    elif name in TIMES:
        xml = process(
            node("intermediateCatchEvent", "odd", f"<timerEventDefinition><{name}/></timerEventDefinition>")
        )
    elif name.endswith("EventDefinition"):
        xml = process(node("startEvent", "odd", f"<{name}/>"), end())
    elif name.endswith("Characteristics"):
        xml = process(start(), node("userTask", "odd", f"<{name}/>"))
    else:
        xml = process(start(), node(name, "odd"))
    with pytest.raises(Refused) as refused:
        parse(xml)
    assert (name, "odd") in [(problem.element, problem.id) for problem in refused.value.problems]


def test_numbers_on_the_page_are_those_of_the_code() -> None:
    assert "tried five times" in PAGE and MAX_ATTEMPTS == 5
    assert "1 MB and 2,000 nodes" in PAGE and (MAX_BYTES, MAX_NODES) == (1_000_000, 2_000)
    assert "more than 5 calls in one another" in PAGE and MAX_DEPTH == 5
    assert "at most 200 elements" in PAGE and MAX_ELEMENTS == 200
    assert "30,000 elements and an element 100 attributes" in PAGE
    assert (document.MAX_ELEMENTS, document.MAX_ATTRIBUTES) == (30_000, 100)
