"""The signed words in a certificate's QR code, which anybody can check without a network. No Django.

The threat: a picture of a certificate is easily altered, and the place where it is shown may have no network. So the QR code
carries the essential words of the certificate and an ECDSA signature over them (P-256, SHA-256); who has the issuer's public
key, a small file that changes once in years, needs nothing else. What a signature cannot tell is what became of the
certificate afterwards: that is asked on line, with the address in the same QR code.

One text serves both: ``https://site/certificates/verify/CODE/#1.<payload>.<signature>``. What follows ``#`` never leaves the
device that scanned it. Payload and signature are base64url without padding; the payload is a JSON list::

    [key id, kind, identifier, number, name, holder, issuing organ, first day, last day]

``kind`` is 0 for a certificate and 1 for a copy, which has two more words: receiver and purpose. Days are numbers like
20311119, 0 for no end. The identifier lacks the root ``1.2.156.3005.2``. The signature is ``r || s`` (64 octets) over
``tongban-certificate-1:`` and the octets of the payload.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

__all__ = ["Checked", "QrUnreadable", "Words", "check", "jwk", "key_id", "keys_of_set", "sign"]

CONTEXT = b"tongban-certificate-1:"
VERSION = "1"
ROOT = "1.2.156.3005.2."
SIZE = 32
"""Octets of a coordinate of P-256."""
LONGEST = 4_000
"""No QR code holds more; longer texts are not even read."""


class QrUnreadable(ValueError):
    """The text is not one of our QR codes, or damaged."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the signature covers."""

    identifier: str
    number: str
    name: str
    holder: str
    organ: str
    valid_from: date
    valid_to: date | None
    receiver: str = ""
    purpose: str = ""

    @property
    def is_copy(self) -> bool:
        """True for a copy made for one receiver and purpose."""
        return bool(self.receiver or self.purpose)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check says: "genuine", "expired" (genuine, its last day is over), "unknown-key" or "forged"."""

    verdict: str
    words: Words
    kid: str


def key_id(key: ec.EllipticCurvePublicKey) -> str:
    """Return the short name of a public key: the beginning of its fingerprint."""
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()[:8]


def sign(words: Words, key: ec.EllipticCurvePrivateKey) -> str:
    """Return the signed text, without address: what follows ``#``."""
    kind = 1 if words.is_copy else 0
    said: list[Any] = [
        key_id(key.public_key()),
        kind,
        words.identifier.removeprefix(ROOT),
        words.number,
        words.name,
        words.holder,
        words.organ,
        _number(words.valid_from),
        _number(words.valid_to),
        *((words.receiver, words.purpose) if kind else ()),
    ]
    payload = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    r, s = decode_dss_signature(key.sign(CONTEXT + payload, ec.ECDSA(hashes.SHA256())))
    signature = r.to_bytes(SIZE, "big") + s.to_bytes(SIZE, "big")
    return ".".join((VERSION, _encode(payload), _encode(signature)))


def check(text: str, keys: Mapping[str, ec.EllipticCurvePublicKey], *, today: date) -> Checked:
    """Check a scanned text (the whole address or what follows ``#``) against public keys. Raises QrUnreadable."""
    kid, words, payload, signature = _read(text)
    key = keys.get(kid)
    if key is None:
        return Checked("unknown-key", words, kid)
    r, s = (int.from_bytes(half, "big") for half in (signature[:SIZE], signature[SIZE:]))
    try:
        key.verify(encode_dss_signature(r, s), CONTEXT + payload, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return Checked("forged", words, kid)
    is_over = words.valid_to is not None and today > words.valid_to
    return Checked("expired" if is_over else "genuine", words, kid)


def jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """Return a public key as a JSON Web Key (RFC 7517)."""
    numbers = key.public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "use": "sig",
        "kid": key_id(key),
        "x": _encode(numbers.x.to_bytes(SIZE, "big")),
        "y": _encode(numbers.y.to_bytes(SIZE, "big")),
    }


def keys_of_set(content: Mapping[str, Any]) -> dict[str, ec.EllipticCurvePublicKey]:
    """Return the keys of a downloaded key set by their ids. Raises QrUnreadable for anything else.

    The id is computed from the key, never believed.
    """
    try:
        points = [(_decode(each["x"]), _decode(each["y"])) for each in content["keys"]]
        keys = [
            ec.EllipticCurvePublicNumbers(
                int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1()
            ).public_key()
            for x, y in points
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise QrUnreadable("not a key set") from error
    return {key_id(key): key for key in keys}


def _read(text: str) -> tuple[str, Words, bytes, bytes]:
    if len(text) > LONGEST:
        raise QrUnreadable("too long")
    parts = text.strip().rpartition("#")[2].split(".")
    if len(parts) != 3 or parts[0] != VERSION:
        raise QrUnreadable("not one of our QR codes")
    try:
        payload, signature = _decode(parts[1]), _decode(parts[2])
        said = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise QrUnreadable("damaged") from error
    if len(signature) != 2 * SIZE:
        raise QrUnreadable("damaged")
    return (*_words(said), payload, signature)


def _words(said: Any) -> tuple[str, Words]:
    if not isinstance(said, list) or len(said) < 9 or said[1] not in (0, 1) or len(said) != 9 + 2 * said[1]:
        raise QrUnreadable("not one of our QR codes")
    texts = [*said[:1], *said[2:7], *said[9:]]
    if not _all(texts, lambda each: isinstance(each, str)) or not _all(said[7:9], lambda n: type(n) is int):
        raise QrUnreadable("not one of our QR codes")
    kid, identifier, number, name, holder, organ, *copy = texts
    first, last = _day(said[7]), _day(said[8])
    if first is None:
        raise QrUnreadable("not one of our QR codes")
    return kid, Words(ROOT + identifier, number, name, holder, organ, first, last, *copy)


def _all(values: Iterable[Any], holds: Callable[[Any], bool]) -> bool:
    return all(holds(value) for value in values)


def _number(day: date | None) -> int:
    return 0 if day is None else int(f"{day:%Y%m%d}")


def _day(number: int) -> date | None:
    try:
        return None if number == 0 else date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError as error:
        raise QrUnreadable("not one of our QR codes") from error


def _encode(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
