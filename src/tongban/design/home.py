"""What modules put on the public home page. The registries stand here because applications do not know one
another.

Nothing on the home page is written by hand that could be untrue: a section appears when its module
registered it and has something to show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
    "quick_links",
    "register_block",
    "register_figures",
    "register_quick_link",
    "register_suggestions",
    "suggestion_providers",
]


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
