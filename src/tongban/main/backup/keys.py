"""The keys of an installation in a copy: as they are, or sealed under a passphrase (scrypt, AES-256-GCM)."""

from __future__ import annotations

import io
import json
import os
import tarfile
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tongban.main import database
from tongban.main.backup.errors import BackupFault
from tongban.main.supervisor.postgres import SUPERUSER

__all__ = ["SEALED", "SHORTEST", "key_files", "passphrase_in", "seal", "unseal"]

SEALED = "secrets.sealed"
SHORTEST = 12
"""Characters of a passphrase."""
WORK = {"n": 2**17, "r": 8, "p": 1}
OWN_TO_A_SERVER = {SUPERUSER, database.OWNER_ROLE, database.APP_ROLE}
"""Passwords of the embedded database: a restored one gets its own."""


def key_files(secrets: Path) -> list[Path]:
    """Return the keys worth keeping, in order."""
    return sorted(
        file
        for file in secrets.rglob("*")
        if file.is_file()
        and not file.is_symlink()
        and str(file.relative_to(secrets)) not in OWN_TO_A_SERVER
        and not file.name.startswith(".")
    )


def passphrase_in(file: Path) -> str:
    """Return the first line of a file. Raises BackupFault when there is none or it is too short."""
    try:
        text = file.read_text("utf-8").split("\n", 1)[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupFault(f"the passphrase cannot be read: {error}") from None
    if len(text) < SHORTEST:
        raise BackupFault(f"the passphrase in {file} is shorter than {SHORTEST} characters")
    return text


def seal(secrets: Path, passphrase: str) -> bytes:
    """Return all keys as one sealed file."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for file in key_files(secrets):
            archive.add(file, str(file.relative_to(secrets)))
    salt, nonce = os.urandom(16), os.urandom(12)
    head = {"kdf": "scrypt", **WORK, "salt": _text(salt), "cipher": "AES-256-GCM", "nonce": _text(nonce)}
    line = json.dumps(head).encode()
    return line + b"\n" + AESGCM(_derive(passphrase, salt, **WORK)).encrypt(nonce, plain.getvalue(), line)


def unseal(sealed: bytes, passphrase: str, into: Path) -> None:
    """Write the keys of a sealed file into a directory. Raises BackupFault for a wrong passphrase or a changed file."""
    line, _, content = sealed.partition(b"\n")
    try:
        head = json.loads(line)
        work = {name: int(head[name]) for name in WORK}
        if work["n"] > 2**20 or work["r"] > 32 or work["p"] > 16:
            raise ValueError("more work than this program ever asks for")
        key = _derive(passphrase, b64decode(head["salt"]), **work)
        plain = AESGCM(key).decrypt(b64decode(head["nonce"]), content, line)
    except InvalidTag:
        raise BackupFault("this is not the passphrase of the keys (or they were changed)") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BackupFault(f"the sealed keys cannot be read: {error}") from None
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        archive.extractall(into, filter="data")


def _derive(passphrase: str, salt: bytes, *, n: int, r: int, p: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(passphrase.encode())


def _text(value: bytes) -> str:
    return b64encode(value).decode()
