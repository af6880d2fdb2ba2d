"""Sealing single values (identity numbers, telephone numbers) so that a copy of the database does not tell them. No Django here.

An envelope is bytes:

    version 1 | algorithm 1 | key 2 | nonce 12 | ciphertext | tag 16

AES-256-GCM or SM4-GCM (RFC 8998), whichever the installation was told to use; what is there stays readable under the other and
under earlier keys. The envelope is bound to its *place* (table, column, row) as additional data: put into another row or column
it does not open.

Nonces are not drawn but made from place and text by HMAC under a key of their own, as SIV does. Two different texts get the
same nonce no sooner than with random ones (2^-96); the same text in the same place gives the same bytes, so that bringing data
a second time changes nothing. All that this tells is that a value stayed what it was, where it was.

To find a value without opening any, there is its *blind*: an HMAC of the normalised value under a key of the column, SHA-256 or
SM3. Only who has the key can try numbers.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tongban.base.datakeys import ALGORITHMS

__all__ = ["BLINDS", "Keyring", "NotOpened", "UnknownKey", "head_of", "normal"]

VERSION = 1
BLINDS = {"aes-gcm": b"\x01", "sm4-gcm": b"\x02"}
"""With which mark the blind of an algorithm's family begins: HMAC-SHA-256 beside AES, HMAC-SM3 beside SM4."""
_HASHES = {b"\x01": "sha256", b"\x02": "sm3"}
_HEAD = struct.Struct(">BBH")
NONCE, TAG = 12, 16


class NotOpened(Exception):
    """An envelope does not open: it was changed, is of another place, or is none."""


class UnknownKey(NotOpened):
    """An envelope was sealed under a key that is not here."""


def head_of(sealed: bytes) -> tuple[int, int]:
    """Return algorithm and key of an envelope. Raises NotOpened for what is none."""
    if len(sealed) < _HEAD.size + NONCE + TAG:
        raise NotOpened("too short for an envelope")
    version, algorithm, key = _HEAD.unpack_from(sealed)
    if version != VERSION or algorithm not in ALGORITHMS.values():
        raise NotOpened(f"no envelope of this program: version {version}, algorithm {algorithm}")
    return algorithm, key


def normal(value: str) -> str:
    """Return a value as it is compared: without spaces around it, in capitals."""
    return value.strip().upper()


@dataclass(frozen=True, slots=True)
class _Box:
    """One data key used with one algorithm."""

    seal: Callable[[bytes, bytes, bytes], bytes]
    open: Callable[[bytes, bytes, bytes], bytes]
    nonce_key: bytes


def _part(material: str, use: str) -> bytes:
    """Derive an independent key for one use from random material (the expansion of HKDF, one block)."""
    return hmac.digest(material.encode(), b"tongban data key|" + use.encode() + b"\x01", "sha256")


@lru_cache(maxsize=64)
def _box(algorithm: int, material: str) -> _Box:
    nonce_key = _part(material, f"nonce {algorithm}")
    if algorithm == ALGORITHMS["aes-gcm"]:
        aes = AESGCM(_part(material, "aes-256"))
        return _Box(aes.encrypt, aes.decrypt, nonce_key)
    key = algorithms.SM4(_part(material, "sm4-128")[:16])
    return _Box(
        lambda nonce, text, place: sm4_seal(key, nonce, text, place),
        lambda nonce, sealed, place: sm4_open(key, nonce, sealed, place),
        nonce_key,
    )


def sm4_seal(key: algorithms.SM4, nonce: bytes, text: bytes, place: bytes) -> bytes:
    """Return ciphertext and tag of SM4-GCM."""
    work = Cipher(key, modes.GCM(nonce)).encryptor()
    work.authenticate_additional_data(place)
    return work.update(text) + work.finalize() + work.tag


def sm4_open(key: algorithms.SM4, nonce: bytes, sealed: bytes, place: bytes) -> bytes:
    """Return the text of SM4-GCM. Raises InvalidTag."""
    work = Cipher(key, modes.GCM(nonce, sealed[-TAG:])).decryptor()
    work.authenticate_additional_data(place)
    return work.update(sealed[:-TAG]) + work.finalize()


class Keyring:
    """The keys of an installation: seals under the newest data key, opens under any, blinds."""

    def __init__(self, *, keys: Mapping[int, str], algorithm: str, blind_key: str) -> None:
        if not keys:
            raise ValueError("there is no data key")
        self.keys = dict(keys)
        self.algorithm = algorithm
        self.current = max(keys)
        self.mark = BLINDS[algorithm]
        self.head = _HEAD.pack(VERSION, ALGORITHMS[algorithm], self.current)
        """How an envelope begins that need not be sealed anew."""
        self._blind_key = blind_key
        self._blind_keys: dict[str, bytes] = {}
        self._every: list[Callable[..., bytes]] = []
        self._sealing = _box(ALGORITHMS[algorithm], self.keys[self.current])

    def seal(self, text: str, *, place: bytes) -> bytes:
        """Return the envelope of a text in its place."""
        box, plain, bound = self._sealing, text.encode(), self.head + place
        nonce = hmac.digest(box.nonce_key, struct.pack(">I", len(bound)) + bound + plain, "sha256")[:NONCE]
        return self.head + nonce + box.seal(nonce, plain, bound)

    def every_seal(self) -> list[Callable[..., bytes]]:
        """Return ``seal`` under each key and algorithm, that of today first: how a text may have been sealed."""
        if not self._every:
            others = [
                Keyring(keys={key: self.keys[key]}, algorithm=algorithm, blind_key=self._blind_key)
                for key in sorted(self.keys, reverse=True)
                for algorithm in ALGORITHMS
            ]
            self._every = [self.seal, *(each.seal for each in others if each.head != self.head)]
        return self._every

    def open(self, sealed: bytes, *, place: bytes) -> str:
        """Return the text of an envelope in its place. Raises NotOpened, UnknownKey."""
        algorithm, key = head_of(sealed)
        if key not in self.keys:
            raise UnknownKey(f"data key {key} is not here")
        start = _HEAD.size
        try:
            plain = _box(algorithm, self.keys[key]).open(
                sealed[start : start + NONCE], sealed[start + NONCE :], sealed[:start] + place
            )
        except InvalidTag:
            raise NotOpened("the envelope was changed or is of another place") from None
        return plain.decode()

    def blind(self, value: str, *, column: str) -> bytes:
        """Return what a value is found by in its column: a mark of the algorithm and 32 bytes."""
        return self._blinded(value, column, self.mark)

    def blinds(self, value: str, *, column: str) -> list[bytes]:
        """Return all by which a value may stand there, its own algorithm's first: others stay until all was sealed anew."""
        others = [mark for mark in _HASHES if mark != self.mark]
        return [self._blinded(value, column, mark) for mark in (self.mark, *others)]

    def _blinded(self, value: str, column: str, mark: bytes) -> bytes:
        key = self._blind_keys.get(column)
        if key is None:
            key = hmac.digest(self._blind_key.encode(), b"tongban blind|" + column.encode(), "sha256")
            self._blind_keys[column] = key
        return mark + hmac.digest(key, normal(value).encode(), _HASHES[mark])
