"""Whose business each page and operation is: one file a module.

A file names its module's addresses in these lists, as far as it has such:

- ``PUBLIC``: open to everybody, with an address at which a stranger gets an answer; ``PUBLIC_WRITES``: anybody may send these,
  they address nothing that exists;
- ``OWN``: shows or changes whatever is the caller's own, with the address to read it at, "" for one that only writes;
- ``MACHINES``: for programs that show a secret or a token, sign what they say, or run on this machine:
  apps/ops/tests/test_metrics.py, test_other_party.py and test_scim.py of apps/federation, and apps/fees/tests/test_paying.py ask
  as everybody else;
- ``probes``: the requests that address one thing, as its owner would send them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from tests.architecture.walk.probe import Probe, World

__all__ = ["MACHINES", "OWN", "PUBLIC", "PUBLIC_WRITES", "probes"]

FILES = tuple(import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))


def _gathered(name: str) -> dict[str, str]:
    """Return a list of all files; where it is of names only, without addresses."""
    found: dict[str, str] = {}
    for file in FILES:
        listed: Any = getattr(file, name, {})
        found |= listed if isinstance(listed, dict) else dict.fromkeys(listed, "")
    return found


PUBLIC: Mapping[str, str] = _gathered("PUBLIC")
PUBLIC_WRITES = frozenset(_gathered("PUBLIC_WRITES"))
OWN: Mapping[str, str] = _gathered("OWN")
MACHINES = frozenset(_gathered("MACHINES"))


def probes(w: World) -> Iterator[Probe]:
    """Yield the requests for the firm's things, each with a body that its owner would send."""
    for file in FILES:
        yield from getattr(file, "probes", lambda _: ())(w)
