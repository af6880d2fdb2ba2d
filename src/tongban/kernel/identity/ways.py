"""Ways to sign in besides name and password, which applications above offer on the sign-in page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tongban.base.text import LocalizedText

__all__ = ["SignInWay", "register_sign_in_ways", "sign_in_ways"]


@dataclass(frozen=True, slots=True)
class SignInWay:
    """One way: what its button says and where it leads."""

    key: str
    label: LocalizedText
    url: str


Source = Callable[[], Iterable[SignInWay]]
_sources: list[Source] = []


def register_sign_in_ways(source: Source) -> None:
    """Let ``source`` say, each time the page is shown, which ways there are. Call it in ``AppConfig.ready()``."""
    if source not in _sources:
        _sources.append(source)


def sign_in_ways() -> list[SignInWay]:
    """Return the ways there are now."""
    return [way for source in _sources for way in source()]
