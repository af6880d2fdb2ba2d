"""Publishing a form."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import rfc8785
from django.db import transaction

from tongban.base import published
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.forms.checking import examine
from tongban.kernel.forms.definitions import compile_form
from tongban.kernel.forms.errors import DefinitionInvalid
from tongban.kernel.forms.models import FormDef
from tongban.kernel.forms.rules.structure import Form
from tongban.kernel.ledger import service as ledger

__all__ = ["put_form"]


def put_form(
    *, actor: Actor, content: Mapping[str, Any], at: datetime, valid_from: date | None = None
) -> FormDef:
    """Publish a definition as the next version of its form; publishing the latest once more changes nothing.

    Raises DefinitionInvalid (every problem with its place; dead ends) and OnceOnlyRefused: a field whose data element a register
    holds must be bound to the register or carry the reason why it is asked all the same.
    """
    _refuse_dead_ends(compile_form(content), at=at)
    plain = _plain(content)
    digest = hashlib.sha256(rfc8785.dumps(plain)).hexdigest()
    with transaction.atomic():
        latest = FormDef.objects.select_for_update().filter(key=plain["key"]).order_by("-version").first()
        if latest is not None and latest.digest == digest:
            return latest
        row = FormDef.objects.create(
            key=plain["key"],
            version=latest.version + 1 if latest else 1,
            name=LocalizedText.of(plain["name"]),
            content=plain,
            digest=digest,
            valid_from=valid_from or local_date(at),
            published_at=at,
        )
        published.forget()
        ledger.record(
            actor=actor,
            verb="forms.publish",
            subject=Ref.to("form", f"{row.key}@{row.version}"),
            at=at,
            facts={"form": row.key, "version": row.version},
        )
    return row


def _refuse_dead_ends(form: Form, *, at: datetime) -> None:
    """Refuse a question that nobody sees or can answer, a page without any, an answer without a way on."""
    faults = [found for found in examine(form, at=at) if found.is_fault]
    if faults:
        raise DefinitionInvalid(
            "; ".join(f"{found.place}: {found.message.en}" for found in faults),
            problems=[{"place": found.place, "message": found.message.en} for found in faults],
        )


def _plain(value: Any) -> Any:
    """Return ``value`` as JSON knows it (YAML reads 2026-01-01 as a date)."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value
