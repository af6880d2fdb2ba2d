"""Making new things: from nothing, or by copying one with everything that is its own (an item with its form, process, papers)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tongban.apps.studio.operations.changes import NewDraft, title_of
from tongban.base.editables import Link, editable, find
from tongban.base.errors import TongbanError
from tongban.base.text import LocalizedText

__all__ = ["Piece", "named", "plan_copy", "read_plan"]

FOLLOWED = ("form", "process", "paper", "table", "certificate")


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that a copy takes along. ``shared`` is what other things name too: a copy is offered, and not ticked."""

    link: Link
    label: LocalizedText
    title: LocalizedText
    new_key: str
    shared: bool
    taken: bool

    @property
    def name(self) -> str:
        """The name of its inputs."""
        return f"{self.link.kind}:{self.link.key}"


def plan_copy(kind: str, key: str, *, new_key: str) -> list[Piece]:
    """Return the thing itself and all that it names, directly or through another, each with a key of its own."""
    first = Link(kind, key)
    found: dict[Link, Mapping[str, Any]] = {first: editable(kind).load(key)}
    queue = [first]
    while queue:
        link = queue.pop(0)
        entry = editable(link.kind)
        for other in entry.links(found[link]):
            if other in found or other.kind not in FOLLOWED or find(other.kind) is None:
                continue
            try:
                found[other] = editable(other.kind).load(other.key)
            except TongbanError:
                continue  # the content names what is not there; the check says so
            queue.append(other)
    naming = _named_by_others(found)
    pieces = []
    for link, content in found.items():
        new = _key(link, key, new_key)
        pieces.append(
            Piece(
                link=link,
                label=editable(link.kind).label,
                title=title_of(link.kind, content, link.key),
                new_key=new,
                shared=link in naming,
                taken=bool(editable(link.kind).versions(new)),
            )
        )
    return pieces


def read_plan(
    pieces: Sequence[Piece], posted: Mapping[str, str], *, names: Mapping[str, str]
) -> list[NewDraft]:
    """Return the drafts of the copy as the person chose it: everything ticked, under the keys that she gave."""
    first = pieces[0]
    chosen = [first, *(piece for piece in pieces[1:] if f"take:{piece.name}" in posted)]
    keys = {piece.link: (posted.get(f"key:{piece.name}") or piece.new_key).strip()[:60] for piece in chosen}
    keys[first.link] = (posted.get("key") or first.new_key).strip()[:60]
    drafts = []
    for piece in chosen:
        entry = editable(piece.link.kind)
        content = entry.renamed(entry.load(piece.link.key), keys)
        if piece is first and names.get("zh") and "name" in content:
            content = {**content, "name": {"zh": names["zh"], "en": names.get("en", "")}}
        drafts.append(NewDraft(piece.link.kind, keys[piece.link], content))
    return drafts


def named(kind: str, blank: Mapping[str, Any], typed: Mapping[str, str]) -> dict[str, Any]:
    """Return a blank content under the key and the names that were typed ("key", "zh", "en")."""
    content = editable(kind).renamed(blank, {Link(kind, ""): typed["key"]})
    if kind == "process":
        english = f' tongban:label_en="{_xml(typed["en"])}"' if typed["en"] else ""
        xml = content["xml"].replace('name="新流程"', f'name="{_xml(typed["zh"] or typed["key"])}"', 1)
        content["xml"] = xml.replace(' tongban:label_en="New process"', english, 1)
    elif typed["zh"]:
        content["name"] = {"zh": typed["zh"], "en": typed["en"]}
    return content


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _key(link: Link, key: str, new_key: str) -> str:
    """Put the new key where the old one stands in the name, else in front of it.

    >>> _key(Link("form", "snack-correction"), "snack", "tea"), _key(Link("form", "receive"), "snack", "tea")
    ('tea-correction', 'tea-receive')
    """
    return (link.key.replace(key, new_key, 1) if key in link.key else f"{new_key}-{link.key}")[:60]


def _named_by_others(found: Mapping[Link, Any]) -> set[Link]:
    """Return what is named by published things that do not go along."""
    named: set[Link] = set()
    for kind in ("item", "process"):
        entry = find(kind)
        if entry is None:
            continue
        for row in entry.rows():
            if Link(kind, row.key) in found:
                continue
            named.update(link for link in entry.links(entry.load(row.key)) if link in found)
    return named
