"""What the home page shows, gathered from the registries."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from tongban.base.actor import Actor
from tongban.base.registry import Registry
from tongban.base.text import LocalizedText
from tongban.design import home
from tongban.design.navigation import address

__all__ = ["HomePage", "home_page"]

_SHOWN_FIGURES = 4
_SHOWN_SUGGESTIONS = 4
T = TypeVar("T")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Section:
    """A block with its facts, ready to be drawn."""

    key: str
    template: str
    block: Any
    half: bool


@dataclass(frozen=True, slots=True)
class Quick:
    """A quick link whose page exists."""

    label: LocalizedText
    note: LocalizedText
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """Everything on the home page."""

    quick: Sequence[Quick]
    suggestions: Sequence[home.Suggestion]
    sections: Sequence[Section]
    halves: Sequence[Section]
    figures: Sequence[home.Figure]


def home_page(*, actor: Actor, at: datetime, senior: bool) -> HomePage:
    """Gather the home page for this visitor; in the edition for elders only blocks made for it."""
    sections = _sections(actor=actor, at=at, senior=senior)
    return HomePage(
        quick=[
            Quick(link.label, link.note, url, link.icon)
            for link in sorted(home.quick_links, key=lambda link: link.order)
            if (url := address(link.url_name))
        ],
        suggestions=_asked(home.suggestion_providers, at)[:_SHOWN_SUGGESTIONS],
        sections=[section for section in sections if not section.half],
        halves=[section for section in sections if section.half],
        figures=[] if senior else _asked(home.figure_providers, at)[:_SHOWN_FIGURES],
    )


def _sections(*, actor: Actor, at: datetime, senior: bool) -> list[Section]:
    sections = []
    for block in sorted(home.home_blocks, key=lambda block: block.order):
        template = block.senior_template if senior else block.template
        facts = _safely(block.key, partial(block.context, actor, at)) if template else None
        if facts is not None:
            sections.append(Section(block.key, template, facts, half=block.half and not senior))
    return sections


def _asked(providers: Registry[Callable[[datetime], Sequence[T]]], at: datetime) -> list[T]:
    found: list[T] = []
    names = providers.keys()
    for name in names:
        found += _safely(name, partial(providers.get(name), at)) or ()
    return found


def _safely(key: str, ask: Callable[[], T]) -> T | None:
    """Ask a module; a failing one costs its own section, never the home page."""
    try:
        return ask()
    except Exception:
        logger.exception("home page: %s failed and was left out", key)
        return None
