"""“This is wrong”: what people say about their records, and what the register's owner answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.errors import Conflict, Invalid, NotFound
from tongban.base.outbox import announce
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.ledger import service as ledger
from tongban.kernel.registers.errors import UnknownField
from tongban.kernel.registers.events import ERROR_ANSWERED, ERROR_REPORTED
from tongban.kernel.registers.models import CorrectionNotice, RegisterDef
from tongban.kernel.registers.policies import is_on_business, is_subject, subjects_of
from tongban.kernel.registers.queries import get_record, spec_of

__all__ = ["NoticeView", "answer_notice", "correction_notices", "report_error"]


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice in a list."""

    id: UUID
    register: LocalizedText
    field: LocalizedText
    note: str
    created_at: datetime
    outcome: str
    answer: str
    answered_at: datetime | None


@transaction.atomic
def report_error(
    *, actor: Actor, register: str, key: str, field: str, note: str, at: datetime
) -> CorrectionNotice:
    """Say that a field of a record is wrong.

    Whom the record is about may, their representative, and officials on business.

    Saying it again while the first notice is open adds the words to it. Raises NotFound, UnknownField,
    Invalid without words.
    """
    spec = spec_of(register)
    if spec.get(field) is None:
        raise UnknownField(register=register, field=field)
    record = get_record(register, key)
    if record is None or not (
        is_on_business(actor) or is_subject(actor, subjects_of(spec, record.values), at)
    ):
        raise NotFound
    if not note.strip():
        message = LocalizedText("请写明哪里不对", "Please say what is wrong")
        raise Invalid(message, errors=[{"field": "note", "message": message.as_json()}])
    definition = RegisterDef.objects.get(key=register)
    who: Any = actor.person_id
    notice, is_new = CorrectionNotice.objects.select_for_update().get_or_create(
        record_id=record.record_id,
        field=field,
        person_id=who,
        answered_at=None,
        defaults={"register": definition, "note": note.strip(), "created_at": at},
    )
    if not is_new:
        if note.strip() in notice.note:
            return notice
        notice.note = f"{notice.note}\n{note.strip()}"
        notice.save(update_fields=["note"])
    ledger.record(
        actor=actor,
        verb="registers.report_error",
        subject=record.ref,
        at=at,
        fields=[field],
        about=subjects_of(spec, record.values, concerned=True),
        facts={"register": register},
    )
    announce(ERROR_REPORTED, Ref.to("correction-notice", notice.pk), at=at, register=register, field=field)
    return notice


@transaction.atomic
def answer_notice(
    *, actor: Actor, notice_id: UUID, outcome: str, answer: str, at: datetime
) -> CorrectionNotice:
    """Close a notice: ``corrected`` (the record was put right before) or ``unchanged``, with the reason in ``answer``.

    The unit that owns the register does. Raises NotFound, Conflict when it is closed already, Invalid.
    """
    notice = (
        CorrectionNotice.objects.select_for_update(of=("self",))
        .select_related("register")
        .filter(pk=notice_id)
        .first()
    )
    if notice is None or not _is_owner(actor, notice.register):
        raise NotFound
    if notice.answered_at is not None:
        raise Conflict
    if outcome not in ("corrected", "unchanged") or not answer.strip():
        message = LocalizedText("请选择结果并写明理由", "Choose an outcome and say why")
        raise Invalid(message, errors=[{"field": "answer", "message": message.as_json()}])
    notice.outcome, notice.answer, notice.answered_at = outcome, answer.strip(), at
    notice.save(update_fields=["outcome", "answer", "answered_at"])
    ledger.record(
        actor=actor,
        verb="registers.answer_notice",
        subject=Ref.to("record", notice.record_id),
        at=at,
        facts={"register": notice.register.key, "outcome": outcome},
    )
    announce(ERROR_ANSWERED, Ref.to("correction-notice", notice.pk), at=at, outcome=outcome)
    return notice


def _is_owner(actor: Actor, register: RegisterDef) -> bool:
    return actor.is_system or (
        is_on_business(actor)
        and register.owner_unit_id is not None
        and actor.unit_id == register.owner_unit_id
    )


def correction_notices(*, actor: Actor, is_open: bool = True, limit: int = 100) -> list[NoticeView]:
    """Return the notices that concern the actor.

    For an official those about the registers of the unit, else one's own.
    """
    notices = CorrectionNotice.objects.select_related("register").filter(answered_at__isnull=is_open)
    if not actor.is_system:
        if actor.is_official and is_on_business(actor):
            notices = notices.filter(register__owner_unit_id=actor.unit_id)
        elif actor.person_id is not None and not actor.is_official:
            notices = notices.filter(person_id=actor.person_id)
        else:
            return []
    found = list(notices.order_by("created_at")[:limit])
    labels = {
        (definition.pk, field.key): field.label
        for definition in RegisterDef.objects.filter(pk__in={n.register_id for n in found}).prefetch_related(
            "fields"
        )
        for field in definition.fields.all()
    }
    return [
        NoticeView(
            id=notice.pk,
            register=notice.register.name,
            field=labels.get((notice.register_id, notice.field), LocalizedText(notice.field)),
            note=notice.note,
            created_at=notice.created_at,
            outcome=notice.outcome,
            answer=notice.answer,
            answered_at=notice.answered_at,
        )
        for notice in found
    ]
