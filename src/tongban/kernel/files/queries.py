"""Reads of files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.statements import Statement
from tongban.kernel.files import policies
from tongban.kernel.files.errors import FileNotFound
from tongban.kernel.files.models import File, FileUse
from tongban.kernel.files.storage import storage

__all__ = ["FileView", "file_for", "files_by_ref", "files_of", "open_file", "read_file"]


@dataclass(frozen=True, slots=True)
class FileView:
    """A file in one of its uses, as lists show it."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    role: str
    at: datetime
    kind: str


def files_of(ref: Ref, role: str | None = None) -> list[FileView]:
    """Return the present files of something, oldest first; of one role or of all."""
    views = [_view(use) for use in _USES.all(kind=ref.kind, pk=ref.id)]
    return [view for view in views if role is None or view.role == role]


_USES = Statement(
    lambda kind, pk: (
        FileUse.objects.filter(ref_kind=kind, ref_id=pk, removed_at__isnull=True)
        .select_related("file")
        .order_by("at", "id")
    )
)


def files_by_ref(refs: Iterable[Ref], role: str | None = None) -> dict[Ref, list[FileView]]:
    """Return the present files of several things of one or more kinds; one query a kind."""
    found: dict[Ref, list[FileView]] = {}
    by_kind: dict[str, list[str]] = {}
    for ref in refs:
        by_kind.setdefault(ref.kind, []).append(ref.id)
    for kind, ids in by_kind.items():
        uses = FileUse.objects.filter(ref_kind=kind, ref_id__in=ids, removed_at__isnull=True)
        if role is not None:
            uses = uses.filter(role=role)
        for use in uses.select_related("file").order_by("at", "id"):
            found.setdefault(Ref(kind, use.ref_id), []).append(_view(use))
    return found


def open_file(file_id: UUID) -> BinaryIO:
    """Open the bytes. No policy is asked: for callers that checked their own. Raises FileNotFound."""
    file = File.objects.filter(pk=file_id).first()
    if file is None:
        raise FileNotFound
    try:
        return storage().open(file.sha256)
    except FileNotFoundError:
        raise FileNotFound from None


def read_file(file_id: UUID) -> bytes:
    """Return the bytes. Raises FileNotFound."""
    with open_file(file_id) as stream:
        return stream.read()


def file_for(actor: Actor, file_id: UUID) -> File:
    """Return the file when the actor may read it. Raises FileNotFound: who may not know of it learns nothing."""
    file = File.objects.filter(pk=file_id).first()
    if file is None or not policies.can_read(actor, file):
        raise FileNotFound
    return file


def _view(use: FileUse) -> FileView:
    file = use.file
    return FileView(
        id=file.id,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        role=use.role,
        at=use.at,
        kind=file.kind,
    )
