"""A new version of a certificate: renewed (延续) or with something else on its face (变更).

The number stays, the version in the identifier goes up, the earlier version gives way when the new one is signed. Like issuing
it is three short steps, each of which finds what an interrupted run left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from tongban.apps.certificates import rules
from tongban.apps.certificates.errors import ActNotAllowed, NothingChanged, RenewalTooLate
from tongban.apps.certificates.models import Certificate
from tongban.apps.certificates.operations.making import (
    full_identifier,
    next_due,
    publish,
    signed_pdf,
    standing,
)
from tongban.apps.certificates.operations.status import locked
from tongban.apps.certificates.operations.telling import tell
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.calendars import service as calendars
from tongban.kernel.ledger import service as ledger

__all__ = ["Order", "check_change", "make_version", "with_changes"]


@dataclass(frozen=True, slots=True)
class Order:
    """What a new version is made for: ``act`` is "renew" or "change".

    ``changes`` are new words of the face (``{field: {"zh", "en"}}``), allowed with both. ``applied_on`` is when a renewal was
    asked for, ``valid_to`` the last day that was asked for, where the type goes by that and not by years.
    ``is_holders`` says that the case which decided is the holder's own.
    """

    act: str
    applied_on: date | None = None
    valid_to: date | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    is_holders: bool = False


def make_version(
    *, certificate: Certificate, case: Any, order: Order, actor: Actor, at: datetime
) -> Certificate:
    """Make the next version, for a case that decided so; repeating it makes no second one.

    Raises ActNotAllowed, RenewalTooLate, NothingChanged.
    """
    made = Certificate.objects.select_related("type__unit", "replaces").filter(
        made_in_id=case.pk
    ).first() or _number(certificate, case, order, actor, at)
    if made.file_id is None and publish(made, signed_pdf(made, at=at), actor=actor, at=at):
        until = calendars.day_text(made.valid_to) if made.valid_to else LocalizedText("长期", "no end")
        tell(made, order.act, at=at, until=until)
    return made


def _validity(old: Certificate, order: Order, day: date) -> rules.Validity:
    if order.act != "renew":
        return rules.Validity(old.valid_from, old.valid_to)
    if old.valid_to is None or not rules.may_renew(old.valid_to, order.applied_on or day):
        raise RenewalTooLate(valid_to=str(old.valid_to))
    new = rules.renewed(old.valid_to, day, old.type.years)
    if order.valid_to is not None:
        return rules.Validity(new.first, order.valid_to)
    if new.last is None:  # what was given for a time is not renewed for ever
        raise ActNotAllowed(act=order.act, status=old.status)
    return new


@transaction.atomic
def _number(certificate: Certificate, case: Any, order: Order, actor: Actor, at: datetime) -> Certificate:
    old = locked(certificate.pk, at=at)
    if rules.after(old.status, order.act) != "replaced" or hasattr(old, "replaced_by"):
        raise ActNotAllowed(act=order.act, status=old.status)
    kind, day = old.type, local_date(at)
    validity = _validity(old, order, day)
    face = with_changes(old.data, order.changes)
    if order.act == "change" and face == old.data:
        raise NothingChanged(errors=[])
    _, _, _, _, _, type_code, organ, serial, _, _ = old.identifier.split(".")
    made = Certificate(
        type=kind,
        type_version=kind.version,
        case_id=case.pk if order.is_holders else old.case_id,
        made_in_id=case.pk,
        number=old.number,
        public_number=old.public_number,
        version=old.version + 1,
        replaces=old,
        identifier=full_identifier(type_code, organ, serial, old.version + 1),
        holder_kind=old.holder_kind,
        holder_key=old.holder_key,
        holder_name=old.holder_name,
        co_holders=old.co_holders,
        data=face,
        issued_at=at,
        valid_from=validity.first,
        valid_to=validity.last,
        looked_on=day,
        verify_code=rules.new_code(),
    )
    made.due_on = next_due(made, day=day)
    made.save(force_insert=True)
    ledger.record(
        actor=actor,
        verb=f"certificates.{order.act}",
        subject=made.ref,
        case=str(case.ref),
        reason=order.reason,
        fields=sorted(order.changes),
        facts={"number": made.public_number, "version": made.version},
        standing=standing(made),
        about=made.holder_keys,
        at=at,
    )
    return made


def with_changes(face: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a face with new words; fields that the face doesn't have are left out.

    >>> with_changes({"sign": {"label": {"zh": "店名"}, "value": {"zh": "甲"}}}, {"sign": {"zh": "乙"}, "x": {"zh": "丙"}})
    {'sign': {'label': {'zh': '店名'}, 'value': {'zh': '乙'}}}
    """
    return {key: {**row, "value": changes[key]} if key in changes else row for key, row in face.items()}


def check_change(certificate: Certificate, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the changes that change something. Raises NothingChanged."""
    real = {
        key: value
        for key, value in changes.items()
        if key in certificate.data and certificate.data[key]["value"] != value
    }
    if not real:
        raise NothingChanged(errors=[{"field": "", "message": NothingChanged.title.as_json()}])
    return real
