"""Our secrets at other authorities: files of the installation's home that only its owner may read. Never in the database."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from django.conf import settings

__all__ = ["keep_secret", "secret_of"]


def secret_of(key: str) -> str:
    """Return our secret at an authority, empty when none was given."""
    with contextlib.suppress(FileNotFoundError):
        return _path(key).read_text().strip()
    return ""


def keep_secret(key: str, secret: str) -> None:
    """Write our secret at an authority, whole or not at all."""
    path = _path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
        draft.write(secret.strip() + "\n")  # mkstemp: for the owner only
    os.replace(draft.name, path)  # noqa: PTH105


def _path(key: str) -> Path:
    return Path(settings.TONGBAN_HOME) / "secrets" / f"province-{key}"
