"""The local certificate authority: a root and one leaf for the institution, made at the first start.

Both are EC P-256 keys under ``TONGBAN_HOME/secrets/ca`` (readable by the owner only). They prove that a file came from this
installation and was not changed since; they give no legal effect, and say so in the subject's name. A real installation
puts its own certificate and key in the same places. Several machines share the directory.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

__all__ = ["Authority", "ensure_ca"]

ROOT_YEARS = 20
LEAF_YEARS = 10
LABEL = "演示印章 无法律效力 demo seal, no legal effect"


@dataclass(frozen=True, slots=True)
class Authority:
    """Where root, leaf and the leaf's key lie (PEM)."""

    root: Path
    leaf: Path
    key: Path


def ensure_ca(*, at: datetime | None = None) -> Authority:
    """Return the installation's authority; make it when there is none. Safe when several processes start at once.

    ``at`` is the real moment of making: certificates live in real time, not in the demo's.
    """
    folder = Path(settings.TONGBAN_HOME) / "secrets" / "ca"
    authority = Authority(root=folder / "root.pem", leaf=folder / "leaf.pem", key=folder / "leaf.key")
    if authority.leaf.exists():
        return authority
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not authority.leaf.exists():
            _make(authority, at or datetime.now(UTC))
    return authority


def _make(authority: Authority, at: datetime) -> None:
    """Make both key pairs. The root's key signs the leaf and is then forgotten: nothing else is ever to be signed by it."""
    since = at - timedelta(days=1)
    root_key = ec.generate_private_key(ec.SECP256R1())
    root_name = _name("Tongban local root")
    root = (
        _builder(root_name, root_name, root_key.public_key(), since, ROOT_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    leaf_key = ec.generate_private_key(ec.SECP256R1())
    leaf = (
        _builder(_name("Tongban institution"), root_name, leaf_key.public_key(), since, LEAF_YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(leaf_key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
        )
        .sign(root_key, hashes.SHA256())
    )
    _write(authority.root, root.public_bytes(serialization.Encoding.PEM))
    _write(
        authority.key,
        leaf_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    _write(
        authority.leaf, leaf.public_bytes(serialization.Encoding.PEM)
    )  # last: its presence says "complete"


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, since: datetime, years: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=366 * years))
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, LABEL),
        ]
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=not certificates,  # "non-repudiation": what a signature under a paper means
        key_cert_sign=certificates,
        crl_sign=certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)
