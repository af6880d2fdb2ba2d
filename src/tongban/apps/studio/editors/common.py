"""What several editors ask in the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tongban.apps.studio.editors.registry import Editing
from tongban.apps.studio.schema import Options, Part
from tongban.base.editables import find
from tongban.base.text import LocalizedText

__all__ = ["NAME", "T", "choice", "fresh_key", "keys_of"]


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


def fresh_key(stem: str, rows: Sequence[Any]) -> str:
    """Return a key that no row has yet: ``field_3``."""
    taken = {str(row.get("key", "")) for row in rows if isinstance(row, Mapping)}
    number = len(rows) + 1
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"
