"""An editor made from a description (``schema``): tabs, outlines with a page for each row, and what a button does to a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from tongban.apps.studio.drawing import boxes_of, row_title
from tongban.apps.studio.editors.registry import Editing, Editor, Page, register
from tongban.apps.studio.rules import add_row, at_path, move_row, remove_row, split
from tongban.apps.studio.schema import Part, Schema, part_at, read_parts
from tongban.base.text import LocalizedText

__all__ = ["describe_editor", "place_of"]


@dataclass(frozen=True, slots=True)
class Tab:
    """One section in the row of tabs, with its faults."""

    key: str
    label: LocalizedText
    query: str
    is_current: bool
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class Step:
    """One list row on the way to the present place."""

    title: LocalizedText
    query: str


def describe_editor(
    kind: str,
    schema: Schema,
    *,
    icon: str,
    template: str = "studio/described.html",
    pages: Mapping[str, Page] | None = None,
    context: Any = None,
) -> Editor:
    """Register an editor that asks what ``schema`` says. ``context(request, editing)`` adds to what the template finds."""

    def prepare(request: HttpRequest, editing: Editing) -> Mapping[str, Any]:
        more = context(request, editing) if context else {}
        return {**_context(request, editing, schema), **more}

    return register(
        Editor(
            kind=kind,
            template=template,
            context=prepare,
            read=lambda posted, editing: _read(posted, editing, schema),
            pages=pages or {},
            icon=icon,
            schema=schema,
        )
    )


def place_of(schema: Schema, path: str) -> str:
    """Return the query of the page on which a path is asked, with the anchor of its box."""
    steps = split(path)
    for end in range(len(steps), 0, -1):
        where = ".".join(steps[:end])
        part = part_at(schema, where)
        if part is not None and part.type == "list" and steps[end - 1].isdecimal():
            return f"?{urlencode({'at': where})}#f-{path}"
    return f"?{urlencode({'tab': schema.section_of(path).key})}#f-{path}"


def _context(request: HttpRequest, editing: Editing, schema: Schema) -> Mapping[str, Any]:
    asked = request.POST if request.method == "POST" else request.GET
    at = asked.get("at", "")[:300]
    part = part_at(schema, at) if at else None
    if part is not None and part.type == "list" and at_path(editing.content, at) is not None:
        section = schema.section_of(at)
        boxes = boxes_of(part.parts, editing.content, editing, f"{at}.")
        here: Mapping[str, Any] = {"at": at, "row": row_title(at_path(editing.content, at)), "part": part}
        steps = _steps(schema, editing, at)
        around = _around(editing, at)
    else:
        section = schema.section(asked.get("tab", ""))
        boxes = boxes_of(section.parts, editing.content, editing)
        here, steps, around = {"at": ""}, [], {}
    return {
        **here,
        "section": section,
        "tabs": [_tab(each, section, editing) for each in schema.sections],
        "boxes": boxes,
        "steps": steps,
        "around": around,
        "places": [(fault, place_of(schema, fault.path)) for fault in editing.faults if fault.path],
        "schema": schema,
    }


def _tab(section: Any, current: Any, editing: Editing) -> Tab:
    firsts = {split(part.name)[0] if part.name else part.names[0] for part in section.parts}
    faults = [f for f in editing.faults if split(f.path)[:1] and split(f.path)[0] in firsts]
    return Tab(
        section.key,
        section.label,
        f"?{urlencode({'tab': section.key})}",
        section is current,
        sum(1 for f in faults if f.is_error),
        sum(1 for f in faults if not f.is_error),
    )


def _steps(schema: Schema, editing: Editing, at: str) -> list[Step]:
    steps = split(at)
    found = []
    for end in range(1, len(steps)):
        where = ".".join(steps[:end])
        part = part_at(schema, where)
        if part is not None and part.type == "list" and steps[end - 1].isdecimal():
            found.append(Step(row_title(at_path(editing.content, where)), f"?{urlencode({'at': where})}"))
    return found


def _around(editing: Editing, at: str) -> Mapping[str, Any]:
    """Return the rows before and after, to go through a list without coming back to its outline."""
    where, _, last = at.rpartition(".")
    rows, index = at_path(editing.content, where), int(last)
    found: dict[str, Any] = {"number": index + 1, "of": len(rows)}
    if index > 0:
        found["before"] = Step(row_title(rows[index - 1]), f"?{urlencode({'at': f'{where}.{index - 1}'})}")
    if index + 1 < len(rows):
        found["after"] = Step(row_title(rows[index + 1]), f"?{urlencode({'at': f'{where}.{index + 1}'})}")
    return found


# --- saving -------------------------------------------------------------------------------------------------------


def _read(posted: QueryDict, editing: Editing, schema: Schema) -> tuple[Mapping[str, Any], str]:
    at, tab = posted.get("at", "")[:300], posted.get("tab", "")[:40]
    part = part_at(schema, at) if at else None
    if part is not None and at_path(editing.content, at) is not None:
        content = read_parts(part.parts, editing.content, posted, f"{at}.")
        query = {"at": at}
    else:
        section = schema.section(tab)
        content = read_parts(section.parts, editing.content, posted)
        query = {"tab": section.key}
    return _done(content, posted.get("do", "save"), query, schema)


def _done(content: Any, asked: str, query: dict[str, str], schema: Schema) -> tuple[Mapping[str, Any], str]:
    """Do to a list what the button says; everything that was typed is read before."""
    act, _, path = asked.partition(":")
    anchor = ""
    if act == "add":
        found = _list_part(schema, path)
        if found is not None:
            rows = at_path(content, path)
            rows = rows if isinstance(rows, list) else []
            content = add_row(content, path, found.new_row(content, rows) if found.new_row else {})
            if found.type == "list":
                query = {"at": f"{path}.{len(rows)}"}
            else:
                anchor = f"#f-{path}"
    elif act in ("remove", "up", "down"):
        parent = path.rpartition(".")[0]
        if act == "remove":
            content = remove_row(content, path)
            if query.get("at") == path:
                query = _up(schema, parent)
        else:
            content = move_row(content, path, -1 if act == "up" else 1)
        anchor = f"#f-{parent}"
    elif act == "go":
        return content, path if path.startswith("?") else ""
    return content, f"?{urlencode(query)}{anchor}"


def _up(schema: Schema, path: str) -> dict[str, str]:
    """Return the page on which the outline of a list stands."""
    outer = path.rpartition(".")[0]
    part = part_at(schema, outer) if outer else None
    return {"at": outer} if part is not None else {"tab": schema.section_of(path).key}


def _list_part(schema: Schema, path: str) -> Part | None:
    """Return the list at a path: what a row of it would be."""
    return part_at(schema, f"{path}.0")
