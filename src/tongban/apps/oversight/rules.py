"""What a rule of oversight must say, and who decides about a card. Plain Python, no Django."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tongban.base.text import LocalizedText

__all__ = [
    "CHECKS",
    "LEVELS",
    "Bar",
    "Rule",
    "bars_of",
    "choose_supervisor",
    "faults_of",
    "is_listed",
    "missing_words",
    "read_rule",
]

WARNING, YELLOW, RED = "warning", "yellow", "red"
LEVELS = (WARNING, YELLOW, RED)
"""A warning is only told; yellow and red are heard and decided."""

CHECKS = ("clock", "untaken", "paper", "pause", "charge")
"""What can be looked at: a limit that is over, a step that nobody took, the words of a paper, a pause, a charge."""

TEXTS = ("name", "says", "source")


@dataclass(frozen=True, slots=True)
class Rule:
    """One declared rule.

    ``acts`` are the verbs of the ledger that make it be looked at; the other fields narrow it down: the ``roles`` of clocks,
    the ``papers`` and the ``words`` that they must hold, the ``kinds`` of cases (none: all), the ``limit`` within which a step is
    taken.
    ``alone`` leaves a step's limit out when a limit of the whole case is over too: that is another rule's.
    """

    key: str
    version: int
    name: LocalizedText
    says: LocalizedText
    source: LocalizedText
    origin: str
    level: str
    check: str
    acts: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    limit: str = ""
    alone: bool = False
    is_active: bool = True


def faults_of(content: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the content of a rule, by the names of its fields; nothing when it can be used.

    >>> faults_of({"key": "x"})
    ['name', 'says', 'source', 'level', 'check', 'origin']
    """
    found = [] if isinstance(content.get("key"), str) and content["key"] else ["key"]
    for name in TEXTS:
        text = content.get(name)
        if not isinstance(text, Mapping) or not text.get("zh"):
            found.append(name)
    if content.get("level") not in LEVELS:
        found.append("level")
    check = content.get("check")
    if check not in CHECKS:
        found.append("check")
    if content.get("origin") not in ("law", "local"):
        found.append("origin")
    for name, needed in (
        ("acts", check not in (None, "untaken")),
        ("words", check == "paper"),
        ("roles", check == "clock"),
    ):
        if check in CHECKS and needed and not _is_list(content.get(name)):
            found.append(name)
    if check == "untaken" and not content.get("limit"):
        found.append("limit")
    return found


def read_rule(content: Mapping[str, Any], version: int) -> Rule:
    """Return the rule that a (faultless) content says."""
    return Rule(
        key=content["key"],
        version=version,
        name=LocalizedText.of(content["name"]),
        says=LocalizedText.of(content["says"]),
        source=LocalizedText.of(content["source"]),
        origin=content["origin"],
        level=content["level"],
        check=content["check"],
        **{name: tuple(content.get(name) or ()) for name in ("acts", "roles", "papers", "words", "kinds")},
        limit=str(content.get("limit") or ""),
        alone=content.get("alone") is True,
        is_active=content.get("is_active") is not False,
    )


def choose_supervisor(unit: int, above: Sequence[int], competent: Collection[int]) -> int | None:
    """Return the unit that decides about a card of ``unit``: the nearest competent one above it, else another, else itself.

    A unit decides about itself only where no other is competent; even then another officer than the one who pleaded.

    >>> choose_supervisor(5, [3, 1], [1, 9])
    1
    >>> choose_supervisor(1, [], [1, 9])
    9
    """
    for each in above:
        if each in competent:
            return each
    others = sorted(each for each in competent if each != unit)
    return others[0] if others else unit if unit in competent else None


def missing_words(said: Mapping[str, Any], words: Sequence[str]) -> list[str]:
    """Return which of the words a paper must hold it does not: absent, empty, or nothing but spaces."""
    return [word for word in words if not _has_text(said.get(word))]


def is_listed(name: Any, content: Mapping[str, Any]) -> bool:
    """Return whether a charge of this name stands on the published charge list of an item."""
    fee = content.get("fee") or {}
    listed = {LocalizedText.of(line["name"]).zh for line in fee.get("items") or () if line.get("name")}
    return bool(fee.get("charged")) and LocalizedText.of(name).zh in listed


def _has_text(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, Mapping):
        return any(_has_text(each) for each in value.values())
    if isinstance(value, Sequence):
        return any(_has_text(each) for each in value)
    return value is not None


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(each, str) for each in value)


@dataclass(frozen=True, slots=True)
class Bar:
    """A unit's line in the chart: where it stands and how wide its two parts are, in the units of the drawing."""

    label: str
    red: int
    yellow: int
    y: int
    label_x: int
    label_y: int
    end_y: int
    left: int
    red_width: float
    yellow_left: float
    yellow_width: float
    end: float


def bars_of(
    counts: Sequence[tuple[str, int, int]], *, width: int, left: int = 0, most: int = 12
) -> list[Bar]:
    """Lay out the bars of a chart: red cards, then yellow ones, the longest bar filling the room. The names stand in a column
    that is ``left`` wide, or, without one (on a phone), each above its bar.

    >>> [(bar.red_width, bar.yellow_width) for bar in bars_of([("a", 2, 2), ("b", 0, 1)], width=150)]
    [(50.0, 50.0), (0.0, 25.0)]
    """
    shown = [each for each in counts if each[1] or each[2]][:most]
    room, step = width - left - 50, 36 if left else 56
    longest = max((red + yellow for _, red, yellow in shown), default=1)
    found = []
    for n, (label, red, yellow) in enumerate(shown):
        a, b = round(room * red / longest, 1), round(room * yellow / longest, 1)
        y = 8 + n * step
        bar_y = y if left else y + 20
        found.append(
            Bar(
                label,
                red,
                yellow,
                y=bar_y,
                label_x=left - 10 if left else 0,
                label_y=y + 17 if left else y + 12,
                end_y=bar_y + 17,
                left=left,
                red_width=a,
                yellow_left=left + a,
                yellow_width=b,
                end=left + a + b + 8,
            )
        )
    return found
