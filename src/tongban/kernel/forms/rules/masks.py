"""Personal values as they are shown to those who need not see them whole."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["KINDS", "mask"]


def _middle(text: str, head: int, tail: int) -> str:
    if len(text) <= head + tail:
        return text[:1] + "*" * (len(text) - 1)
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]


def _name(text: str) -> str:
    # 李秀英 -> 李*英, 李英 -> 李*, 买买提·吐尔逊 -> 买*****逊
    return text[:1] + "*" if len(text) == 2 else _middle(text, 1, 1)


def _email(text: str) -> str:
    name, at, domain = text.partition("@")
    return f"{name[:1]}***{at}{domain}" if at else _middle(text, 1, 0)


def _address(text: str) -> str:
    # Street stays, the door is hidden: enough to recognise one's own address, not enough to find it.
    keep = max(len(text) - 6, len(text) // 2)
    return text[:keep] + "*" * (len(text) - keep)


KINDS: dict[str, Callable[[str], str]] = {
    "name": _name,
    "id": lambda text: _middle(text, 6, 4),
    "phone": lambda text: _middle(text, 3, 4),
    "email": _email,
    "address": _address,
    "all": lambda text: "*" * len(text),
}
"""How much of a value is hidden: names keep their ends, ID numbers the first six and the last four."""


def mask(text: str, kind: str) -> str:
    """Return ``text`` with its private part hidden; unchanged when ``kind`` is ""."""
    return KINDS[kind](text) if kind and text else text
