"""Pages of long lists without counting them: one row more than shown tells whether there is a next page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

__all__ = ["Page", "page_number", "paginate"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Sliceable(Protocol[T_co]):
    """A queryset or a list."""

    def __getitem__(self, part: slice, /) -> Iterable[T_co]: ...


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. ``{% pager page %}`` draws the links."""

    items: Sequence[T]
    number: int = 1
    has_next: bool = False

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def page_number(text: str | None) -> int:
    """Read ``?page=``; anything that is no positive number means the first page."""
    return max(1, int(text)) if text and text.isascii() and text.isdigit() and len(text) < 7 else 1


def paginate(rows: Sliceable[T], *, number: int = 1, size: int = 20) -> Page[T]:
    """Take one page out of an ordered queryset or list (one query, never a count)."""
    start = (number - 1) * size
    taken = list(rows[start : start + size + 1])
    return Page(items=taken[:size], number=number, has_next=len(taken) > size)
