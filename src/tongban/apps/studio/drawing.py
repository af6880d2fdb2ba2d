"""From a description and a content to what the templates draw: every value, option and fault stands ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tongban.apps.studio.editors.registry import Editing
from tongban.apps.studio.rules import at_path
from tongban.apps.studio.schema import Column, Part, shown, shown_value
from tongban.base.editables import Fault, text_of
from tongban.base.text import LocalizedText

__all__ = ["Box", "RowBox", "boxes_of", "row_title"]

UNNAMED = LocalizedText("（还没有名称）", "(no name yet)")


@dataclass(frozen=True, slots=True)
class RowBox:
    """One row of a list: in place with its boxes (and the cells of a grid), or as a line of an outline."""

    path: str
    index: int
    title: LocalizedText
    about: str = ""
    boxes: tuple[Box, ...] = ()
    cells: tuple[tuple[Column, str, str, tuple[LocalizedText, ...]], ...] = ()
    """Column, input name, value, faults."""
    errors: int = 0
    warnings: int = 0


@dataclass(frozen=True, slots=True)
class Box:
    """One part as it is drawn. ``value`` is a text, (zh, en), a bool, or (how, condition) for bool_expr."""

    part: Part
    path: str
    value: Any = ""
    options: tuple[tuple[str, Any], ...] = ()
    suggestions: tuple[tuple[str, Any], ...] = ()
    faults: tuple[Fault, ...] = ()
    boxes: tuple[Box, ...] = ()
    rows: tuple[RowBox, ...] = ()
    columns: tuple[Column, ...] = field(default=())

    @property
    def id(self) -> str:
        """The anchor of the box."""
        return f"f-{self.path}"

    @property
    def is_bad(self) -> bool:
        """True when something keeps it from being published."""
        return any(fault.is_error for fault in self.faults)


def boxes_of(parts: Sequence[Part], content: Any, editing: Editing, prefix: str = "") -> tuple[Box, ...]:
    """Return the boxes of these parts; a part whose ``when`` says no is left out."""
    scope = at_path(content, prefix.rstrip(".")) if prefix else content
    plain = scope if isinstance(scope, Mapping) else {}
    return tuple(
        _box(part, content, editing, prefix) for part in parts if part.when is None or part.when(plain)
    )


def _box(part: Part, content: Any, editing: Editing, prefix: str) -> Box:
    path = f"{prefix}{part.name}" if part.name else f"{prefix}{part.names[0]}"
    here = at_path(content, path)
    inner: dict[str, Any] = {}
    if part.type == "group":
        inner["boxes"] = boxes_of(part.parts, content, editing, f"{path}.")
    elif part.type in ("rows", "list"):
        inner["rows"] = tuple(_row(part, content, editing, path, i) for i in range(_length(here)))
    elif part.type == "grid":
        columns = tuple(part.columns(content) if part.columns else ())
        inner["columns"] = columns
        inner["rows"] = tuple(
            _grid_row(part, content, editing, path, i, columns) for i in range(_length(here))
        )
    else:
        inner["value"] = _pair(part, content, prefix) if part.type == "pair" else shown(part, here)
    return Box(
        part=part,
        path=path,
        options=_options(part, editing, inner.get("value"), here),
        suggestions=tuple(part.suggestions(editing)) if part.suggestions else (),
        faults=_own_faults(part, editing, path),
        **inner,
    )


def _own_faults(part: Part, editing: Editing, path: str) -> tuple[Fault, ...]:
    """Return what is said at the part: faults inside a list stand at its rows."""
    if part.type in ("rows", "list", "grid", "group"):
        return tuple(fault for fault in editing.faults if fault.path == path)
    found = editing.faults_at(path)
    if part.type == "pair":
        found += [
            f
            for f in editing.faults_at(path.rpartition(".")[0] or path)
            if f not in found and f.path == path.rpartition(".")[0]
        ]
    return tuple(found)


def _row(part: Part, content: Any, editing: Editing, path: str, index: int) -> RowBox:
    where = f"{path}.{index}"
    row = at_path(content, where)
    faults = editing.faults_at(where)
    return RowBox(
        path=where,
        index=index,
        title=row_title(row),
        about=part.about(row) if part.about else "",
        boxes=boxes_of(part.parts, content, editing, f"{where}.") if part.type == "rows" else (),
        errors=sum(1 for fault in faults if fault.is_error),
        warnings=sum(1 for fault in faults if not fault.is_error),
    )


def _grid_row(
    part: Part, content: Any, editing: Editing, path: str, index: int, columns: Sequence[Column]
) -> RowBox:
    where = f"{path}.{index}"
    cells = []
    for column in columns:
        name = f"{where}.{column.group}.{column.key}"
        said = tuple(fault.message for fault in editing.faults_at(name))
        cells.append((column, name, shown_value(at_path(content, name)), said))
    beside = [f for f in editing.faults if f.path == where or f.path == f"{where}.then"]
    return RowBox(
        path=where,
        index=index,
        title=LocalizedText(str(index + 1)),
        about="；".join(str(fault.message) for fault in beside),
        boxes=boxes_of(part.parts, content, editing, f"{where}."),
        cells=tuple(cells),
        errors=len(beside),
    )


def row_title(row: Any) -> LocalizedText:
    """Return what a row of a list is called."""
    if isinstance(row, Mapping):
        for word in ("label", "name", "title", "question", "q", "law", "say"):
            said = text_of(row.get(word))
            if said:
                return said
        said = text_of(row)
        return said or LocalizedText(str(row.get("key") or row.get("value") or "")) or UNNAMED
    return LocalizedText(str(row)) if row else UNNAMED


def _pair(part: Part, content: Any, prefix: str) -> str:
    left, right = (shown_value(at_path(content, f"{prefix}{name}")) for name in part.names)
    return f"{left}/{right}" if left else ""


def _options(part: Part, editing: Editing, value: Any, here: Any) -> tuple[tuple[str, Any], ...]:
    """Return the options; a value that is none of them stands there too, or it would be lost by saving."""
    if part.options is None:
        return ()
    options = tuple(part.options(editing))
    known = {key for key, _ in options}
    if isinstance(value, list):
        options += tuple((each, each) for each in value if each not in known)
    elif isinstance(value, str) and value not in known:
        options = ((value, value or LocalizedText("（不选）", "(none)")), *options)
    return options


def _length(rows: Any) -> int:
    return len(rows) if isinstance(rows, list) else 0
