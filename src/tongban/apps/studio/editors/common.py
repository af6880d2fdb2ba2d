"""What several editors ask in the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from tongban.apps.studio.editors.registry import Editing
from tongban.apps.studio.schema import Options, Part
from tongban.base.editables import find
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.kernel.files.errors import RenderingFailed

__all__ = ["NAME", "T", "choice", "fresh_key", "keys_of", "listed", "preview", "preview_context"]


def T(zh: str, en: str) -> LocalizedText:  # noqa: N802 - a word in two languages, hundreds of times
    """Return a text in both languages."""
    return LocalizedText(zh, en)


NAME = Part("name", T("名称", "Name"), "local")


def choice(*options: tuple[str, LocalizedText]) -> Options:
    """Return fixed options."""
    return lambda editing: options


def keys_of(kind: str, *, optional: bool = False) -> Options:
    """Return what is published of a kind, and the drafts of the same change, as options."""

    def options(editing: Editing) -> Sequence[tuple[str, Any]]:
        entry = find(kind)
        rows = {row.key: f"{row.title}（{row.key}）" for row in entry.rows()} if entry else {}
        drafts = {key: f"{title}（{key}）" for k, key, title in editing.beside if k == kind}
        found = [*{**rows, **drafts}.items()]
        return [("", T("（不用）", "(none)")), *found] if optional else found

    return options


def listed(name: str, *, optional: bool = True) -> Options:
    """Return the list that the catalogue has for an element ("type", "unit")."""

    def options(editing: Editing) -> Sequence[tuple[str, Any]]:
        choices = getattr(find("item"), "choices", None)
        found = choices(name) if choices else []
        return [("", T("（不选）", "(none)")), *found] if optional else found

    return options


def preview(request: HttpRequest, editing: Editing) -> HttpResponse:
    """Answer the PDF (or, with ``?as=png``, its first page) that the draft makes of its samples."""
    made_by: Any = editing.entry
    form = "png" if request.GET.get("as") == "png" else "pdf"
    try:
        made = made_by.preview(editing.content, at=now(), form=form)
    except (RenderingFailed, KeyError, ValueError, IndexError, TypeError, AttributeError):
        # A draft may be anything; what is wrong with it stands beside the editor.
        return HttpResponse(NOT_YET, content_type="text/plain; charset=utf-8", status=422)
    return HttpResponse(
        made,
        content_type="image/png" if form == "png" else "application/pdf",
        headers={"Content-Disposition": f'inline; filename="{editing.key}.{form}"'},
    )


NOT_YET = LocalizedText("草稿还有错误，现在排不出来。", "The draft has faults and cannot be typeset now.")


def preview_context(request: HttpRequest, editing: Editing) -> dict[str, Any]:
    """Tell the template where the preview is, and whether there can be one."""
    broken = any(fault.is_error for fault in editing.faults)
    return {"preview_url": editing.page_url("preview"), "can_preview": not broken}


def fresh_key(stem: str, rows: Sequence[Any]) -> str:
    """Return a key that no row has yet: ``field_3``."""
    taken = {str(row.get("key", "")) for row in rows if isinstance(row, Mapping)}
    number = len(rows) + 1
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"
