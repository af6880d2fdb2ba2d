"""One editor per kind of content. Who adds a kind registers an ``Editor``; the frame, saving and checking are the same for all.

An editor is a template (it extends ``studio/editor.html`` and fills the block ``editor``), a function that prepares what the
template shows, and a function that reads what was posted into a new content. One that works by script instead (a drawing)
loads and saves the content as JSON at ``Editing.content_url``, with the revision that it read::

    GET  -> {"kind", "key", "content", "revision", "faults"}
    POST {"content", "revision"} -> {"revision", "faults"}      409 when the draft was saved in between
    POST to ``Editing.check_url`` {"content"} -> {"faults"}      without saving
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from tongban.base.editables import Editable, Fault, Link, editable
from tongban.base.registry import Registry
from tongban.base.text import LocalizedText

__all__ = ["Editing", "Editor", "editors", "register"]


@dataclass(frozen=True)
class Editing:
    """One draft in an editor: what it holds, and whether this person may change it now."""

    number: str
    kind: str
    key: str
    title: LocalizedText
    content: Mapping[str, Any]
    revision: int
    base_version: int
    faults: tuple[Fault, ...]
    can_edit: bool
    beside: tuple[tuple[str, str, LocalizedText], ...] = ()
    """The drafts of the same change: kind, key, title. What they hold may be named though it is not published."""
    near: Mapping[Link, Mapping[str, Any]] = field(default_factory=dict)
    """The contents of all drafts of the change: what is published together has to fit."""

    @property
    def entry(self) -> Editable:
        """The kind."""
        return editable(self.kind)

    @property
    def url(self) -> str:
        """The editor's page."""
        return reverse("studio:editor", args=[self.number, self.kind, self.key])

    @property
    def content_url(self) -> str:
        """Where the content is loaded and saved as JSON."""
        return reverse("studio:content", args=[self.number, self.kind, self.key])

    @property
    def check_url(self) -> str:
        """Where a content is checked without being saved."""
        return reverse("studio:check", args=[self.number, self.kind, self.key])

    def page_url(self, page: str) -> str:
        """Return the address of one of the editor's further pages."""
        return reverse("studio:editor-page", args=[self.number, self.kind, self.key, page])

    def faults_at(self, path: str) -> list[Fault]:
        """Return the faults at a place and inside it."""
        return [f for f in self.faults if f.path == path or f.path.startswith(f"{path}.")]


Context = Callable[[HttpRequest, Editing], Mapping[str, Any]]
Read = Callable[[QueryDict, Editing], tuple[Mapping[str, Any], str]]
Page = Callable[[HttpRequest, Editing], HttpResponse]


@dataclass(frozen=True, slots=True)
class Editor:
    """How one kind is edited. ``read`` returns the new content and the query of the address to go to ("?at=…"); None for an
    editor that saves by JSON only. ``pages`` are further pages beside the editor (a preview), each told what is edited.
    """

    kind: str
    template: str
    context: Context
    read: Read | None = None
    pages: Mapping[str, Page] = field(default_factory=dict)
    icon: str = "doc"
    schema: Any = None
    """The description (``schema.Schema``) of an editor made of one; differences are said with its labels."""


editors: Registry[Editor] = Registry("editors")


def register(editor: Editor) -> Editor:
    """Make an editor known; registering a kind again leaves the first."""
    known = editors.find(editor.kind)
    return known if known is not None else editors.register(editor.kind, editor)
