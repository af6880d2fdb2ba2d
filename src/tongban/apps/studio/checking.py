"""What is wrong with the drafts of a change: what each kind says to its own, and what they name that is not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tongban.apps.studio.rules import normal_path
from tongban.base.editables import Fault, Link, editable, find
from tongban.base.errors import TongbanError
from tongban.base.text import LocalizedText

__all__ = ["check_content", "missing_links"]

NOT_THERE = LocalizedText(
    zh="用到的{what}“{key}”还没有发布，也不在这项修改里",
    en="it names the {what} “{key}”, which is neither published nor part of this change",
)
OTHER_KEY = LocalizedText(
    zh="键是“{here}”，内容里写的是“{there}”", en="the key is “{here}”, the content says “{there}”"
)


def check_content(
    kind: str, key: str, content: Mapping[str, Any], *, beside: Mapping[Link, Mapping[str, Any]]
) -> list[Fault]:
    """Return the faults of a content, their paths as the editor writes them. ``beside`` are all drafts of the change."""
    entry: Any = editable(kind)
    checks_beside = hasattr(entry, "check_beside")  # ChecksBeside
    found = entry.check_beside(content, beside) if checks_beside else entry.check(content)
    faults = [Fault(normal_path(f.path), f.message, f.level) for f in found]
    if content.get("key") != key:
        faults.append(Fault("key", OTHER_KEY.format(here=key, there=content.get("key"))))
    return [*faults, *missing_links(kind, content, beside=beside)]


def missing_links(kind: str, content: Mapping[str, Any], *, beside: Iterable[Link]) -> list[Fault]:
    """Return a fault for everything that the content names and nobody has published or is about to."""
    faults = []
    known = set(beside)
    try:
        links = editable(kind).links(content)
    except (TypeError, ValueError, AttributeError):  # a content so broken that the check has said so already
        return []
    for link in links:
        other = find(link.kind)
        if other is None or link in known or _exists(link):
            continue
        faults.append(Fault("", NOT_THERE.format(what=other.label, key=link.key)))
    return faults


def _exists(link: Link) -> bool:
    try:
        return bool(editable(link.kind).versions(link.key))
    except TongbanError:
        return False
