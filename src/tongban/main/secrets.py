"""Secrets that an installation makes for itself at its first start: one file each, readable by its owner only."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tongban.base.datakeys import KEY_FILE, MOST, keys_in

__all__ = ["add_data_key", "data_keys", "obtain"]


def obtain(home: Path, name: str) -> str:
    """Return the secret ``name`` of this installation; make it when there is none. Safe against two processes at once."""
    path = home / "secrets" / name
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{name}.", delete=False) as draft:
        draft.write(secrets.token_urlsafe(48) + "\n")
    # A hard link appears whole or not at all, and fails when another process was first.
    with contextlib.suppress(FileExistsError):
        os.link(draft.name, path)
    Path(draft.name).unlink()
    return path.read_text().strip()


def data_keys(home: Path, *, given: Mapping[int, str] | None = None, blind_key: str = "") -> dict[int, str]:
    """Return the data keys of this installation by number, those that were ``given`` and those that lie here.

    Where there is none, the first is made; or derived, where the environment gave the blind key: then several machines share
    this installation, and all must have the same.
    """
    found = {**keys_in(home / "secrets"), **(given or {})}
    if blind_key and 1 not in found:
        found[1] = hmac.digest(blind_key.encode(), b"tongban data key 1", "sha256").hex()
    return found or {1: obtain(home, f"{KEY_FILE}1")}


def add_data_key(home: Path) -> int:
    """Make a data key with the next number and return that. What is sealed from now on is sealed under it."""
    number = max(data_keys(home)) + 1
    if number > MOST:
        raise ValueError("there are no more numbers for data keys")
    obtain(home, f"{KEY_FILE}{number}")
    return number
