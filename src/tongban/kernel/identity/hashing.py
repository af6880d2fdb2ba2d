"""The threat: each check of a password takes 100 MB and a core for a moment, on purpose. Thirty at once take the machine.

The remedy: two at a time on one machine, whichever process asks; the others wait a little, then are told to come again. Whoever
asks for an account that does not exist waits the same, because Django hashes what was typed all the same.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

from tongban.base.errors import Busy

__all__ = ["AT_ONCE", "PatientArgon2Hasher", "turn"]

AT_ONCE = 2
PATIENCE = 8.0
"""Seconds that somebody waits for a turn: some hundred people who come at the same moment."""
GLANCE = 0.01
_here = threading.BoundedSemaphore(AT_ONCE)


@contextlib.contextmanager
def turn(patience: float = PATIENCE) -> Iterator[None]:
    """Wait for one of the two turns of this machine. Raises Busy."""
    end = time.monotonic() + patience
    if not _here.acquire(timeout=patience):
        raise Busy(retry_after=5)
    try:
        held = _slot(end)
        try:
            yield
        finally:
            os.close(held)  # gives the lock back; so does the kernel when the process dies
    finally:
        _here.release()


def _slot(end: float) -> int:
    """Return a handle on which the lock of a slot is held, shared by all processes of this machine."""
    directory = Path(settings.TONGBAN_LOCAL) / "run"
    directory.mkdir(parents=True, exist_ok=True)
    while True:
        for number in range(AT_ONCE):
            handle = os.open(
                directory / f"password-{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
            except BaseException:
                os.close(handle)
                raise
            else:
                return handle
        if time.monotonic() > end:
            raise Busy(retry_after=5)
        time.sleep(GLANCE)


class PatientArgon2Hasher(Argon2PasswordHasher):
    """Argon2id, two at a time."""

    def encode(self, password: str, salt: str, *args: Any, **kwargs: Any) -> str:
        with turn():
            return super().encode(password, salt, *args, **kwargs)

    def verify(self, password: str, encoded: str) -> bool:
        with turn():
            return super().verify(password, encoded)
