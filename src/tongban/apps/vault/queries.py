"""Reads of the vault: the owner's lists, what fits a case, what the files of a case are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tongban.apps.vault import rules
from tongban.apps.vault.errors import MaterialNotFound
from tongban.apps.vault.models import HandedOut, Material, Use
from tongban.apps.vault.policies import Owner, is_owner, owners_of
from tongban.apps.vault.register import Held, certificates_by_identifier, certificates_of
from tongban.apps.vault.words import EXPIRED, GRADE_MEANS, GRADES, TONES, checked_words
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.statements import Statement
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date
from tongban.base.vaults import MaterialKind, Offer, Source, Wanted, kinds_of_material
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files
from tongban.kernel.ledger import service as ledger

__all__ = ["Page", "Row", "UseRow", "get_material", "offers", "one_page", "sources", "vault_page"]


@dataclass(frozen=True, slots=True)
class Row:
    """A material as lists show it today."""

    material: Material
    name: T | str
    grade: str
    label: T
    tone: str
    source: T
    is_expired: bool
    uses: int


@dataclass(frozen=True, slots=True)
class Group:
    """The materials of one kind."""

    name: T
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Page:
    """The vault of one owner: certificates as the register has them, materials by kind."""

    owner: Owner
    owners: list[Owner]
    certificates: list[Held]
    groups: list[Group]


@dataclass(frozen=True, slots=True)
class UseRow:
    """A case in which a material is used."""

    title: T
    unit: T
    number: str
    at: datetime
    is_draft: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """An official who opened the file, and when."""

    who: T
    unit: T
    at: datetime


@dataclass(frozen=True, slots=True)
class One:
    """Everything about one material."""

    row: Row
    means: T
    kind: T
    uses: list[UseRow]
    readers: list[Reader]
    copies: list[HandedOut]


def get_material(actor: Actor, material_id: UUID, *, at: datetime) -> Material:
    """Return a material of the actor's. Raises MaterialNotFound."""
    found = (
        Material.objects.select_related("file", "checked_by")
        .filter(pk=material_id, removed_at__isnull=True)
        .first()
    )
    if found is None or not is_owner(actor, found.owner, at):
        raise MaterialNotFound
    return found


def vault_page(actor: Actor, *, chosen: str = "", at: datetime) -> Page:
    """Return the vault of the owner that was chosen ("entity:<id>"), by default of whom the actor acts for.

    Raises MaterialNotFound for somebody else's.
    """
    owners = owners_of(actor, at)
    wanted = chosen or (f"entity:{actor.entity_id}" if actor.entity_id else "")
    owner = next((each for each in owners if not wanted or str(each.ref) == wanted), None)
    if owner is None:
        raise MaterialNotFound
    day = local_date(at)
    kept = list(
        Material.objects.select_related("file", "checked_by")
        .filter(owner_kind=owner.ref.kind, owner_id=owner.ref.id, removed_at__isnull=True)
        .order_by("-added_at")
    )
    counts = {material_id: len(found) for material_id, found in _cases_by_material(kept).items()}
    kinds = {kind.key: kind.name for kind in kinds_of_material()}
    groups: dict[T, list[Row]] = {}
    for material in kept:
        name = kinds.get(material.kind) or T("其他材料", "Other documents")
        groups.setdefault(name, []).append(_row(material, name, day, counts.get(material.pk, 0)))
    ordered = [Group(name, rows) for name, rows in sorted(groups.items(), key=lambda pair: pair[0].zh)]
    return Page(owner, owners, certificates_of(owner.key, day), ordered)


def one_page(actor: Actor, material_id: UUID, *, at: datetime) -> One:
    """Return everything about one material of the actor's. Raises MaterialNotFound."""
    material = get_material(actor, material_id, at=at)
    used = _cases_by_material([material]).get(material.pk, {})
    rows = [
        UseRow(case.title, case.unit.name, case.number or "", used[case.pk], case.submitted_at is None)
        for case in cases.find_cases(used)
    ]
    kind = next((each.name for each in kinds_of_material() if each.key == material.kind), None)
    acts = ledger.acts_of(Ref.to("file", material.file_id))
    return One(
        row=_row(material, kind, local_date(at), len(rows)),
        means=GRADE_MEANS[material.grade],
        kind=kind or T("其他材料", "Other documents"),
        uses=sorted(rows, key=lambda each: each.at, reverse=True),
        readers=[
            Reader(act.who, act.unit, act.at) for act in acts if act.verb in (ledger.READ, "files.read")
        ][::-1],
        copies=list(material.copies.select_related("file").order_by("-made_at")),
    )


def kind_options() -> list[MaterialKind]:
    """Return the kinds of material that services ask for, in Chinese order of their names."""
    return sorted(kinds_of_material(), key=lambda kind: kind.name.zh)


# --- what the registry of vaults promises ---------------------------------------------------------------------------


