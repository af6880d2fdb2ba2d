"""Processes: the drawing, and the file for other tools. What the file says is judged at every saving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

from tongban.apps.studio.editors import modeler
from tongban.apps.studio.editors.registry import Editing, Editor, register


def _read(posted: QueryDict, editing: Editing) -> tuple[Mapping[str, Any], str]:
    """Take the file that was pasted or uploaded; an empty one changes nothing."""
    xml = posted.get("xml", "").replace("\r\n", "\n").strip()
    return {**editing.content, "xml": f"{xml}\n" if xml else editing.content.get("xml", "")}, ""


def _context(request: HttpRequest, editing: Editing) -> Mapping[str, Any]:
    return {
        "xml": editing.content.get("xml", ""),
        "file_url": editing.page_url("file"),
        "said": modeler.told(editing) if editing.can_edit else None,
        "said_id": modeler.ID,
    }


def _file(request: HttpRequest, editing: Editing) -> HttpResponse:
    """Answer the BPMN file of the draft."""
    return HttpResponse(
        str(editing.content.get("xml", "")),
        content_type="application/xml",
        headers={"Content-Disposition": f'attachment; filename="{editing.key}.bpmn"'},
    )


register(
    Editor(
        kind="process",
        template="studio/process.html",
        context=_context,
        read=_read,
        pages={"file": _file},
        icon="progress",
    )
)
