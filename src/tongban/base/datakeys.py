"""Data keys as they lie in files and variables. Light: settings read them before anything else is there."""

from __future__ import annotations

from pathlib import Path

__all__ = ["ALGORITHMS", "KEY_FILE", "MOST", "keys_in", "read_keys"]

ALGORITHMS = {"aes-gcm": 1, "sm4-gcm": 2}
KEY_FILE = "data-key-"
SHORTEST_KEY = 32
"""Characters of a data key; they are random."""
MOST = 2**16 - 1
"""The highest number a data key may have."""


def keys_in(directory: Path) -> dict[int, str]:
    """Return the data keys that lie in a directory of secrets, by number."""
    found = {}
    for file in directory.glob(f"{KEY_FILE}*"):
        number = file.name.removeprefix(KEY_FILE)
        if number.isdecimal() and 1 <= int(number) <= MOST:
            found[int(number)] = file.read_text().strip()
    return found


def read_keys(text: str) -> dict[int, str]:
    """Read data keys from ``2:material,1:material``. Raises ValueError, which never repeats the material."""
    keys: dict[int, str] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        number, _, material = part.partition(":")
        if not number.isdecimal() or not 1 <= int(number) <= MOST or len(material) < SHORTEST_KEY:
            raise ValueError(f"a data key is NUMBER:KEY, the key of at least {SHORTEST_KEY} characters")
        if int(number) in keys:
            raise ValueError(f"data key {number} is given twice")
        keys[int(number)] = material
    return keys
