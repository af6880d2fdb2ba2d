"""One supervisor for one home: a lock that the kernel gives back however its holder ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

__all__ = ["HomeTaken", "take"]


class HomeTaken(RuntimeError):
    """Another supervisor runs in this home."""


def take(home: Path) -> IO[str]:
    """Take the home; keep the returned file open for as long as it is needed. Raises HomeTaken."""
    path = home / "run" / "supervisor.pid"
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip()
        file.close()
        raise HomeTaken(f"another tongban (process {holder}) runs in {home}") from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file
