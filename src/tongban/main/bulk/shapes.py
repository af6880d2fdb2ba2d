"""Which stories are walked, and how many cases take after each: the courses of the demo county's past, in all its units.

Applications of the past went to two bureaus. So that many cases lie with many units, a few courses are told again as if
another unit with the same duties were in charge of the item, and letters go to every unit that answers letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tongban.base.packs import Pack

__all__ = ["Shape", "officials_of", "shapes_of"]

Row = Mapping[str, Any]

MOVED = "small-catering"
"""The item that other units are put in charge of; its courses need nobody but the four of ``PARTS``."""
PARTS = {
    "window": ("services.window", 0),
    "officer1": ("services.review", 0),
    "officer2": ("services.review", 1),
    "chief": ("services.decide", 0),
}
"""Who takes part in a course: by which duty a unit's officials are found, and which of them."""
OPEN_IN = 4
"""In so many of those units there are open cases too."""
ELSEWHERE = 3
"""How many cases of each course that is told again there are beside those of the past."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A story that stands for all cases of its course. ``unit`` is put in charge of its item; ``entity`` applies."""

    row: Row
    weight: int
    entity: str
    is_letter: bool = False
    unit: str = ""

    @property
    def key(self) -> str:
        """A name for it."""
        return f"{self.row['key']}@{self.unit}" if self.unit else str(self.row["key"])


def shapes_of(pack: Pack) -> list[Shape]:
    """Return one shape of each course that applications and letters took, and the same in the county's other units."""
    past = pack.yaml("history.yaml")
    officials = officials_of(pack)
    own = [Shape(row, number, row["entity"]) for row, number in _courses(past["applications"])]
    moved = list(_moved(own, officials))
    without = {shape.unit for shape in moved}
    others = {unit: duties for unit, duties in officials.items() if unit not in without}
    return [*own, *moved, *_letters(past["letters"], own, others)]


def officials_of(pack: Pack) -> dict[str, dict[str, list[str]]]:
    """Return the usernames by unit and duty, in the order of the accounts; also units whose duties nobody has taken up."""
    held: dict[str, list[str]] = {}
    for account in pack.yaml("accounts.yaml", "accounts"):
        for post in account.get("posts") or ():
            held.setdefault(post, []).append(account["username"])
    found: dict[str, dict[str, list[str]]] = {}
    for post in pack.yaml("posts.yaml", "posts"):
        for duty in post["duties"]:
            found.setdefault(post["unit"], {}).setdefault(duty, []).extend(held.get(post["code"], ()))
    return found


def _courses(rows: Sequence[Row]) -> list[tuple[Row, int]]:
    """Return the first story of each course, and how many took it."""
    found: dict[tuple[Any, ...], tuple[Row, int]] = {}
    for row in rows:
        course = tuple((step.get("task") or step.get("action"), step.get("outcome")) for step in row["steps"])
        first, number = found.get((row.get("item"), course), (row, 0))
        found[row.get("item"), course] = first, number + 1
    return list(found.values())


def _moved(own: Sequence[Shape], officials: Mapping[str, Mapping[str, Sequence[str]]]) -> Iterator[Shape]:
    """Tell the commonest course of ``MOVED`` and its shortest accepted one again in each unit that could have the item."""
    could = [
        shape for shape in own if shape.row["item"] == MOVED and _parts(shape.row) <= {*PARTS, "applicant"}
    ]
    if not could:
        return
    ended = max(could, key=lambda shape: shape.weight)
    under_way = min((s for s in could if _is_accepted(s.row)), key=lambda shape: len(shape.row["steps"]))
    home = {username for shape in own for username in _parts(shape.row)}
    units = 0
    for unit, duties in officials.items():
        names = {
            part: duties[duty][place]
            for part, (duty, place) in PARTS.items()
            if len(duties.get(duty, ())) > place
        }
        if len(names) < len(PARTS) or home & set(names.values()):
            continue
        units += 1
        for shape in (ended, under_way) if units <= OPEN_IN else (ended,):
            steps = [
                {**step, **({"by": names[step["by"]]} if step.get("by") in names else {})}
                for step in shape.row["steps"]
            ]
            yield Shape({**shape.row, "steps": steps}, ELSEWHERE, shape.entity, unit=unit)


def _parts(row: Row) -> set[str]:
    return {step["by"] for step in row["steps"] if "by" in step}


def _is_accepted(row: Row) -> bool:
    return any(step.get("task") == "receive" and step["outcome"] == "accept" for step in row["steps"])


def _letters(
    rows: Sequence[Row], own: Sequence[Shape], officials: Mapping[str, Mapping[str, Sequence[str]]]
) -> Iterator[Shape]:
    """Tell each course of a signed-in letter, and one answered by each unit of these; where nobody answers, letters wait.

    Their writers are people who apply too, so a copy of a letter comes from somebody who may have cases as well.
    """
    courses = _courses([row for row in rows if row["signed_in"]])
    writers = [shape for shape in own if shape.weight]
    turn = 0

    def told(row: Row, number: int) -> Shape:
        nonlocal turn
        writer = writers[turn % len(writers)]
        turn += 1
        return Shape({**row, "person": writer.row["person"]}, number, writer.entity, is_letter=True)

    for row, number in courses:
        yield told(row, number)
    answered = max((c for c in courses if len(c[0]["steps"]) > 1), key=lambda course: course[1])[0]
    for unit, duties in officials.items():
        if "voice.answer" not in duties:
            continue
        steps = list(_with_unit(answered["steps"], unit, duties["voice.answer"]))
        yield told({**answered, "key": f"{answered['key']}@{unit}", "steps": steps}, 1)


def _with_unit(steps: Sequence[Row], unit: str, answering: Sequence[str]) -> Iterator[Row]:
    for step in steps:
        if step.get("task") == "assign":
            yield {**step, "data": {**step["data"], "unit": unit}}
        elif step.get("task") == "answer":
            if not answering:
                return
            yield {**step, "by": answering[0]}
        else:
            yield step
