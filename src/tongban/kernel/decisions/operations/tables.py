"""Put a new version of a decision table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.decisions.errors import ExpressionError, TableInvalid
from tongban.kernel.decisions.expressions import check_expression, check_test
from tongban.kernel.decisions.models import DecisionTable
from tongban.kernel.decisions.rules import find_faults
from tongban.kernel.ledger import service as ledger

__all__ = ["put_table"]


def put_table(
    *,
    key: str,
    name: LocalizedText,
    content: Mapping[str, Any],
    legal_source: LocalizedText,
    valid_from: date,
    actor: Actor,
    at: datetime,
    valid_to: date | None = None,
) -> DecisionTable:
    """Put ``content`` as the newest version of table ``key``; the same content again makes none. Raises
    TableInvalid.

    ``content``: inputs [{key, label}], outputs [{key, label}], rules [{when: {input: test}, then: {output:
    value}, because}], hit: first. A ``then`` that begins with "=" is worked out over the inputs.
    """
    _refuse_faults(content)
    with transaction.atomic():
        last = DecisionTable.objects.select_for_update().filter(key=key).order_by("-version").first()
        same = last is not None and (last.content, last.valid_from, last.valid_to, last.name) == (
            dict(content), valid_from, valid_to, LocalizedText.of(name),
        )  # fmt: skip
        if last is not None and same:
            return last
        table = DecisionTable.objects.create(
            key=key,
            version=last.version + 1 if last else 1,
            name=LocalizedText.of(name),
            content=dict(content),
            legal_source=LocalizedText.of(legal_source),
            valid_from=valid_from,
            valid_to=valid_to,
            put_at=at,
        )
        ledger.record(
            actor=actor,
            verb="decisions.put_table",
            subject=Ref.to("table", key),
            payload=dict(content),
            facts={"table": key, "version": table.version},
            at=at,
        )
        return table


def _refuse_faults(content: Mapping[str, Any]) -> None:
    faults = find_faults(content, _fault_of(check_test), _fault_of(check_expression))
    if faults:
        raise TableInvalid(
            errors=[{"field": place, "message": {"zh": zh, "en": en}} for place, zh, en in faults]
        )


def _fault_of(check: Any) -> Any:
    def fault(expression: str) -> str | None:
        try:
            check(expression)
        except ExpressionError as error:
            return str(error.detail or error.title)
        return None

    return fault
