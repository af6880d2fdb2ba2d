"""A difference in words: where it is, said with the labels of the editor, and what stood and stands there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from typing import Any

from tongban.apps.studio.editors.registry import editors
from tongban.apps.studio.process_words import process_differences
from tongban.apps.studio.rules import Difference, split
from tongban.apps.studio.schema import Part, Schema, shown_value
from tongban.base.editables import text_of
from tongban.base.text import LocalizedText

__all__ = ["Line", "Readable", "readable"]

WHAT = {
    "added": LocalizedText("增加", "Added"),
    "removed": LocalizedText("删去", "Removed"),
    "changed": LocalizedText("改动", "Changed"),
    "moved": LocalizedText("换了次序", "Reordered"),
}
TONE = {"added": "green", "removed": "red-soft", "changed": "blue", "moved": "violet"}
LONG = 160


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a longer text: "same", "added" or "removed"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Readable:
    """One difference as it is shown. Of a long text only the lines that differ stand in ``lines``."""

    where: tuple[LocalizedText, ...]
    what: LocalizedText
    tone: str
    before: tuple[tuple[str, str], ...]
    """Parts of the text: "same" or "gone"."""
    after: tuple[tuple[str, str], ...]
    """Parts of the text: "same" or "new"."""
    lines: tuple[Line, ...] = ()


def readable(kind: str, found: Iterable[Difference]) -> list[Readable]:
    """Return differences in words."""
    schema: Schema | None = getattr(editors.find(kind), "schema", None)
    parts = [part for section in schema.sections for part in section.parts] if schema else []
    said = []
    for each in found:
        if kind == "process" and each.path == "xml":
            rows = process_differences(str(each.before or ""), str(each.after or ""))
            said += [_row(inner, where) for where, inner in rows]
        elif not (
            kind == "process" and each.what == "added"
        ):  # of a new process its key stands in its heading
            said.append(_readable(each, parts))
    return said


def _row(each: Difference, where: tuple[LocalizedText, ...]) -> Readable:
    """Return a difference that says itself where it is."""
    before, after = _said(each.before), _said(each.after)
    both = each.what == "changed"
    return Readable(
        where=where,
        what=WHAT[each.what],
        tone=TONE[each.what],
        before=_marked(before, after, "gone") if both else _whole(before, "gone"),
        after=_marked(after, before, "new") if both else _whole(after, "new"),
    )


def _readable(each: Difference, parts: Sequence[Part]) -> Readable:
    before, after = _said(each.before), _said(each.after)
    lines: tuple[Line, ...] = ()
    if each.what == "changed" and ("\n" in before or "\n" in after) and max(len(before), len(after)) > LONG:
        lines = _lines(before, after)
    return Readable(
        where=_where(each, parts),
        what=WHAT[each.what],
        tone=TONE[each.what],
        before=()
        if lines
        else _marked(before, after, "gone")
        if each.what == "changed"
        else _whole(before, "gone"),
        after=()
        if lines
        else _marked(after, before, "new")
        if each.what == "changed"
        else _whole(after, "new"),
        lines=lines,
    )


def _where(each: Difference, parts: Sequence[Part]) -> tuple[LocalizedText, ...]:
    """Say the path with labels; a row is said with its name."""
    named = dict(each.names)
    steps, said = split(each.path), []
    index = 0
    while index < len(steps):
        part = next(
            (p for p in parts if p.name and split(p.name) == steps[index : index + len(split(p.name))]), None
        )
        if index in named and steps[index].isdecimal():
            said.append(
                LocalizedText(f"“{named[index]}”" if named[index] else f"第 {int(steps[index]) + 1} 行")
            )
        elif part is not None:
            said.append(part.label)
            parts = part.parts or parts
            index += len(split(part.name)) - 1
        else:
            pair = next((p for p in parts if steps[index] in p.names), None)
            said.append(pair.label if pair else WORDS.get(steps[index], LocalizedText(steps[index])))
        index += 1
    return tuple(said)


WORDS = {
    "zh": LocalizedText("中文", "Chinese"),
    "en": LocalizedText("英文", "English"),
    "xml": LocalizedText("流程图", "Drawing"),
    "when": LocalizedText("条件", "When"),
    "then": LocalizedText("结果", "Then"),
    "given": LocalizedText("已知", "Given"),
    "because": LocalizedText("理由", "Because"),
}


def _said(value: Any) -> str:
    """Return a value as people read it: texts as they are, the rest word by word."""
    if value is None:
        return ""
    if isinstance(value, LocalizedText):
        return str(value)
    if isinstance(value, Mapping):
        if "zh" in value and set(value) <= {"zh", "en"}:
            said = text_of(value)
            return f"{said.zh} / {said.en}" if said.en else said.zh
        return "；".join(
            f"{name}：{_said(each)}" for name, each in value.items() if each not in (None, "", [], {})
        )
    if isinstance(value, list):
        return "、".join(_said(each) for each in value)
    return shown_value(value)


def _whole(text: str, kind: str) -> tuple[tuple[str, str], ...]:
    return ((kind, text[:2000]),) if text else ()


def _marked(text: str, other: str, kind: str) -> tuple[tuple[str, str], ...]:
    """Mark what the other text lacks, unless hardly anything is the same."""
    text, other = text[:2000], other[:2000]
    matcher = SequenceMatcher(a=other, b=text, autojunk=False)
    if not text or matcher.quick_ratio() < 0.3:
        return _whole(text, kind)
    return tuple(
        ("same" if tag == "equal" else kind, text[b:b_end])
        for tag, _, _, b, b_end in matcher.get_opcodes()
        if b_end > b
    )


def _lines(before: str, after: str) -> tuple[Line, ...]:
    kinds = {"+": "added", "-": "removed", " ": "same"}
    found = list(unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm=""))[2:]
    return tuple(Line(kinds[line[0]], line[1:]) for line in found[:300] if line[:1] in kinds)
