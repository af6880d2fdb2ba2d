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
from tongban.kernel.decisions.queries import try_content
from tongban.kernel.decisions.rules import find_faults
from tongban.kernel.ledger import service as ledger

__all__ = ["find_errors", "put_table"]


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
    """Put ``content`` as the newest version of table ``key``; the same again (content, days, name and legal source) makes none.
    Raises TableInvalid.

    ``content``: inputs [{key, label}], outputs [{key, label}], rules [{when: {input: test}, then: {output:
    value}, because}], hit: first. A ``then`` that begins with "=" is worked out over the inputs. An input may
    say its type, unit and options, for the bench. ``examples`` [{given, then}] are tried before publishing: a table
    that answers one of them otherwise is refused. Nothing is published without its legal source.
    """
    errors = find_errors(content, legal_source=legal_source, valid_from=valid_from, valid_to=valid_to)
    if errors:
        raise TableInvalid(errors=errors)
    with transaction.atomic():
        last = DecisionTable.objects.select_for_update().filter(key=key).order_by("-version").first()
        same = last is not None and (
            last.content, last.valid_from, last.valid_to, last.name, last.legal_source
        ) == (
            dict(content), valid_from, valid_to, LocalizedText.of(name), LocalizedText.of(legal_source),
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


NO_SOURCE = LocalizedText(zh="要写依据", en="its legal source is missing")
ENDS_EARLY = LocalizedText(zh="失效日期早于生效日期", en="it ends before it begins")


def find_errors(
    content: Mapping[str, Any],
    *,
    legal_source: LocalizedText,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> list[dict[str, Any]]:
    """Return why a table cannot be put: what is wrong with it, else the examples that it answers otherwise, its source, its days.

    Each is ``{"field", "message": {"zh", "en"}}``.
    """
    errors = _faults(content) or _wrong_examples(content)
    if not LocalizedText.of(legal_source):
        errors.append({"field": "legal_source", "message": NO_SOURCE.as_json()})
    if valid_to is not None and valid_from is not None and valid_to < valid_from:
        errors.append({"field": "valid_to", "message": ENDS_EARLY.as_json()})
    return errors


def _wrong_examples(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Try the table's own examples; each says what it must answer."""
    errors = []
    for index, example in enumerate(content.get("examples") or ()):
        place = f"examples[{index}]"
        if not isinstance(example, Mapping) or not isinstance(example.get("given"), Mapping):
            errors.append({"field": place, "message": {"zh": "缺少 given", "en": "given is missing"}})
            continue
        try:
            answer: Any = try_content(content, example["given"]).result
        except ExpressionError as error:
            answer = str(error.detail or error.title)
        if answer != example.get("then"):
            message = {
                "zh": f"结果是 {answer}，不是 {example.get('then')}",
                "en": f"it answers {answer}, not {example.get('then')}",
            }
            errors.append({"field": place, "message": message})
    return errors


def _faults(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    faults = find_faults(content, _fault_of(check_test), _fault_of(check_expression))
    return [{"field": place, "message": {"zh": zh, "en": en}} for place, zh, en in faults]


def _fault_of(check: Any) -> Any:
    def fault(expression: str) -> str | None:
        try:
            check(expression)
        except ExpressionError as error:
            return str(error.detail or error.title)
        return None

    return fault