def offers(*, actor: Actor, owner: Ref, wanted: Sequence[Wanted], at: datetime) -> Mapping[str, list[Offer]]:
    """Return what fits each material, the best grade first; nothing for whoever is not the owner."""
    mine = next((each for each in owners_of(actor, at) if each.ref == owner), None)
    if mine is None or not wanted:
        return {}
    day = local_date(at)
    held = certificates_of(mine.key, day) if any(each.certificate for each in wanted) else []
    kept = list(
        Material.objects.select_related("checked_by")
        .filter(owner_kind=owner.kind, owner_id=owner.id, removed_at__isnull=True)
        .order_by("-added_at")[:200]
    )
    found = {}
    for each in wanted:
        fitting = [
            _certificate_offer(one, each) for one in held if one.name and one.name == each.certificate.zh
        ]
        fitting += [
            _offer(one, each, day) for one in kept if one.kind == each.key or one.name == each.name.zh
        ]
        found[each.key] = sorted(fitting, key=lambda offer: (not offer.is_usable, offer.grade))
    return found


def sources(*, case: Ref, files: Mapping[UUID, bool], at: datetime) -> Mapping[UUID, Source]:
    """Return what the files of a case are worth, as they stand now: a certificate may have been revoked since."""
    if not files:
        return {}
    uses = {use.file_id: use for use in _USES.all(case=UUID(case.id))}
    day = local_date(at)
    held = certificates_by_identifier([use.certificate for use in uses.values() if use.certificate], day)
    return {
        file_id: _source(uses.get(file_id), held, day, is_own=is_own) for file_id, is_own in files.items()
    }


_USES = Statement(lambda case: Use.objects.select_related("material__checked_by").filter(case_id=case))


def _source(use: Use | None, held: Mapping[str, Held], day: date, *, is_own: bool) -> Source:
    if use is None:
        grade = rules.grade_of(is_own=is_own, is_checked=False)
        return Source(grade, GRADES[grade], T("这次上传，待核", "Uploaded for this case, to be checked"))
    if use.material is None:
        found = held.get(use.certificate)
        text = found.words if found else T("证照库里查不到了", "No longer in the register")
        return Source("A", GRADES["A"], text, alarm=found is None or bool(found.why_not))
    expired = rules.is_expired(use.material.valid_to, day)
    text = EXPIRED if expired else _source_words(use.material)
    return Source(use.material.grade, GRADES[use.material.grade], text, alarm=expired)


def _offer(material: Material, wanted: Wanted, day: date) -> Offer:
    """What nobody named otherwise is called in both languages as the service calls it."""
    expired = rules.is_expired(material.valid_to, day)
    return Offer(
        id=f"m:{material.pk}",
        name=wanted.name if material.name == wanted.name.zh else T(material.name),
        grade=material.grade,
        source=_source_words(material),
        valid_to=material.valid_to,
        why_not=EXPIRED if expired else T(""),
    )


def _certificate_offer(held: Held, wanted: Wanted) -> Offer:
    return Offer(f"c:{held.identifier}", wanted.certificate, "A", held.words, held.valid_to, held.why_not)


def _source_words(material: Material) -> T:
    if material.checked_by is not None:
        return checked_words(material.checked_by.name, material.checked_in)
    if material.case_number:
        return T(zh="办 {number} 时交过", en="handed in for {number}").format(number=material.case_number)
    if material.is_own:
        return T("自己做的，放在材料库", "Made by the applicant, from the vault")
    return T("自己上传到材料库", "Uploaded to the vault")


def _row(material: Material, kind: T | None, day: date, uses: int) -> Row:
    """``kind`` is the name of its kind: what nobody named otherwise is called so in both languages."""
    grade = material.grade
    return Row(
        material,
        kind if kind is not None and kind.zh == material.name else material.name,
        grade,
        GRADES[grade],
        TONES[grade],
        _source_words(material),
        rules.is_expired(material.valid_to, day),
        uses,
    )


def _cases_by_material(materials: Sequence[Material]) -> dict[UUID, dict[UUID, datetime]]:
    """Return the cases that hold each material now: chosen from the vault, or first handed in there."""
    used: dict[UUID, dict[UUID, datetime]] = {
        each.pk: {each.case_id: each.added_at} for each in materials if each.case_id is not None
    }
    for use in Use.objects.filter(material__in=materials):
        used.setdefault(use.material_id, {})[use.case_id] = use.at  # type: ignore[arg-type]
    held = files.files_by_ref({Ref.to("case", case_id) for found in used.values() for case_id in found})
    file_of = {each.pk: each.file_id for each in materials}
    return {
        material_id: {
            case_id: at
            for case_id, at in found.items()
            if file_of[material_id] in {file.id for file in held.get(Ref.to("case", case_id), [])}
        }
        for material_id, found in used.items()
    }
