"""The API of the vault: what I keep, or what an entity keeps that I represent. The same doors as the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from tongban.apps.vault import service as vault
from tongban.apps.vault.errors import MaterialNotFound
from tongban.base.actor import Actor
from tongban.base.time import now
from tongban.kernel.files import service as files
from tongban.kernel.identity.api import Bearer

__all__ = ["router"]

router = Router(tags=["vault"])


class Text(Schema):
    """A text in both languages."""

    zh: str
    en: str


class OwnerOut(Schema):
    """Whose vault: "person:<id>" or "entity:<id>", and the name."""

    of: str
    name: str


class HeldOut(Schema):
    """A certificate as its register has it today (grade A). ``offer`` is what an application chooses it by."""

    offer: str
    name: str
    number: str
    valid_to: date | None
    status: str


class MaterialOut(Schema):
    """A material that is kept: grade B checked by an organ, C uploaded, D made by the owner."""

    id: UUID
    offer: str
    kind: str
    name: str
    grade: str
    source: Text
    valid_to: date | None
    expired: bool
    added_at: datetime
    uses: int


class VaultOut(Schema):
    """The vault of one owner, and whose the caller may open by ``of``."""

    of: str
    owners: list[OwnerOut]
    certificates: list[HeldOut]
    materials: list[MaterialOut]


class CopyIn(Schema):
    """For whom a copy is, and what for: at most 30 characters each."""

    receiver: str
    purpose: str


class MaterialCopyOut(Schema):
    """A copy that says on every page for whom and what for."""

    id: UUID
    receiver: str
    purpose: str
    made_at: datetime


class MaterialIn(Schema):
    """What is kept: ``kind`` is the key of a material that services ask for, "" for something else. Who made it himself
    (``own``) ``promises`` that it is true.
    """

    of: str = ""
    kind: str = ""
    name: str = ""
    own: bool = False
    promises: bool = False
    valid_to: date | None = None


@router.get("/vault", response=VaultOut, auth=Bearer(), summary="My documents")
def open_vault(request: HttpRequest, of: str = "") -> dict[str, Any]:
    """Return what is kept: the caller's own, or with ``of`` ("entity:<id>") what an entity keeps that she represents."""
    page = vault.vault_page(request.actor, chosen=of, at=now())  # type: ignore[attr-defined]
    return {
        "of": str(page.owner.ref),
        "owners": [{"of": str(each.ref), "name": each.name} for each in page.owners],
        "certificates": [
            {
                "offer": f"c:{held.identifier}",
                "name": held.name,
                "number": held.number,
                "valid_to": held.valid_to,
                "status": held.status,
            }
            for held in page.certificates
        ],
        "materials": [_out(row) for group in page.groups for row in group.rows],
    }


@router.post("/vault/materials", response={201: MaterialOut}, auth=Bearer(), summary="Keep a document")
def keep_material(
    request: HttpRequest,
    body: Form[MaterialIn],
    file: UploadedFile = File(...),  # noqa: B008 (ninja's way)
) -> tuple[int, dict[str, Any]]:
    """Keep a file (multipart): PDF, JPEG, PNG or OFD by its bytes, at most 20 MB."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    at = now()
    kept = vault.keep_upload(
        actor=actor,
        owner=vault.vault_page(actor, chosen=body.of, at=at).owner.ref,
        kind=body.kind,
        name=body.name,
        is_own=body.own,
        promises=body.promises,
        valid_to=body.valid_to,
        upload=file,
        at=at,
    )
    return 201, _one(actor, kept.pk)


@router.get(
    "/vault/materials/{material_id}", response=MaterialOut, auth=Bearer(), summary="A document that I keep"
)
def get_material(request: HttpRequest, material_id: UUID) -> dict[str, Any]:
    """Return one material of the caller's."""
    return _one(request.actor, material_id)  # type: ignore[attr-defined]


@router.delete(
    "/vault/materials/{material_id}", response={204: None}, auth=Bearer(), summary="Remove a document"
)
def remove_material(request: HttpRequest, material_id: UUID) -> Status:
    """Take a material out of the vault, with its copies. What a case used stays with the case."""
    vault.remove_material(actor=request.actor, material_id=material_id, at=now())  # type: ignore[attr-defined]
    return Status(204, None)


@router.get(
    "/vault/materials/{material_id}/copies",
    response=list[MaterialCopyOut],
    auth=Bearer(),
    summary="Copies of a document",
)
def list_copies(request: HttpRequest, material_id: UUID) -> list[dict[str, Any]]:
    """Return the copies that were made of a material, the newest first."""
    found = vault.one_page(request.actor, material_id, at=now())  # type: ignore[attr-defined]
    return [_copy_out(copy) for copy in found.copies]


@router.post(
    "/vault/materials/{material_id}/copies",
    response={201: MaterialCopyOut},
    auth=Bearer(),
    summary="Make a copy of a document for a purpose",
)
def make_copy(request: HttpRequest, material_id: UUID, body: CopyIn) -> tuple[int, dict[str, Any]]:
    """Make a copy that says on every page for whom and what for; the original is not touched."""
    made = vault.make_copy(
        actor=request.actor,  # type: ignore[attr-defined]
        material_id=material_id,
        receiver=body.receiver,
        purpose=body.purpose,
        at=now(),
    )
    return 201, _copy_out(made)


@router.get("/vault/materials/{material_id}/copies/{copy_id}/pdf", auth=Bearer(), summary="The PDF of a copy")
def get_copy_pdf(request: HttpRequest, material_id: UUID, copy_id: UUID) -> HttpResponse:
    """Return the PDF of a copy to the owner of the material."""
    found = vault.one_page(request.actor, material_id, at=now())  # type: ignore[attr-defined]
    copy = next((each for each in found.copies if each.pk == copy_id), None)
    if copy is None:
        raise MaterialNotFound
    return HttpResponse(
        files.read_file(copy.file_id),
        content_type="application/pdf",
        headers={"Cache-Control": "no-store"},
    )


def _one(actor: Actor, material_id: UUID) -> dict[str, Any]:
    return _out(vault.one_page(actor, material_id, at=now()).row)


def _out(row: Any) -> dict[str, Any]:
    material = row.material
    return {
        "id": material.pk,
        "offer": f"m:{material.pk}",
        "kind": material.kind,
        "name": material.name,
        "grade": row.grade,
        "source": row.source.as_json(),
        "valid_to": material.valid_to,
        "expired": row.is_expired,
        "added_at": material.added_at,
        "uses": row.uses,
    }


def _copy_out(copy: Any) -> dict[str, Any]:
    return {"id": copy.pk, "receiver": copy.receiver, "purpose": copy.purpose, "made_at": copy.made_at}
