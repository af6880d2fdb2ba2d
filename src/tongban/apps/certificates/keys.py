"""The keys of QR codes: the authority's private one signs, every public one that ever did is kept and given to anybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tongban.apps.certificates import qr
from tongban.apps.certificates.models import VerificationKey
from tongban.base.time import LOCAL
from tongban.kernel.files import service as files

__all__ = ["key_set", "public_keys", "sign_words"]


def sign_words(words: qr.Words, *, at: datetime) -> str:
    """Return the signed text of a QR code and remember the public key under which it can be checked."""
    key = _private_key()
    public = key.public_key()
    VerificationKey.objects.get_or_create(kid=qr.key_id(public), defaults={"pem": _pem(public), "since": at})
    return qr.sign(words, key)


def public_keys() -> dict[str, ec.EllipticCurvePublicKey]:
    """Return every key under which a QR code was signed, by its id; before the first one the key that will sign it."""
    kept = [_public(row.pem) for row in VerificationKey.objects.order_by("since", "kid")]
    return {qr.key_id(key): key for key in kept or [_private_key().public_key()]}


def key_set(*, issuer: str) -> dict[str, Any]:
    """Return the public keys as a JSON Web Key Set, to be downloaded while there is a network."""
    since = {row.kid: row.since.astimezone(LOCAL).date() for row in VerificationKey.objects.all()}
    keys = [
        {**qr.jwk(key), **({"since": since[kid].isoformat()} if kid in since else {})}
        for kid, key in public_keys().items()
    ]
    return {"issuer": issuer, "keys": keys}


def _private_key() -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(files.ensure_ca().key.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise TypeError("QR codes are signed with an EC key on P-256; the authority's key is another")
    return key


def _pem(key: ec.EllipticCurvePublicKey) -> str:
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def _public(pem: str) -> ec.EllipticCurvePublicKey:
    key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError("not an EC key")
    return key
