"""Reads about one application: its item, its faults, its materials, the facts that go onto papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist

from tongban.apps.services import rules
from tongban.apps.services.errors import ApplicationNotFound, ItemNotFound, TownshipUnknown
from tongban.apps.services.models import Item, ItemVersion
from tongban.apps.services.queries import parties as people
from tongban.base import published, work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.cases import service as cases
from tongban.kernel.decisions import service as decisions
from tongban.kernel.files import service as files
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.registers import service as registers
from tongban.kernel.registers.errors import UnknownRegister

__all__ = [
    "Fault",
    "MaterialView",
    "answers_in_words",
    "applicant_holder",
    "corrections_of",
    "division_of",
    "draft_of",
    "due_dates",
    "entry_id_of",
    "faults",
    "get_application",
    "get_item",
    "ineligible",
    "item_of",
    "locked_application",
    "masked_lines",
    "materials_of",
    "missing_text",
    "paper_facts",
    "registered",
    "township_of_case",
    "unit_in_charge",
    "work_out",
]

MATERIALS_PAGE = "materials"
TOWNSHIP = 9
"""How many digits of a division code name the township (GB/T 10114)."""


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


def draft_of(actor: Actor, item: Item, entity_id: UUID | None, *, person_id: UUID) -> Any | None:
    """Return the draft that this actor has begun for this item and applicant, if there is one."""
    for case in cases.list_cases_of(actor, drafts=True):
        if case.subject != item.ref:
            continue
        applicant = next((p for p in case.parties.all() if p.role == "applicant"), None)
        who = (None, person_id) if entity_id is None else (entity_id, None)
        if applicant is not None and (applicant.entity_id, applicant.person_id) == who:
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


def materials_of(case: Any, item: Item, *, at: datetime | None = None) -> list[MaterialView]:
    """Return the materials that apply to the answers that count, each with its files, which are read once in a unit of work.

    An answer counts while its question is asked: a draft is judged as of ``at`` (by default its last change), so that what is
    asked for is what handing in would ask for; an application that was handed in as it was then. One that came from an earlier
    system without answers has none.
    """
    if case.entry_id is None:
        return []
    answers = forms.counting(case.entry, at=at)
    by_role: dict[str, list[Any]] = {}
    for stored in work.hold(files.FileView, case.ref, lambda: files.files_of(case.ref)):
        by_role.setdefault(stored.role, []).append(stored)
    by_key = {m["key"]: m for m in item.materials}
    views = []
    for requirement in rules.requirements(item.materials, answers, decisions.holds):
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
    for material in materials_of(case, item, at=at):
        if material.is_missing:
            found.append(Fault(MATERIALS_PAGE, material.key, missing_text(material)))
    found += [Fault(people.PEOPLE, field, message) for field, message in people.faults_of(case)]
    if not found and (ruled_out := ineligible(case, item, at=at)):
        found.append(ruled_out)
    return found


def corrections_of(case: Any) -> list[LocalizedText]:
    """Return what the correction notice asks for while the applicant corrects: the materials named, then in words."""
    if case.state != "correction":
        return []
    said = instruments.data_of_paper(case.ref, "correction-notice")
    return [LocalizedText.of(line) for line in said.get("corrections", [])]


def masked_lines(case: Any, fields: Sequence[str], *, at: datetime) -> list[dict[str, Any]]:
    """Return answers as labels and words that everybody may read: personal values masked, unanswered ones left out."""
    form = forms.form_of(case.entry)
    answers = forms.answers_of(form, case.entry.data, at=at)
    shown = [(form.fields[key], answers.get(key)) for key in fields if answers.get(key) not in (None, "")]
    return [
        {
            "label": field.label.as_json(),
            "value": forms.as_text(field, value, field.options, masked=True).as_json(),
        }
        for field, value in shown
    ]


def answers_in_words(case: Any, fields: Sequence[str], *, at: datetime) -> dict[str, str]:
    """Return answers as Chinese words by field, "" for what was not asked or not answered."""
    form = forms.form_of(case.entry)
    answers = forms.answers_of(form, case.entry.data, at=at)
    return {
        key: forms.as_text(form.fields[key], answers[key], form.fields[key].options).zh
        if answers.get(key) not in (None, "", [])
        else ""
        for key in fields
    }


def ineligible(case: Any, item: Item, *, at: datetime) -> Fault | None:
    """Return why the answers rule the applicant out by the item's table of eligibility, None when they don't.

    ``eligibility: {table, field}``: the table's output ``eligible`` decides; its reason is told at the field.
    """
    asked = item.content.get("eligibility")
    if not asked:
        return None
    form = forms.form_of(case.entry)
    decision = _decided(case, asked["table"], at=at)
    if decision.result.get("eligible") is not False:
        return None
    return Fault(form.page_of[asked["field"]], asked["field"], decision.because)


def work_out(
    case: Any, table: str, *, at: datetime, found: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what a decision table says of the answers: its outputs by key, in words, the reason, and which version it was.

    ``found`` is what an official found: it counts instead of what was stated.
    """
    decision = _decided(case, table, at=at, found=found)
    outputs = decisions.get_table(table, on=local_date(at)).content["outputs"]
    return {
        "table": decision.table,
        "version": decision.version,
        "result": decision.result,
        "lines": [
            {
                "key": output["key"],
                "label": LocalizedText.of(output["label"]).as_json(),
                "value": _in_words(output, decision.result[output["key"]]).as_json(),
            }
            for output in outputs
            if decision.result[output["key"]] not in (None, "")
        ],
        "because": decision.because.as_json(),
        "source": decision.legal_source.as_json(),
    }


