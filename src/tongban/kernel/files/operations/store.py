"""Keeping files: from a person's upload, or made by the product."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.files import rules
from tongban.kernel.files.errors import FileDamaged, FileDangerous, FileEmpty, FileTooLarge, FileTypeRefused
from tongban.kernel.files.models import File, FileUse
from tongban.kernel.files.operations.holding import keep
from tongban.kernel.files.scanning import judge
from tongban.kernel.identity import service as identity

__all__ = ["add_use", "remove_use", "store_bytes", "store_upload"]

REFUSALS = {"type": FileTypeRefused, "damaged": FileDamaged, "dangerous": FileDangerous}
UPLOADS = identity.Quota("uploads", 400, 900)
"""Of one account in a quarter of an hour; those of strangers come with letters, which have limits of their own."""


def store_upload(*, actor: Actor, upload: UploadedFile, use: Ref, role: str, at: datetime) -> File:
    """Keep what a person uploaded, for ``use`` in ``role``.

    Raises TooManyRequests, FileTooLarge, FileEmpty, FileTypeRefused, FileDamaged, FileDangerous, FileInfected,
    FileNotScanned; then nothing was kept. Whether the actor may add to ``use`` is for the caller, who owns it, to check.
    """
    if actor.account_id is not None:
        UPLOADS.take(str(actor.account_id))
    limit = settings.MAX_UPLOAD_BYTES
    if (upload.size or 0) > limit:
        raise FileTooLarge(limit_bytes=limit)
    content = upload.read(limit + 1)  # never trust the size that was announced
    if len(content) > limit:
        raise FileTooLarge(limit_bytes=limit)
    if not content:
        raise FileEmpty
    name = rules.safe_name(upload.name or "")
    try:
        kind = rules.check_content(name, content)
    except rules.Refusal as refusal:
        raise REFUSALS[refusal.kind](reason=refusal.fact) from refusal
    judge(content, digest=hashlib.sha256(content).hexdigest(), actor=actor, use=use, at=at)
    return _store(
        name=name,
        media_type=kind.media_type,
        content=content,
        kind=File.Kind.UPLOAD,
        account_id=actor.account_id,
        use=use,
        role=role,
        at=at,
    )


def store_bytes(*, name: str, media_type: str, content: bytes, use: Ref, role: str, at: datetime) -> File:
    """Keep a file that the product made itself (a paper, a certificate)."""
    return _store(
        name=rules.safe_name(name),
        media_type=media_type,
        content=content,
        kind=File.Kind.RENDERED,
        account_id=None,
        use=use,
        role=role,
        at=at,
    )


def add_use(*, file_id: UUID, use: Ref, role: str, at: datetime, is_first: bool = False) -> FileUse:
    """Use a stored file for one thing more; whoever may read that thing may then read the file. Idempotent.

    ``is_first``: the thing is new, so it is not looked for whether it uses the file already.
    """
    if is_first:
        return work.add(FileUse(file_id=file_id, ref_kind=use.kind, ref_id=use.id, role=role, at=at))
    row, _ = FileUse.objects.get_or_create(
        file_id=file_id, ref_kind=use.kind, ref_id=use.id, role=role, removed_at=None, defaults={"at": at}
    )
    return row


def remove_use(*, file_id: UUID, use: Ref, role: str | None = None, at: datetime) -> int:
    """End the use of a file (in one role or all). The file stays; nobody reads it any more by this use."""
    rows = FileUse.objects.filter(file_id=file_id, ref_kind=use.kind, ref_id=use.id, removed_at__isnull=True)
    if role is not None:
        rows = rows.filter(role=role)
    return rows.update(removed_at=at)


def _store(
    *,
    name: str,
    media_type: str,
    content: bytes,
    kind: str,
    account_id: int | None,
    use: Ref,
    role: str,
    at: datetime,
) -> File:
    # Bytes first, rows second: when the transaction fails, bytes that nobody points to remain, which is harmless.
    with transaction.atomic():
        digest = keep(content)
        file = File.objects.create(
            name=name,
            media_type=media_type,
            size=len(content),
            sha256=digest,
            kind=kind,
            created_at=at,
            created_by_id=account_id,
        )
        FileUse.objects.create(file=file, ref_kind=use.kind, ref_id=use.id, role=role, at=at)
    return file
