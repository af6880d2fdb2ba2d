"""One request for one thing, and what the requests of the walk are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from tests.support.county import FORMER_FIRM_HEAD, County

OWNER = FORMER_FIRM_HEAD
"""The legal representative of the firm whose things the others try to reach."""
GO = frozenset({302})
"""The answer of a page that did what it was asked."""


@dataclass(frozen=True)
class Probe:
    """One request for one thing. ``owner`` gets one of ``answers``; ``before`` puts the thing into a state that allows it."""

    route: str
    url: str
    owner: str = OWNER
    method: str = "GET"
    body: Mapping[str, Any] = field(default_factory=dict)
    answers: frozenset[int] = frozenset({200})
    before: Callable[[], Any] | None = None

    @property
    def is_api(self) -> bool:
        return self.url.startswith("/api/")

    def __str__(self) -> str:
        return f"{self.route} ({self.method} {self.url})"


def operation(route: str, *, path: Mapping[str, Any], **more: Any) -> Probe:
    """Return the request for an operation of the API, named as in its description: ``GET /api/v1/things/{id}``."""
    method, _, template = route.partition(" ")
    return Probe(route, template.format(**path), method=method, **more)


@dataclass
class World:
    """The firm's things: a draft, a case at each place where somebody could reach in, a letter; with who tries to."""

    county: County
    draft: Any
    waiting: Any
    correcting: Any
    deciding: Any
    done: Any
    letter: Any
    facts: dict[str, Any]
    secrets: list[str]
    clients: dict[str, Client]
    tokens: dict[str, dict[str, str]]
    baseline: dict[str, str]

    @property
    def cases(self) -> list[Any]:
        """All cases in which somebody could reach."""
        return [self.draft, self.waiting, self.correcting, self.deciding, self.done, self.letter]
