"""Beginning an application: a draft, for whomever, with what the registers hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.apps.services.errors import ApplicantKindRefused, ItemNotOnline, MandateMissing
from tongban.apps.services.models import Item
from tongban.apps.services.queries import application as reading
from tongban.base.actor import Actor
from tongban.kernel.cases import service as cases
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity

__all__ = ["begin", "entity_for", "fill_in", "item_to_apply_for", "require_kind"]


def item_to_apply_for(key: str) -> Item:
    """Return an item that can be applied for here. Raises ItemNotFound, ItemNotOnline."""
    item = reading.get_item(key)
    if item.is_announced:
        raise ItemNotOnline(item=key)
    return item


def entity_for(person_id: UUID, entity_id: UUID | None, *, at: datetime) -> identity.EntityView | None:
    """Return the entity for which a person may act now, None for oneself. Raises MandateMissing."""
    if entity_id is None:
        return None
    found = next((e for e in identity.entities_of(person_id, at=at) if e.entity_id == entity_id), None)
    if found is None:
        raise MandateMissing
    return found


def require_kind(item: Item, kind: str) -> None:
    """Return when a "person" or an "entity" may apply. Raises ApplicantKindRefused."""
    if kind not in item.applicant_kinds:
        raise ApplicantKindRefused(kinds=item.applicant_kinds)


def begin(
    *,
    actor: Actor,
    item: Item,
    person: Any,
    entity_id: UUID | None,
    parties: Sequence[cases.NewParty],
    is_known: bool = True,
    facts: Mapping[str, Any] | None = None,
    at: datetime,
) -> Any:
    """Open the draft. With ``is_known`` the registers are asked (each read is an act in the ledger), else nothing is read."""
    form = forms.get_form(item.form_key)
    bound = (
        forms.prefill(
            form,
            actor=actor,
            person_id=person.pk,
            entity_id=entity_id,
            purpose=f"services.apply:{item.key}",
            at=at,
        )
        if is_known
        else {}
    )
    entry = forms.create_entry(form=form, bound=bound, at=at)
    return cases.open_case(
        actor=actor,
        kind="licence",
        title=item.name,
        subject=item.ref,
        unit_id=reading.unit_in_charge(item, person),
        parties=parties,
        entry_id=entry.pk,
        facts={"item_version": item.version, **(facts or {})},
        at=at,
    )


def fill_in(*, actor: Actor, case: Any, person_id: UUID, at: datetime) -> None:
    """Fill a draft in with what the registers hold, once the person has agreed; ``actor`` is who reads."""
    item = reading.item_of(case)
    bound = forms.prefill(
        forms.form_of(case.entry),
        actor=actor,
        person_id=person_id,
        purpose=f"services.apply:{item.key}",
        at=at,
    )
    if bound:
        case.entry = forms.apply_prefill(entry_id=reading.entry_id_of(case), bound=bound, at=at)
