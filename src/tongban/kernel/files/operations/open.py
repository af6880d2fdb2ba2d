"""Opening a file: by policy, and an official's look at what a citizen handed in is an act."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.files.models import File
from tongban.kernel.files.policies import people_in
from tongban.kernel.files.queries import file_for
from tongban.kernel.ledger.service import READ, record

__all__ = ["PURPOSE", "open_for"]

PURPOSE = "files.handed_in"


def open_for(*, actor: Actor, file_id: UUID, at: datetime) -> File:
    """Return the file when the actor may read it. Raises FileNotFound.

    What people hand in is full of personal data (identity cards, health certificates): an official's reading of it is recorded
    before the answer, and where the owner of a use says whose papers they are, those see it among "who read about me". One's own
    files and papers made by the product need no act here.
    """
    file = file_for(actor, file_id)
    if not actor.is_official:
        return file
    people = people_in(file)
    if people or file.kind == File.Kind.UPLOAD:
        record(
            actor=actor,
            verb=READ if people else "files.read",
            subject=Ref.to("file", file.pk),
            reason=PURPOSE if people else "",
            fields=["handed_in"] if people else [],
            about=people,
            at=at,
            facts={"uses": sorted({f"{use.ref_kind}:{use.ref_id}" for use in file.uses.all()})},
        )
    return file
