"""Reads about one application: its item, its faults, its materials, the facts that go onto papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist

from tongban.apps.services import rules
from tongban.apps.services.errors import ApplicationNotFound, ItemNotFound
from tongban.apps.services.models import Item, ItemVersion
from tongban.base import published, work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.cases import service as cases
from tongban.kernel.decisions import service as decisions
from tongban.kernel.files import service as files
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity

__all__ = [
    "Fault",
    "MaterialView",
    "applicant_holder",
    "draft_of",
    "due_dates",
    "entry_id_of",
    "faults",
    "get_application",
    "get_item",
    "item_of",
    "locked_application",
    "materials_of",
    "missing_text",
    "paper_facts",
]

MATERIALS_PAGE = "materials"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is missing or wrong, with the page and the field where it is put right."""

    page: str
    field: str
    message: LocalizedText

    def as_json(self) -> dict[str, Any]:
        """Return the shape of a problem document's ``errors``."""
        return {"page": self.page, "field": self.field, "message": self.message.as_json()}


@dataclass(frozen=True, slots=True)
class MaterialView:
    """A material of this application: what it is, whether it must be uploaded, what was uploaded."""

    key: str
    name: LocalizedText
    hint: LocalizedText
    source: LocalizedText
    is_required: bool
    is_upload: bool
    files: list[Any]

    @property
    def is_missing(self) -> bool:
        """Return whether it is required and nothing was given."""
        return self.is_required and not self.files


def get_item(key: str) -> Item:
    """Return an item in force. Raises ItemNotFound."""
    item = _items.get(key)
    if item is None or not item.is_in_force:
        raise ItemNotFound(item=key)
    return item


def _load(key: str) -> Item | None:
    return Item.objects.select_related("unit").filter(key=key).first()


_items = published.Kept(("services_item", "identity_unit"), _load)
"""Shared by all requests: nobody changes an item that comes from here."""


def _load_version(named: tuple[str, int]) -> Item | None:
    key, number = named
    version = ItemVersion.objects.select_related("item", "unit").filter(item__key=key, version=number).first()
    return version.item.at_version(version) if version is not None else None


_versions = published.Kept(("services_item", "services_itemversion", "identity_unit"), _load_version)


def item_of(case: Any) -> Item:
    """Return the item of an application as it was when the application was made, whatever it has become since.

    A case that names no version was made before there were versions: it goes by the first.
    """
    item = _versions.get((case.subject_id, case.facts.get("item_version", 1)))
    if item is None:
        raise ItemNotFound(item=case.subject_id)
    return item


def get_application(actor: Actor, case_id: UUID) -> Any:
    """Return an application in which the actor is a party. Raises ApplicationNotFound for everybody else."""
    found = [case for case in cases.find_cases([case_id]) if case.kind == "licence"]
    if not found or not cases.is_party(actor, found[0]):
        raise ApplicationNotFound
    return found[0]


def locked_application(actor: Actor, case_id: UUID) -> Any:
    """Return an application like ``get_application``, under its lock."""
    try:
        case = cases.locked_case(Ref.to("case", case_id))
    except ObjectDoesNotExist:
        raise ApplicationNotFound from None
    if case.kind != "licence" or not cases.is_party(actor, case):
        raise ApplicationNotFound
    return case


def entry_id_of(case: Any) -> UUID:
    """Return the id of the answers of an application; every application has them. Raises ApplicationNotFound."""
    if case.entry_id is None:
        raise ApplicationNotFound
    return UUID(str(case.entry_id))


def draft_of(actor: Actor, item: Item, entity_id: UUID | None) -> Any | None:
    """Return the draft that this applicant has begun for this item, if there is one."""
    for case in cases.list_cases_of(actor, drafts=True):
        if case.subject != item.ref:
            continue
        applicant = next((p for p in case.parties.all() if p.role == "applicant"), None)
        if applicant is not None and applicant.entity_id == entity_id:
            return case
    return None


def applicant_holder(case: Any) -> int:
    """Return the holder id under which the applicant knows a draft: that of the entity, or of the person."""
    parties = cases.party_holders(case)
    if len(parties) == 1:
        return parties[0]
    for party in case.parties.all():
        if party.role == "applicant":
            if party.entity_id is not None:
                return identity.holder_id("entity", str(party.entity_id))
            return identity.holder_id("person", str(party.person_id))
    raise ApplicationNotFound


def materials_of(case: Any, item: Item) -> list[MaterialView]:
    """Return the materials that apply to the answers given, each with its files, which are read once in a unit of work."""
    data = dict.fromkeys(forms.form_of(case.entry).fields) | case.entry.data
    by_role: dict[str, list[Any]] = {}
    for stored in work.hold(files.FileView, case.ref, lambda: files.files_of(case.ref)):
        by_role.setdefault(stored.role, []).append(stored)
    by_key = {m["key"]: m for m in item.materials}
    views = []
    for requirement in rules.requirements(item.materials, data, _holds):
        material = by_key[requirement.key]
        views.append(
            MaterialView(
                key=requirement.key,
                name=LocalizedText.of(material["name"]),
                hint=LocalizedText.of(material.get("note")),
                source=LocalizedText.of(material["source"]["text"]),
                is_required=requirement.is_required,
                is_upload=requirement.is_upload,
                files=by_role.get(f"material:{requirement.key}", []),
            )
        )
    return views


def faults(case: Any, item: Item, *, actor: Actor, at: datetime) -> list[Fault]:
    """Return everything that keeps the application from being submitted: wrong answers, missing materials."""
    form = forms.form_of(case.entry)
    found = [
        Fault(form.page_of.get(error.field, form.pages[0].key), error.field, error.message)
        for error in forms.check(form, case.entry.data, at=at, actor=actor)
    ]
    for material in materials_of(case, item):
        if material.is_missing:
            found.append(Fault(MATERIALS_PAGE, material.key, missing_text(material)))
    return found


def missing_text(material: MaterialView) -> LocalizedText:
    """Say that a material is missing."""
    return LocalizedText(zh="还没有上传：{name}", en="Not uploaded yet: {name}").format(name=material.name)


def paper_facts(case: Any, item: Item) -> dict[str, Any]:
    """Return the facts that every paper of an application shows."""
    return {
        "case_number": case.number,
        "applicant": case.applicant_name,
        "item": item.name.as_json(),
        "item_code": item.code,
        "organ": item.unit.name.as_json(),
        "submitted_on": case.submitted_at.isoformat() if case.submitted_at else "",
        "materials": [
            {"name": m.name.as_json(), "files": len(m.files), "upload": m.is_upload}
            for m in materials_of(case, item)
        ],
    }


def due_dates(clocks: Sequence[Any]) -> dict[str, Any]:
    """Return what a paper says about when the decision is due; ``provisional`` only where a date is.

    A paused clock has no date, and the acceptance clock is nothing that a paper promises.
    """
    told = [view for view in clocks if view.key in ("statutory", "promised") and view.due_on is not None]
    dates: dict[str, Any] = {view.key: view.due_on.isoformat() for view in told}
    return {**dates, "provisional": True} if any(view.provisional for view in told) else dates


def _holds(expression: str, data: Mapping[str, Any]) -> bool:
    return bool(decisions.evaluate(expression, data))
