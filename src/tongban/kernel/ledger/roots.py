"""The roots as they are published: lines of text, one a batch, the same on the page, in the file and on the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from tongban.kernel.ledger import rows
from tongban.kernel.ledger.sealing import Header

__all__ = ["newest_roots", "root_lines"]

AT_ONCE = 1_000


def root_lines(*, first: int = 1, last: int | None = None, limit: int | None = None) -> Iterator[str]:
    """Yield the lines from batch ``first`` on (of the newest ``last`` only), at most ``limit``."""
    newest = rows.last_header()
    if newest is None:
        return
    number = max(first, newest.number - last + 1) if last else first
    until = min(newest.number, number + limit - 1) if limit else newest.number
    while number <= until:
        headers = rows.headers_from(number, limit=min(AT_ONCE, until - number + 1))
        if not headers:
            return
        for header in headers:
            yield header.line()
        number = headers[-1].number + 1


def newest_roots(count: int) -> list[Header]:
    """Return the newest batches, the newest first."""
    newest = rows.last_header()
    if newest is None:
        return []
    return rows.headers_from(max(1, newest.number - count + 1), limit=count)[::-1]
