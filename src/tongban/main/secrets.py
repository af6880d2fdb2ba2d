"""Secrets that an installation makes for itself at its first start: one file each, readable by its owner only."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

__all__ = ["obtain"]


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