def _decided(
    case: Any, table: str, *, at: datetime, found: Mapping[str, Any] | None = None
) -> decisions.Decision:
    form = forms.form_of(case.entry)
    answers = dict.fromkeys(form.fields) | forms.answers_of(form, case.entry.data, at=at) | dict(found or {})
    return decisions.decide(table, answers | {"today": local_date(at).isoformat()}, on=local_date(at))


def _in_words(output: Mapping[str, Any], value: Any) -> LocalizedText:
    """Return what a table gave as words: the label of an option, an amount with its unit."""
    label = next((o["label"] for o in output.get("options") or () if o["value"] == value), None)
    if label is not None:
        return LocalizedText.of(label)
    text = f"{value:,.2f}".removesuffix(".00") if isinstance(value, int | float) else str(value)
    if not output.get("unit"):
        return LocalizedText(text)
    return LocalizedText(zh="{value} {unit}", en="{value} {unit}").format(
        value=text, unit=LocalizedText.of(output["unit"])
    )


def unit_in_charge(item: Item, person: Any) -> int:
    """Return which unit handles an application: the item's, or the township's of the applicant (``township: decides``)."""
    if item.content.get("township") == "decides":
        return township_of(person)
    return int(item.unit_id)


def township_of_case(case: Any, item: Item) -> int | None:
    """Return the township that takes part in an application, None where the item knows none."""
    if not item.content.get("township"):
        return None
    applicant = next(
        party for party in case.parties.all() if party.role in ("applicant", "agent") and party.person_id
    )
    return township_of(identity.get_person(applicant.person_id))


def registered(citizen_id: str) -> registers.Record | None:
    """Return somebody's record in the register of the population, None also where the county has no such register yet."""
    try:
        return registers.get_record("population", citizen_id)
    except UnknownRegister:
        return None


def division_of(person: Any) -> str:
    """Return the division code of a person's household registration, "" for somebody who is not in the register."""
    record = registered(person.citizen_id or "")
    return str(record.values.get("division_code") or "") if record else ""


def township_of(person: Any) -> int:
    """Return the township of a person's household registration. Raises TownshipUnknown where it is not in this county."""
    area = division_of(person)[:TOWNSHIP]
    found = (
        unit.pk
        for unit in identity.list_units()
        if unit.kind == "township" and area and unit.division_code.startswith(area)
    )
    township = next(found, None)
    if township is None:
        raise TownshipUnknown
    return int(township)


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
        "licensing": item.is_licence,
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
