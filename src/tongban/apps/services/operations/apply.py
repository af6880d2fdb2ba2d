"""The applicant's verbs: begin, save a page, give a material, take it back, submit, submit again, withdraw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.apps.services import rules
from tongban.apps.services.errors import (
    ApplicationNotFound,
    AssuranceTooLow,
    NotEditable,
    NotYetComplete,
    SignatureMissing,
    SignInNeeded,
)
from tongban.apps.services.models import Item
from tongban.apps.services.operations.begin import begin, entity_for, item_to_apply_for, require_kind
from tongban.apps.services.operations.notices import notify, serve_paper
from tongban.apps.services.operations.parties import settle
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import signing
from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.registers import service as registers

__all__ = [
    "create_application",
    "editable_application",
    "process_vars",
    "put_answers",
    "put_material",
    "remove_material",
    "report_wrong_value",
    "require_complete",
    "require_editable",
    "require_signature",
    "resubmit_application",
    "save_page",
    "submit_application",
]

ACCEPTANCE_LIMIT = "5wd"
PUBLICITY = "publicity"
"""The limit of an item that says how long it is shown to the public, and the state of the wait for it."""
CORRECTION_LAW = LocalizedText(
    zh="《行政许可法》第三十二条第一款第四项", en="Administrative Licensing Law art. 32(1)(4)"
)

CORRECTION_PROMISE = LocalizedText(
    zh="本县政务服务承诺：五个工作日内一次告知", en="The county's promise: told once within five working days"
)


def _require_assurance(actor: Actor, item: Item) -> None:
    if actor.assurance < item.assurance:
        raise AssuranceTooLow(required=item.assurance, present=actor.assurance)


@work.unit()
def create_application(*, actor: Actor, item_key: str, entity_id: UUID | None, at: datetime) -> Any:
    """Begin an application as a draft, pre-filled from the registers (each read is an act in the ledger).

    ``entity_id`` is the legal entity applied for; None applies for oneself. A draft for the same item and applicant is
    given back instead of making a second one. Raises SignInNeeded, ItemNotFound, ItemNotOnline, AssuranceTooLow,
    MandateMissing, and TownshipUnknown where the township of the applicant decides and there is none in this county.
    """
    if actor.person_id is None or actor.is_official:
        raise SignInNeeded
    item = item_to_apply_for(item_key)
    _require_assurance(actor, item)
    person = identity.get_person(actor.person_id)
    entity = entity_for(actor.person_id, entity_id, at=at)
    require_kind(item, "person" if entity is None else "entity")
    existing = reading.draft_of(actor, item, entity_id, person_id=person.pk)
    if existing is not None:
        return existing
    if entity is None:
        parties = [cases.NewParty("applicant", person.name, person_id=person.pk)]
    else:
        parties = [
            cases.NewParty("applicant", entity.name, entity_id=entity.entity_id),
            cases.NewParty("agent", person.name, person_id=person.pk, has_access=False),
        ]
    return begin(actor=actor, item=item, person=person, entity_id=entity_id, parties=parties, at=at)


@work.unit()
def save_page(
    *,
    actor: Actor,
    case_id: UUID,
    page: str,
    values: Mapping[str, Any],
    revision: int | None = None,
    sheet: str = "",
    at: datetime,
) -> forms.Saved:
    """Keep the answers of one page, right or wrong: nothing typed is lost. Says whom it overtook on another device.

    Raises ApplicationNotFound, NotEditable.
    """
    case = editable_application(actor, case_id)
    return forms.save_entry(
        entry_id=case.entry_id, page=page, values=values, revision=revision, sheet=sheet, at=at
    )


@work.unit()
def put_answers(*, actor: Actor, case_id: UUID, values: Mapping[str, Any], at: datetime) -> None:
    """Keep answers to any pages at once, as a program sends them. Raises like ``save_page``, and Invalid for unknown fields."""
    case = editable_application(actor, case_id)
    form = forms.form_of(case.entry)
    clean = forms.clean_json(form, values)
    for page in form.pages:
        of_page = {key: value for key, value in clean.items() if form.page_of[key] == page.key}
        if of_page:
            forms.save_entry(entry_id=case.entry_id, page=page.key, values=of_page, at=at)


@work.unit()
def put_material(*, actor: Actor, case_id: UUID, key: str, upload: Any, at: datetime) -> Any:
    """Add a file to a material. Raises ApplicationNotFound, NotEditable, FileTooLarge, FileTypeRefused."""
    case = editable_application(actor, case_id)
    item = reading.item_of(case)
    if key not in {m["key"] for m in item.materials}:
        raise ApplicationNotFound
    stored = files.store_upload(actor=actor, upload=upload, use=case.ref, role=f"material:{key}", at=at)
    ledger.record(
        actor=actor,
        verb="services.put_material",
        subject=case.ref,
        case=str(case.ref),
        facts={"material": key},
        at=at,
    )
    return stored


@work.unit()
def remove_material(*, actor: Actor, case_id: UUID, file_id: UUID, at: datetime) -> None:
    """Take a file back out of a draft. Raises ApplicationNotFound, NotEditable."""
    case = editable_application(actor, case_id)
    if file_id not in {f.id for f in files.files_of(case.ref)}:
        raise ApplicationNotFound
    files.remove_use(file_id=file_id, use=case.ref, at=at)
    ledger.record(actor=actor, verb="services.remove_material", subject=case.ref, case=str(case.ref), at=at)


@work.unit()
def report_wrong_value(*, actor: Actor, case_id: UUID, field: str, note: str, at: datetime) -> None:
    """Tell the register's owner that a pre-filled value is wrong ("有误？"). Raises ApplicationNotFound."""
    case = reading.get_application(actor, case_id)
    known = forms.Bound.read(case.entry.provenance.get(field))
    if known is None:
        raise ApplicationNotFound
    registers.report_error(
        actor=actor, register=known.register, key=known.key, field=known.field, note=note, at=at
    )


