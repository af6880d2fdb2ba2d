"""What modules put on the public home page. The registries stand here because applications do not know one
another.

Nothing on the home page is written by hand that could be untrue: a section appears when its module
registered it and has something to show.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

from django.db import connection

from tongban.base.actor import Actor
from tongban.base.registry import Registry
from tongban.base.text import LocalizedText

__all__ = [
    "Figure",
    "HomeBlock",
    "QuickLink",
    "Suggestion",
    "figure_providers",
    "home_blocks",
    "kept",
    "quick_links",
    "register_block",
    "register_figures",
    "register_quick_link",
    "register_suggestions",
    "suggestion_providers",
]

T = TypeVar("T")
QUICK, WORTH = 0.005, 200
"""Seconds that counting may take each time; and how many times as long what took longer is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeBlock:
    """A section of the home page, drawn by the module's own template.

    ``context(actor, at)`` returns what the template finds as ``block``, or None when there is nothing to
    show. ``senior_template`` draws it in 长辈版, where a block without one is left out. ``half`` blocks
    stand in pairs beside one another.
    """

    key: str
    template: str
    context: Callable[[Actor, datetime], Mapping[str, Any] | None]
    order: int = 100
    senior_template: str = ""
    half: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickLink:
    """One of the few things people come for, beside the search box."""

    key: str
    label: LocalizedText
    note: LocalizedText
    url_name: str
    icon: str
    order: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A published number.

    ``url`` opens the list it was counted from; ``note`` says what it was counted from.
    """

    label: LocalizedText
    value: str
    unit: LocalizedText = LocalizedText("")
    note: LocalizedText = LocalizedText("")
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A question people often ask, with the page that answers it."""

    text: LocalizedText
    url: str


home_blocks: Registry[HomeBlock] = Registry("home blocks")
quick_links: Registry[QuickLink] = Registry("quick links of the home page")
figure_providers: Registry[Callable[[datetime], Sequence[Figure]]] = Registry("figures of the home page")
suggestion_providers: Registry[Callable[[datetime], Sequence[Suggestion]]] = Registry("questions people ask")


def register_block(block: HomeBlock) -> HomeBlock:
    """Add a section to the home page."""
    return home_blocks.register(block.key, block)


def register_quick_link(link: QuickLink) -> QuickLink:
    """Add a link beside the search box; it is shown when its page exists."""
    return quick_links.register(link.key, link)


def register_figures(key: str, provider: Callable[[datetime], Sequence[Figure]]) -> None:
    """Add published figures, counted from real rows when the page is asked for. At most four are shown."""
    figure_providers.register(key, provider)


def register_suggestions(key: str, provider: Callable[[datetime], Sequence[Suggestion]]) -> None:
    """Add questions under the search box."""
    suggestion_providers.register(key, provider)


_kept: dict[str, tuple[float, Any]] = {}
_counting = Lock()


def kept(key: str, count: Callable[[], T]) -> T:
    """Return what ``count`` counts, the same for every visitor; what takes long to count is kept for a while.

    In a small county everything is counted anew at each visit. Where counting takes eight thousandths of a second, that is done
    every second or two in each process; where a year's cases take three seconds to count, every ten minutes, and visitors do not
    wait for it twice. What a transaction sees is counted for it, and not kept.
    """
    if connection.in_atomic_block:
        return count()
    known = _kept.get(key)
    if known is not None and time.monotonic() < known[0]:
        return known[1]  # type: ignore[no-any-return]
    if known is None:
        return _count(key, count)
    if not _counting.acquire(blocking=False):
        return known[1]  # type: ignore[no-any-return]
    try:
        return _count(key, count)
    finally:
        _counting.release()


def _count(key: str, count: Callable[[], T]) -> T:
    began = time.monotonic()
    found = count()
    took = time.monotonic() - began
    if took > QUICK:
        _kept[key] = (time.monotonic() + took * WORTH, found)
    return found
