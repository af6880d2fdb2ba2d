"""Content that an office edits itself: each module that owns a kind of it registers an ``Editable``.

Applications may not import one another, and an editor must reach items, forms, processes, papers, tables and message texts alike.
So the owner says here, in one protocol, what there is, how it is judged and how it is published::

    editables.register(FormEditable())          # in AppConfig.ready()

The content is the very mapping that a pack writes in YAML, so that what was edited in the browser can leave as a pack and come
back. Publishing makes a new version; what runs already keeps the version that it began with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from tongban.base.actor import Actor
from tongban.base.registry import Registry
from tongban.base.text import LocalizedText

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = [
    "Editable",
    "Fault",
    "Link",
    "Row",
    "Version",
    "editable",
    "editables",
    "find",
    "register",
    "text_of",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, or could be better, at one place of a content.

    ``path`` says where ("pages[0].fields[2].visible"; for a process the id of the element), "" for the whole. An "error" keeps
    the content from being published, a "warning" does not.
    """

    path: str
    message: LocalizedText
    level: str = "error"

    @property
    def is_error(self) -> bool:
        """True when the content cannot be published with it."""
        return self.level == "error"

    def as_json(self) -> dict[str, Any]:
        """Return the shape in which it is sent."""
        return {"path": self.path, "message": self.message.as_json(), "level": self.level}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing of a kind, as a list shows it: its newest version. ``published_at`` is None where nobody wrote it down."""

    key: str
    title: LocalizedText
    version: int
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a thing; ``valid_from`` is None where a version simply replaces the one before."""

    version: int
    published_at: datetime | None
    valid_from: date | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Another thing that a content names: the form of an item, the papers of a process."""

    kind: str
    key: str


class Editable(Protocol):
    """One kind of content. ``load`` and ``load_version`` raise NotFound; ``publish`` raises what ``check`` calls an error."""

    kind: str
    label: LocalizedText

    def rows(self) -> Sequence[Row]:
        """Return everything of the kind, by key, without reading the contents."""

    def load(self, key: str) -> dict[str, Any]:
        """Return the newest content."""

    def blank(self) -> dict[str, Any]:
        """Return the content that a new thing begins with; its key is empty."""

    def check(self, content: Mapping[str, Any]) -> list[Fault]:
        """Return everything that is wrong with a content. Never raises, whatever the content is."""

    def publish(
        self, *, content: Mapping[str, Any], actor: Actor, at: datetime, valid_from: date | None = None
    ) -> int:
        """Publish a content as the next version and return its number; the same once more makes none."""

    def versions(self, key: str) -> Sequence[Version]:
        """Return the versions, the newest first; none for an unknown key."""

    def load_version(self, key: str, version: int) -> dict[str, Any]:
        """Return the content of one version."""

    def links(self, content: Mapping[str, Any]) -> Sequence[Link]:
        """Return what the content names of other kinds, without doubles."""

    def renamed(self, content: Mapping[str, Any], keys: Mapping[Link, str]) -> dict[str, Any]:
        """Return the content with other keys in the place of those it names, its own among them."""


class ChecksBeside(Protocol):
    """An ``Editable`` whose content has to fit what is edited and published with it: an item and its form."""

    def check_beside(
        self, content: Mapping[str, Any], beside: Mapping[Link, Mapping[str, Any]]
    ) -> list[Fault]:
        """Return what ``check`` returns, with the contents of ``beside`` in the place of those that are published."""


class HasChoices(Protocol):
    """An ``Editable`` that knows lists: what may be chosen for an element ("type", "themes.person")."""

    def choices(self, name: str) -> Sequence[tuple[str, LocalizedText]]:
        """Return value and words of each choice; none for an element without a list."""


class HasPreview(Protocol):
    """An ``Editable`` that can be looked at before it is published."""

    def preview(
        self, content: Mapping[str, Any], *, at: datetime, form: Literal["pdf", "png"] = "pdf"
    ) -> bytes:
        """Return a sheet with sample values, as PDF or its first page as PNG. Raises what making it refuses."""


class HasPage(Protocol):
    """An ``Editable`` that has a public page, which can be looked at before it is published."""

    def show(self, request: HttpRequest, content: Mapping[str, Any], *, back: str) -> HttpResponse:
        """Answer the page as the public would see it; ``back`` leads to where it is edited."""


editables: Registry[Editable] = Registry("editables")


def register(entry: Editable) -> Editable:
    """Make a kind of content known to the editors. Registering a kind again leaves the first."""
    known = editables.find(entry.kind)
    return known if known is not None else editables.register(entry.kind, entry)


def editable(kind: str) -> Editable:
    """Return the registered kind. Raises UnknownEntry."""
    return editables.get(kind)


def find(kind: str) -> Editable | None:
    """Return the registered kind, None where no installed application has it."""
    return editables.find(kind)


def text_of(value: Any) -> LocalizedText:
    """Return the text that stands in a content, an empty one where something else stands there: checks never stumble."""
    if isinstance(value, str):
        return LocalizedText(value)
    if isinstance(value, Mapping):
        zh, en = value.get("zh"), value.get("en")
        return LocalizedText(zh if isinstance(zh, str) else "", en if isinstance(en, str) else "")
    return LocalizedText("")