@work.unit()
def submit_application(*, actor: Actor, case_id: UUID, at: datetime) -> tuple[Any, str]:
    """Submit: check everything, give number and query code, start the process, serve the receipt.

    Returns (case, query code in clear). Raises ApplicationNotFound, NotADraft, NotYetComplete with every fault,
    SignatureMissing where the item demands a signature of just this content.
    """
    case = reading.locked_application(actor, case_id)
    item = reading.item_of(case)
    signed: Mapping[str, Any] = {}
    if case.submitted_at is None:
        if not actor.is_official and not actor.is_system:
            _require_assurance(actor, item)
        require_complete(case, item, at=at)
        signed = require_signature(case, item, at=at)
        case.entry = forms.close_entry(entry_id=case.entry_id, at=at)
        settle(case=case, at=at)
    case, code = cases.submit_case(
        actor=actor,
        case_id=case.pk,
        definition_key=item.process_key,
        vars=process_vars(case, item),
        facts=signed,
        at=at,
    )
    start_acceptance_clock(case=case, at=at)
    notify(case=case, template="licence.submitted", at=at)
    serve_paper(case=case, actor=actor, template="receipt", data=reading.paper_facts(case, item), at=at)
    return case, code


def process_vars(case: Any, item: Item) -> dict[str, Any]:
    """Return what the process of an application is begun with."""
    return {
        "applicant": reading.applicant_holder(case),
        "corrections": 0,
        "item": item.key,
        "publicity": bool(item.content.get("publicity")),
        **({"limits": {PUBLICITY: shown.value}} if (shown := item.find_limit(PUBLICITY)) else {}),
        "township": reading.township_of_case(case, item),
    }


def start_acceptance_clock(*, case: Any, at: datetime, started_at: datetime | None = None) -> None:
    """Start the five working days in which a correction notice may be given: by law (art. 32(1)(4)) for licences, for
    everything else because the county promises the same. They count from ``started_at``, by default from now.
    """
    by_law = reading.item_of(case).is_licence
    cases.start_case_clock(
        case=case,
        role="acceptance",
        label=LocalizedText(zh="收件审查", en="Receipt check"),
        limit=ACCEPTANCE_LIMIT,
        started_at=started_at or at,
        legal_source=CORRECTION_LAW if by_law else CORRECTION_PROMISE,
        confidence="S" if by_law else "L",
        start_event=LocalizedText(zh="收到申请", en="receipt"),
        at=at,
    )


@work.unit()
def resubmit_application(*, actor: Actor, case_id: UUID, at: datetime) -> Any:
    """Hand in the corrected application: completes the applicant's own step; the process checks that it is complete.

    Raises ApplicationNotFound, NotEditable, NotYetComplete.
    """
    case = editable_application(actor, case_id)
    if case.instance_id is None:
        raise NotEditable
    task = next((t for t in cases.progress_of(case, at=at).tasks), None)
    if task is None:
        raise NotEditable
    case = cases.complete_task(actor=actor, task_id=task.id, outcome="resubmit", at=at)
    settle(case=case, at=at)
    return case


def editable_application(actor: Actor, case_id: UUID) -> Any:
    """Return an application that may be changed now, under its lock. Raises ApplicationNotFound, NotEditable."""
    case = reading.locked_application(actor, case_id)
    require_editable(case)
    return case


def require_editable(case: Any) -> None:
    """Refuse an application that is being handled. Raises NotEditable."""
    if case.state not in rules.EDITABLE:
        raise NotEditable(number=case.number)


def require_signature(case: Any, item: Item, *, at: datetime) -> Mapping[str, Any]:
    """Refuse what must be signed and is not, or was changed since; return what the ledger says of the signature.

    Raises SignatureMissing.
    """
    if not item.needs_signature:
        return {}
    signature = signing.is_signed(case, item, at=at)
    if signature is None:
        raise SignatureMissing
    return signing.as_facts(signature)


def require_complete(case: Any, item: Item, *, at: datetime) -> None:
    """Refuse an application with faults. Raises NotYetComplete with every one of them."""
    errors = reading.faults(case, item, actor=Actor.system("check"), at=at)
    if errors:
        raise NotYetComplete(errors=[fault.as_json() for fault in errors])
