"""Moving what is stored to another storage: whole, compared, and as often as one likes. Rows know nothing of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from tongban.kernel.files.storage import Storage, Stored

__all__ = ["Moved", "move_stored"]

AT_ONCE, HANDS = 256, 8


@dataclass(slots=True)
class Moved:
    """What came about. ``damaged`` are digests under which the old storage has other bytes: they stay where they are."""

    copied: int = 0
    bytes: int = 0
    there: int = 0
    removed: int = 0
    damaged: list[str] = field(default_factory=list)


def move_stored(
    source: Storage, target: Storage, *, remove: bool = False, say: Callable[[Moved], None] = lambda _: None
) -> Moved:
    """Bring everything that ``target`` lacks into it and read each of it back; return how much that was.

    Safe while others write, and to be done again after it was broken off: what is there with the same size is left alone. With
    ``remove`` the old bytes go, each after those in the new place were read and compared. Raises FileStoreUnavailable.
    """
    done = Moved()
    with ThreadPoolExecutor(HANDS) as pool:
        pairs = _side_by_side(source, target)
        while some := list(islice(pairs, AT_ONCE)):
            brought = pool.map(lambda pair: _bring(source, target, pair[0], pair[1], remove), some)
            for stored, is_there, whole in brought:
                if not whole:
                    done.damaged.append(stored.sha256)
                    continue
                done.there += is_there
                done.copied += not is_there
                done.bytes += 0 if is_there else stored.size
                done.removed += remove and source.discard(stored.sha256, timedelta(0))
            say(done)
    return done


def _side_by_side(source: Storage, target: Storage) -> Iterator[tuple[Stored, bool]]:
    """Yield what the source has, each with whether the target seems to have it too. Both come in the order of the digests."""
    others = target.all()
    other = next(others, None)
    for each in source.all():
        while other is not None and other.sha256 < each.sha256:
            other = next(others, None)
        yield each, other is not None and (other.sha256, other.size) == (each.sha256, each.size)


def _bring(
    source: Storage, target: Storage, stored: Stored, is_there: bool, remove: bool
) -> tuple[Stored, bool, bool]:
    """Return the same with whether the target has it now whole. What was there is only read when the old one shall go."""
    if is_there and (not remove or _is_whole(target, stored.sha256)):
        return stored, True, True
    content = b"".join(source.blocks(stored.sha256))
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        return stored, False, False
    target.write(content)
    return stored, False, _is_whole(target, stored.sha256)


def _is_whole(store: Storage, sha256: str) -> bool:
    total = hashlib.sha256()
    for block in store.blocks(sha256):
        total.update(block)
    return total.hexdigest() == sha256
