"""What the applicant keeps already: offered for the materials of an application, told to officials with its worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.apps.services.models import Item
from tongban.apps.services.queries.application import MaterialView, item_of, materials_of
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.vaults import MaterialKind, Offer, Source, Wanted, find_vault
from tongban.kernel.cases import service as cases

__all__ = ["material_kinds", "offers_for", "owner_of", "sources_of", "tell_materials", "wanted_of"]

OWN = "applicant"
"""The source of a material that applicants make themselves."""


def owner_of(case: Any) -> Ref | None:
    """Return whose papers an application carries: the applicant's; None when nobody known applied."""
    applicant = next((party for party in case.parties.all() if party.role == "applicant"), None)
    if applicant is None:
        return None
    if applicant.entity_id is not None:
        return Ref.to("entity", applicant.entity_id)
    return Ref.to("person", applicant.person_id) if applicant.person_id is not None else None


def wanted_of(item: Item) -> dict[str, Wanted]:
    """Return what an item asks to be uploaded, by key, in the words of the vault."""
    return {
        m["key"]: Wanted(
            key=m["key"],
            name=LocalizedText.of(m["name"]),
            certificate=LocalizedText.of(m.get("certificate")),
            is_own=m["source"]["kind"] == OWN,
        )
        for m in item.materials
        if m.get("action", "upload") == "upload"
    }


def offers_for(
    actor: Actor, case: Any, item: Item, materials: Sequence[MaterialView], *, at: datetime
) -> Mapping[str, list[Offer]]:
    """Return by material what the applicant keeps that fits and is not in the application yet."""
    vault, owner = find_vault(), owner_of(case)
    if vault is None or owner is None:
        return {}
    wanted = wanted_of(item)
    asked = [wanted[m.key] for m in materials if m.is_upload]
    return vault.offers(actor=actor, owner=owner, wanted=asked, at=at)


def sources_of(
    case: Any, item: Item, materials: Sequence[MaterialView], *, at: datetime
) -> Mapping[UUID, Source]:
    """Return what each uploaded file of an application is worth."""
    vault, wanted = find_vault(), wanted_of(item)
    if vault is None:
        return {}
    own = {file.id: wanted[m.key].is_own for m in materials if m.is_upload for file in m.files}
    return vault.sources(case=case.ref, files=own, at=at)


def material_kinds() -> list[MaterialKind]:
    """Return every kind of material that items in force ask to be uploaded."""
    found: dict[str, MaterialKind] = {}
    for item in Item.objects.filter(is_in_force=True).exclude(form_key=""):
        for wanted in wanted_of(item).values():
            found.setdefault(wanted.key, MaterialKind(wanted.key, wanted.name, wanted.is_own))
    return list(found.values())


def tell_materials(case_id: str) -> Mapping[str, Any] | None:
    """Tell of the uploads of an application (``base.exchange``): whose they are, each with the key under which it was asked."""
    case = next(iter(cases.find_cases([UUID(case_id)])), None)
    if case is None or case.kind != "licence" or case.entry is None:
        return None
    item, owner = item_of(case), owner_of(case)
    wanted = wanted_of(item)
    return {
        "owner": str(owner) if owner is not None else None,
        "number": case.number,
        "unit_id": case.unit_id,
        "materials": [
            {
                "key": material.key,
                "name": material.name.zh,
                "is_own": wanted[material.key].is_own,
                "files": [{"id": str(file.id), "name": file.name} for file in material.files],
            }
            for material in materials_of(case, item)
            if material.is_upload
        ],
    }
