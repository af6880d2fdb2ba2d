"""What an editor asks, as data: one description draws the inputs, reads them back and finds the place of a fault.

Words that a content has and a description does not know are kept as they are: a pack may know more than the editor.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from tongban.apps.studio.rules import at_path, set_path, split
from tongban.base.editables import text_of
from tongban.base.text import LocalizedText

__all__ = [
    "Column",
    "Part",
    "Schema",
    "Section",
    "part_at",
    "read_parts",
    "shown",
    "shown_value",
    "typed_value",
    "walk",
]

LONGEST = 100_000
Options = Callable[[Any], Sequence[tuple[str, Any]]]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a grid: where in a row its value stands, and how it is written."""

    group: str
    key: str
    label: LocalizedText
    type: str = "value"


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a content.

    ``type``: line, text, code (one text); local, local_text (zh and en); words (a list, one a line), local_words (zh and en
    lists); bool, number, integer, date, choice, several (ticked among options), expr (a condition), bool_expr (always, never,
    or a condition), value (a number, yes or no, a list or a text), pair (two words chosen together, ``names``); group (words
    inside), rows (a short list edited in place), list (a long one, each row on a page of its own), grid (rows by ``columns``).
    """

    name: str
    label: LocalizedText
    type: str = "line"
    hint: LocalizedText = LocalizedText("")
    options: Options | None = None
    suggestions: Options | None = None
    parts: tuple[Part, ...] = ()
    names: tuple[str, str] = ("", "")
    columns: Callable[[Mapping[str, Any]], Sequence[Column]] | None = None
    new_row: Callable[[Mapping[str, Any], Sequence[Any]], Any] | None = None
    keep_empty: bool = False
    rows: int = 3
    when: Callable[[Mapping[str, Any]], bool] | None = None
    about: Callable[[Any], str] | None = None
    """What is said beside a row in the outline of a list."""


@dataclass(frozen=True, slots=True)
class Section:
    """A tab: parts that belong together."""

    key: str
    label: LocalizedText
    parts: tuple[Part, ...]
    note: LocalizedText = LocalizedText("")


@dataclass(frozen=True, slots=True)
class Schema:
    """Everything that is asked about one kind."""

    sections: tuple[Section, ...] = field(default_factory=tuple)

    def section(self, key: str) -> Section:
        """Return a section, the first for an unknown key."""
        return next((each for each in self.sections if each.key == key), self.sections[0])

    def section_of(self, path: str) -> Section:
        """Return the section in which a path lies, the first where none has it."""
        first = split(path)[:1]
        for each in self.sections:
            if any(first and _first(part) == first[0] for part in each.parts):
                return each
        return self.sections[0]


def _first(part: Part) -> str:
    return split(part.name)[0] if part.name else part.names[0]


def part_at(schema: Schema, path: str) -> Part | None:
    """Return the part whose row a path names (``pages.0.fields.2``): the innermost list on the way, None when there is none."""
    parts: Sequence[Part] = [part for section in schema.sections for part in section.parts]
    found: Part | None = None
    steps = split(path)
    while steps:
        part = next((p for p in parts if split(p.name) == steps[: len(split(p.name))]), None)
        if part is None:
            return None
        steps = steps[len(split(part.name)) :]
        if part.type in ("rows", "list"):
            if not steps or not steps[0].isdecimal():
                return None
            steps, found = steps[1:], part
        parts = part.parts
    return found


# --- reading ------------------------------------------------------------------------------------------------------


def read_parts(parts: Sequence[Part], content: Any, posted: Mapping[str, str], prefix: str = "") -> Any:
    """Return the content with what was posted for these parts; parts that were not on the page stay."""
    for part in parts:
        content = _read(part, content, posted, prefix)
    return content


def _read(part: Part, content: Any, posted: Mapping[str, str], prefix: str) -> Any:
    path = f"{prefix}{part.name}"
    here = at_path(content, path) if part.name else content
    if part.type in ("group", "rows", "grid") and f"{path}:here" not in posted:
        return content
    if part.type == "group":
        return _keep(part, read_parts(part.parts, content, posted, f"{path}."), path)
    if part.type == "rows":
        for index in range(len(here) if isinstance(here, list) else 0):
            content = read_parts(part.parts, content, posted, f"{path}.{index}.")
        return content
    if part.type == "grid":
        return _read_grid(part, content, posted, path)
    if part.type == "list":
        return content
    if part.type == "pair":
        return _read_pair(part, content, posted, prefix)
    value = _value(part, here, posted, path)
    if value is KEEP or shown(part, value) == shown(part, here):
        return content  # written otherwise perhaps, and the same to whoever reads it: nobody touched it
    empty = value in (None, "", [], {}) or value is False
    return set_path(content, path, None if empty and not part.keep_empty else value)


KEEP = object()


def _value(part: Part, here: Any, posted: Mapping[str, str], path: str) -> Any:
    if part.type in ("local", "local_text"):
        if f"{path}.zh" not in posted:
            return KEEP
        zh, en = (_clean(posted.get(f"{path}.{each}", "")) for each in ("zh", "en"))
        if isinstance(here, str) and not en:
            return zh
        return {"zh": zh, "en": en} if zh or en else None
    if part.type == "local_words":
        if f"{path}.zh" not in posted:
            return KEEP
        both = {each: _lines(posted.get(f"{path}.{each}", "")) for each in ("zh", "en")}
        return both if any(both.values()) else None
    if part.type == "several":
        if f"{path}:here" not in posted:
            return KEEP
        chosen = posted.getlist(path) if isinstance(posted, QueryDict) else posted.get(path, "").split(",")
        return [_clean(each) for each in chosen if each.strip()]
    if part.type == "bool":
        return path in posted if f"{path}:here" in posted else KEEP
    if part.type == "bool_expr":
        how = posted.get(f"{path}:how")
        if how is None:
            return KEEP
        return {"always": True, "when": _clean(posted.get(path, "")) or None}.get(how)
    if path not in posted:
        return KEEP
    text = _clean(posted[path])
    if isinstance(here, str) and _clean(here) == text:
        return KEEP
    if part.type == "words":
        return _lines(text)
    if part.type in ("number", "integer"):
        return _number(text, whole=part.type == "integer")
    if part.type == "value":
        return here if here is not None and shown_value(here) == text else typed_value(text)
    return text


def _read_pair(part: Part, content: Any, posted: Mapping[str, str], prefix: str) -> Any:
    first, second = (f"{prefix}{name}" for name in part.names)
    if first not in posted:
        return content
    left, _, right = posted[first].partition("/")
    content = set_path(content, first, left or None)
    return set_path(content, second, right or None)


def _read_grid(part: Part, content: Any, posted: Mapping[str, str], path: str) -> Any:
    rows = at_path(content, path)
    columns = part.columns(content) if part.columns else ()
    for index in range(len(rows) if isinstance(rows, list) else 0):
        for column in columns:
            where = f"{path}.{index}.{column.group}.{column.key}"
            if where in posted:
                content = _read_cell(content, column, where, posted)
        content = read_parts(part.parts, content, posted, f"{path}.{index}.")
        for group in {column.group for column in columns}:
            if at_path(content, f"{path}.{index}.{group}") is None:
                content = set_path(content, f"{path}.{index}.{group}", {})
    return content


def _read_cell(content: Any, column: Column, where: str, posted: Mapping[str, str]) -> Any:
    text = _clean(posted[where])
    here = at_path(content, where)
    if column.type == "test":
        return set_path(content, where, text or None)
    if here is not None and shown_value(here) == text:
        return content
    value = typed_value(text, column.type)
    return set_path(content, where, "" if value is None and column.group == "then" else value)


def _keep(part: Part, content: Any, path: str) -> Any:
    """Take an emptied group away altogether."""
    return set_path(content, path, None) if at_path(content, path) == {} and not part.keep_empty else content


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "")[:LONGEST].strip()


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.replace("\r\n", "\n").split("\n") if line.strip()]


def _number(text: str, *, whole: bool) -> Any:
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        return text or None  # what is no number stays visible, and the check says so
    return int(number) if number.is_integer() else (text if whole else number)


def typed_value(text: str, kind: str = "value") -> Any:
    """Return what was typed as a value: a number, yes or no, a list; anything else is a text; nothing is None.

    >>> [typed_value(text) for text in ("48", "true", '["hot", "cold"]', "48 m", "")]
    [48, True, ['hot', 'cold'], '48 m', None]
    """
    if not text:
        return None
    if kind == "text":
        return text
    if kind == "list" and not text.startswith("["):
        return [each.strip() for each in text.replace("，", ",").split(",") if each.strip()]
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, int | float | bool | list | dict) else text


def shown_value(value: Any) -> str:
    """Return a value as it is typed.

    >>> [shown_value(value) for value in (48, True, ["hot"], "48 m", None)]
    ['48', 'true', '["hot"]', '48 m', '']
    """
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def walk(parts: Sequence[Part]) -> Iterator[Part]:
    """Yield all parts, those inside too."""
    for part in parts:
        yield part
        yield from walk(part.parts)


def shown(part: Part, here: Any) -> Any:
    """Return a part as it is drawn: a text, (zh, en), a bool, a list, or (how, condition) for bool_expr."""
    if part.type in ("local", "local_text"):
        said = text_of(here)
        return said.zh, said.en
    if part.type == "local_words":
        both = here if isinstance(here, Mapping) else {"zh": here if isinstance(here, list) else []}
        return tuple("\n".join(map(str, both.get(each) or [])) for each in ("zh", "en"))
    if part.type == "several":
        return [str(each) for each in here] if isinstance(here, list) else []
    if part.type == "words":
        return "\n".join(map(str, here)) if isinstance(here, list) else shown_value(here)
    if part.type == "bool":
        return here is True
    if part.type == "bool_expr":
        return ("when", here) if isinstance(here, str) else ("always" if here is True else "never", "")
    return shown_value(here)
