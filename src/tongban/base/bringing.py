"""What a pack brings when it is installed again: what is new, and what it changed itself where nobody else did.

An office changes what a pack brought: in the studio, in the administration. So of every single thing two digests are kept
(``Brought``): of what the pack said of it, and of how it stood right after that. A pack that says the same once more has nothing
to do. One that says something else replaces only what still stands as a pack left it; the rest is the office's own, stays, and
is named in ``Pack.left``.

    bring(pack, "message", {row["key"]: row for row in rows}, standing=texts, put=put_text, at=at)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from tongban.base import editables, published
from tongban.base.errors import TongbanError
from tongban.base.models import Brought, BuiltIn
from tongban.base.packs import Pack

__all__ = ["bring", "digest_of", "unnamed"]

Standing = Callable[[Collection[str]], Mapping[str, Any]]
"""How things of these keys stand now, without what only counts (versions, times); a thing that is not there is left out."""

ABSENT = ""


class _NotTheSame(Exception):
    """What the pack says differs from what stands there."""


def bring(
    pack: Pack,
    kind: str,
    said: Mapping[str, Any],
    *,
    standing: Standing,
    put: Callable[[str], object],
    at: datetime,
) -> None:
    """Put what the pack says, by key, unless people changed it; runs in the section's transaction.

    ``put(key)`` goes through the module's door. Raises what it raises.
    """
    known = {row.key: row for row in Brought.objects.filter(kind=kind, key__in=said)}
    stands = _digests(standing(said))
    brought: list[str] = []
    for key, words in said.items():
        last, now = known.get(key), stands.get(key, ABSENT)
        is_as_left = now == (last.stood if last else ABSENT)
        if last is not None and last.said == digest_of(words):
            if not is_as_left:
                pack.leave(kind, key)
        elif is_as_left or (last is None and _is_as_built_in(kind, key)):
            put(key)
            brought.append(key)
        elif _says_the_same(key, now, standing=standing, put=put):
            brought.append(key)
        else:
            pack.leave(kind, key)
    if brought:
        _remember(pack, kind, said, brought, _digests(standing(brought)), at)


def _is_as_built_in(kind: str, key: str) -> bool:
    """Return whether a thing still stands as the program itself brought it: a pack may say something else of it."""
    row = BuiltIn.objects.filter(kind=kind, key=key).first()
    return row is not None and editables.editable(kind).versions(key)[0].version == row.version


def _says_the_same(key: str, now: str, *, standing: Standing, put: Callable[[str], object]) -> bool:
    """Return whether putting it would change nothing: then the pack and the office agree. Otherwise nothing is changed."""
    try:
        with transaction.atomic():
            put(key)
            if _digests(standing([key])).get(key, ABSENT) != now:
                raise _NotTheSame
    except (_NotTheSame, TongbanError):  # an office may have closed what the pack would change
        published.forget()
        return False
    return True


def _remember(
    pack: Pack,
    kind: str,
    said: Mapping[str, Any],
    keys: Collection[str],
    stands: Mapping[str, str],
    at: datetime,
) -> None:
    rows = [
        Brought(
            kind=kind,
            key=key,
            pack=pack.key,
            said=digest_of(said[key]),
            stood=stands.get(key, ABSENT),
            at=at,
        )
        for key in keys
    ]
    Brought.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["kind", "key"],
        update_fields=["pack", "said", "stood", "at"],
    )


def _digests(things: Mapping[str, Any]) -> dict[str, str]:
    return {key: digest_of(thing) for key, thing in things.items()}


def digest_of(value: Any) -> str:
    """Return a digest that is the same for the same content, whatever the order of its keys.

    >>> digest_of({"a": 1, "b": [2]}) == digest_of({"b": (2,), "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(_plain(value), sort_keys=True).encode()).hexdigest()


def unnamed(*words: str) -> str:
    """Return a key that does not say whose it is: a number that names a person is kept nowhere beside the person.

    >>> len(unnamed("532399198511040283"))
    64
    """
    return digest_of(words)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return _plain(value.as_json()) if hasattr(value, "as_json") else str(value)
