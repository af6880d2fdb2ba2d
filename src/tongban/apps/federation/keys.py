"""The keys with which ID tokens are signed: files of the installation's home that only its owner may read, never rows.

Two kinds, because some systems know only one: RS256 and ES256. A new key signs from its making; the ones before stay in the
published set until nothing that they signed is valid any more. The name of a file is the key's id and says when it was made.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.conf import settings
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

__all__ = ["ALGORITHMS", "key_ids", "public_keys", "rotate", "sign", "verify"]

ALGORITHMS = ("RS256", "ES256")
KEPT = timedelta(days=7)
"""How long a key is published after a newer one signs: far longer than an ID token or a cache of keys lives."""
RSA_BITS = 3072
STAMP = "%Y%m%d%H%M%S"

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def sign(claims: dict[str, Any], *, algorithm: str, at: datetime) -> str:
    """Return a signed JWT; ``at`` is the machine's time, for the first key ever."""
    kid = key_ids(algorithm, at=at)[-1]
    return jwt.encode(claims, _read(_folder() / f"{kid}.pem"), algorithm=algorithm, headers={"kid": kid})


def verify(token: str, *, audience: str, issuer: str) -> dict[str, Any] | None:
    """Return the claims of an ID token of ours, also of one that expired (``id_token_hint``); None for anything else."""
    try:
        header = jwt.get_unverified_header(token)
        path = _folder() / f"{header.get('kid')}.pem"
        if header.get("alg") not in ALGORITHMS or path.name not in {p.name for p in _files(header["alg"])}:
            return None
        options: Any = {"verify_exp": False}
        return dict(
            jwt.decode(
                token,
                _read(path).public_key(),
                algorithms=[header["alg"]],
                audience=audience,
                issuer=issuer,
                options=options,
            )
        )
    except jwt.PyJWTError:
        return None


def public_keys(*, at: datetime) -> list[dict[str, Any]]:
    """Return all keys with which a token that is still valid may be signed, as JWK, without their private part."""
    return [
        {**_public(_folder() / f"{kid}.pem"), "use": "sig", "alg": algorithm, "kid": kid}
        for algorithm in ALGORITHMS
        for kid in reversed(key_ids(algorithm, at=at))
    ]


def key_ids(algorithm: str, *, at: datetime) -> list[str]:
    """Return the ids of the keys of an algorithm, the one that signs last; make the first when there is none."""
    found = _files(algorithm)
    if not found:
        with _locked():
            if not _files(algorithm):
                _make(algorithm, at)
        found = _files(algorithm)
    return [path.stem for path in found]


def rotate(*, at: datetime) -> list[str]:
    """Make new keys, forget those that nothing valid is signed with any more; return the ids of the new ones."""
    made = []
    with _locked():
        for algorithm in ALGORITHMS:
            before = _files(algorithm)
            made.append(_make(algorithm, at))
            for old, newer in pairwise(before):
                if at - _made_at(newer) > KEPT:
                    old.unlink()
    return made


def _folder() -> Path:
    return Path(settings.TONGBAN_HOME) / "secrets" / "oidc"


def _files(algorithm: str) -> list[Path]:
    return sorted(_folder().glob(f"{algorithm}-*.pem"))


def _made_at(path: Path) -> datetime:
    return datetime.strptime(path.stem.split("-")[1], STAMP).replace(tzinfo=UTC)


class _locked:  # noqa: N801 - reads as a statement
    """Only one process makes or forgets keys."""

    def __enter__(self) -> None:
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.file = (folder / ".lock").open("w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self.file.close()


def _make(algorithm: str, at: datetime) -> str:
    key: Key = (
        rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        if algorithm == "RS256"
        else ec.generate_private_key(ec.SECP256R1())
    )
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    kid = f"{algorithm}-{at.strftime(STAMP)}-{hashlib.sha256(der).hexdigest()[:8]}"
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with tempfile.NamedTemporaryFile("wb", dir=_folder(), prefix=".new.", delete=False) as draft:
        draft.write(pem)  # mkstemp: for the owner only
    os.replace(draft.name, _folder() / f"{kid}.pem")  # noqa: PTH105
    return kid


@lru_cache(maxsize=16)
def _read(path: Path) -> Key:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path.name} is no key for signing ID tokens")
    return key


@lru_cache(maxsize=16)
def _public(path: Path) -> dict[str, Any]:
    key = _read(path).public_key()
    text = RSAAlgorithm.to_jwk(key) if isinstance(key, rsa.RSAPublicKey) else ECAlgorithm.to_jwk(key)
    return dict(json.loads(text))
