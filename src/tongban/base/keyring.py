"""The keys of this installation, for whoever seals, opens or looks for a value."""

from __future__ import annotations

import threading
import time
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed

from tongban.base.cipher import Keyring, UnknownKey
from tongban.base.datakeys import keys_in

__all__ = ["forget_keys", "keyring", "open_text", "place_of"]

LOOK_AGAIN = 30.0
"""Seconds after which a process looks whether there is a newer key to seal under."""


class _Ring:
    """The keyring of this process, made anew when a newer key was added meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: tuple[Any, Keyring] | None = None
        self._looked = 0.0

    def get(self, *, afresh: bool = False) -> Keyring:
        made, now = self._made, time.monotonic()
        if made is None or afresh or now - self._looked > LOOK_AGAIN:
            with self._lock:
                self._looked = now
                keys = dict(settings.TONGBAN_DATA_KEYS)
                if settings.TONGBAN_DATA_KEYS_IN is not None:
                    keys |= keys_in(settings.TONGBAN_DATA_KEYS_IN)
                said = (keys, settings.TONGBAN_CIPHER, settings.TONGBAN_BLIND_KEY)
                if made is None or made[0] != said:
                    ring = Keyring(keys=keys, algorithm=said[1], blind_key=said[2])
                    made = self._made = (said, ring)
        return made[1]

    def forget(self) -> None:
        self._made = None


_ring = _Ring()


def keyring() -> Keyring:
    """Return the keys of this installation. A key added by ``tongban keys`` counts within half a minute, without a restart."""
    return _ring.get()


def forget_keys() -> None:
    """Make the keyring anew at its next use: settings or key files have changed."""
    _ring.forget()


def _setting_changed(*, setting: str, **_: Any) -> None:
    if setting.startswith("TONGBAN_"):
        forget_keys()


setting_changed.connect(_setting_changed)


def open_text(sealed: bytes, *, place: bytes) -> str:
    """Open an envelope; a key that is not known yet is looked for first. Raises NotOpened."""
    try:
        return keyring().open(sealed, place=place)
    except UnknownKey:
        return _ring.get(afresh=True).open(sealed, place=place)


def place_of(column: str, row: object) -> bytes:
    """Return the place of a value: ``table.column`` and what names its row for good."""
    return f"{column}|{row}".encode()
