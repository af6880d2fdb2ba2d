"""Blind keys: what lets one find the acts about a person without writing down who the person is.

The threat: whoever copies the ledger must not learn whose data was read. A plain hash of an identity number
is guessed by trying all numbers, therefore it is an HMAC under a key that does not live in the database.
"""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

__all__ = ["blind"]


def blind(value: str) -> bytes:
    """Return the 32-byte blind key of an identity number or credit code, whatever its case and spaces."""
    return hmac.new(
        settings.TONGBAN_BLIND_KEY.encode(), value.strip().upper().encode(), hashlib.sha256
    ).digest()
