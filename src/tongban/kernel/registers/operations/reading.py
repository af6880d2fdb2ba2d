"""Reading personal data: an act, written before the answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.errors import NotFound
from tongban.kernel.ledger import service as ledger
from tongban.kernel.registers.errors import UnknownField
from tongban.kernel.registers.policies import is_on_business, is_subject, subjects_of
from tongban.kernel.registers.queries import Record, get_record, spec_of

__all__ = ["read_record"]


@transaction.atomic
def read_record(
    *, actor: Actor, register: str, key: str, purpose: str, fields: Iterable[str], at: datetime
) -> Record | None:
    """Return these fields of a record for ``actor``, None when there is no such record.

    Personal fields are read by whom the record is about, by their representatives and by officials on
    business, and leave an act that names purpose and fields. Anybody else gets NotFound, whether there is a
    record or not. Raises UnknownRegister, UnknownField, ValueError without a purpose.
    """
    spec = spec_of(register)
    wanted = list(dict.fromkeys(fields))
    if unknown := [name for name in wanted if spec.get(name) is None]:
        raise UnknownField(register=register, field=unknown[0])
    if not purpose.strip():
        raise ValueError("a register is read for a purpose; none was given")
    personal = [f.key for f in spec.fields if f.key in wanted and f.personal]
    record = get_record(register, key)
    if personal and not is_on_business(actor):
        subjects = subjects_of(spec, record.values) if record else {key}
        if not is_subject(actor, subjects, at):
            raise NotFound
    if record is None:
        return None
    if personal:
        ledger.record_read(
            actor=actor,
            subject=record.ref,
            about=subjects_of(spec, record.values, concerned=True),
            purpose=purpose,
            fields=personal,
            at=at,
        )
    return record.only(wanted)
