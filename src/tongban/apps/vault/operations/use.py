"""Materials in cases: chosen by the applicant, kept and raised by what became of the case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.apps.vault import rules
from tongban.apps.vault.errors import MaterialNotFound, NotUsable
from tongban.apps.vault.models import Material, Use
from tongban.apps.vault.policies import is_owner, keys_of, owners_of
from tongban.apps.vault.register import certificates_by_identifier
from tongban.apps.vault.words import EXPIRED
from tongban.base import exchange, work
from tongban.base.actor import Actor
from tongban.base.models import Event
from tongban.base.ref import Ref
from tongban.base.time import local_date
from tongban.kernel.files import service as files
from tongban.kernel.ledger import service as ledger

__all__ = ["keep_from_case", "on_accepted", "on_granted", "take"]


@work.unit()
def take(*, actor: Actor, owner: Ref, offer_id: str, key: str, case: Ref, role: str, at: datetime) -> UUID:
    """Use a material ("m:<id>") or a certificate ("c:<identifier>") for a case; returns the file.

    Whether the actor may add to the case is for the caller. Raises MaterialNotFound, NotUsable.
    """
    if not is_owner(actor, owner, at):
        raise MaterialNotFound
    way, _, name = offer_id.partition(":")
    use = Use(case_id=UUID(case.id), key=key, at=at)
    about: list[str]
    if way == "c":
        holder = next(each for each in owners_of(actor, at) if each.ref == owner)
        held = certificates_by_identifier([name], local_date(at)).get(name)
        if held is None or not holder.key or held.holder_key != holder.key:
            raise MaterialNotFound
        if held.why_not or held.file_id is None:
            raise NotUsable(held.why_not)
        use.certificate, use.file_id, use.grade, about = held.identifier, held.file_id, "A", [holder.key]
    else:
        material = _material(owner, name)
        if rules.is_expired(material.valid_to, local_date(at)):
            raise NotUsable(EXPIRED)
        use.material, use.file_id, use.grade = material, material.file_id, material.grade
        about = keys_of(material)
    files.add_use(file_id=use.file_id, use=case, role=role, at=at)
    Use.objects.bulk_create([use], ignore_conflicts=True)
    ledger.record(
        actor=actor,
        verb="vault.use",
        subject=use.material.ref if use.material else Ref("register-certificate", use.certificate),
        facts={"material": key, "grade": use.grade},
        about=about,
        case=case,
        at=at,
    )
    return use.file_id


def _material(owner: Ref, material_id: str) -> Material:
    try:
        wanted = UUID(material_id)
    except ValueError:
        raise MaterialNotFound from None
    found = Material.objects.filter(
        pk=wanted, owner_kind=owner.kind, owner_id=owner.id, removed_at__isnull=True
    ).first()
    if found is None:
        raise MaterialNotFound
    return found


# --- what becomes of materials with their case ----------------------------------------------------------------------


def on_accepted(event: Event) -> None:
    """A case was accepted: what its applicant uploaded for it can be used again."""
    keep_from_case(event.subject_id, is_checked=False, at=event.created_at)


def on_granted(event: Event) -> None:
    """A case was granted: what its decision relies on has been checked."""
    keep_from_case(event.subject_id, is_checked=True, at=event.created_at)


@work.unit()
def keep_from_case(case_id: str, *, is_checked: bool, at: datetime) -> int:
    """Keep the uploads of a case in its applicant's vault; with ``is_checked`` raise what others issued to grade B.

    Idempotent. What the owner has removed stays removed. Returns how many materials of the vault the case has.
    """
    told = exchange.facts_of(Ref("case-materials", case_id))
    if told is None or told.get("owner") is None:
        return 0
    chosen = {use.file_id: use for use in Use.objects.filter(case_id=UUID(case_id))}
    handed_in = {UUID(file["id"]): row for row in told["materials"] for file in row["files"]}
    # Of a certificate the register knows better
    wanted = [key for key in handed_in if key not in chosen or chosen[key].material_id is not None]
    rows = Material.objects.select_for_update().filter(file_id__in=wanted).order_by("pk")
    known = {material.file_id: material for material in rows}
    about: dict[tuple[str, str], list[str]] = {}
    for file_id in wanted:
        material, is_new = known.get(file_id), file_id not in known
        if material is None:
            material = _material_of(told, handed_in[file_id], file_id, case_id, at)
            work.add(material)
            files.add_use(file_id=file_id, use=material.ref, role="material", at=at, is_first=True)
        is_raised = is_checked and not material.is_own and material.checked_at is None
        owner = material.owner_kind, material.owner_id  # nearly always one for all of them
        if owner not in about and (is_new or is_raised):
            about[owner] = keys_of(material)
        if is_new:
            _record(material, "vault.keep_from_case", told["number"], about[owner], at)
        if is_raised:
            material.checked_at, material.checked_in = at, told["number"]
            material.checked_by_id = told["unit_id"]
            work.change(material, "checked_at", "checked_in", "checked_by")
            _record(material, "vault.check", told["number"], about[owner], at)
    return len(wanted)


def _material_of(
    told: Mapping[str, Any], row: Mapping[str, Any], file_id: UUID, case_id: str, at: datetime
) -> Material:
    owner = Ref.parse(told["owner"])
    return Material(
        owner_kind=owner.kind,
        owner_id=owner.id,
        kind=row["key"],
        name=row["name"][: rules.LONGEST_NAME],
        is_own=row["is_own"],
        file_id=file_id,
        added_at=at,
        case_id=UUID(case_id),
        case_number=told["number"],
    )


def _record(material: Material, verb: str, number: str, about: list[str], at: datetime) -> None:
    ledger.record(
        actor=Actor.system("vault"),
        verb=verb,
        subject=material.ref,
        facts={"number": number, "grade": material.grade},
        about=about,
        at=at,
    )
