"""How a lower module learns of things above it: it owns a registry, the upper one registers in ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

__all__ = ["Registry", "UnknownEntry"]

T = TypeVar("T")


class UnknownEntry(LookupError):
    """Nothing is registered under that key. The message names the registry and the key."""


class Registry(Generic[T]):
    """Named things of one kind, in the order of their registration.

    Registering a key twice is an error, except with the very same object (Django may call ``ready`` twice in tests).
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._entries: dict[str, T] = {}

    def register(self, key: str, entry: T) -> T:
        """Add ``entry`` under ``key`` and return it. Raises ValueError when the key is taken by another."""
        if key in self._entries and self._entries[key] is not entry:
            raise ValueError(f"{self.name}: {key!r} is registered already")
        self._entries[key] = entry
        return entry

    def get(self, key: str) -> T:
        """Return the entry. Raises UnknownEntry."""
        try:
            return self._entries[key]
        except KeyError:
            raise UnknownEntry(f"{self.name}: nothing is registered as {key!r}") from None

    def find(self, key: str) -> T | None:
        """Return the entry or None."""
        return self._entries.get(key)

    def keys(self) -> list[str]:
        """Return all keys in order of registration."""
        return list(self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._entries.values()))

    def __len__(self) -> int:
        return len(self._entries)
