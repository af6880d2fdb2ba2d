"""Opening a file: by policy, and an official's look at what a citizen handed in is an act."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.files.models import File
from tongban.kernel.files.queries import file_for
from tongban.kernel.ledger.service import record

__all__ = ["open_for"]


def open_for(*, actor: Actor, file_id: UUID, at: datetime) -> File:
    """Return the file when the actor may read it. Raises FileNotFound.

    What people hand in is full of personal data (identity cards, health certificates): an official's reading of it is recorded
    before the answer. One's own files and papers made by the product need no act here.
    """
    file = file_for(actor, file_id)
    if actor.is_official and file.kind == File.Kind.UPLOAD:
        record(
            actor=actor,
            verb="files.read",
            subject=Ref.to("file", file.pk),
            at=at,
            facts={"uses": sorted({f"{use.ref_kind}:{use.ref_id}" for use in file.uses.all()})},
        )
    return file
