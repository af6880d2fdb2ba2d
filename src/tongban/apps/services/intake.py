"""Taking items from an upper platform, as rows of table 4 of GB/T 39046 (``base.exchange``): the same import as any table's."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tongban.apps.services.operations.importing import Choices, import_items, preview_import
from tongban.base import exchange
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T

__all__ = ["register", "take_rows"]

COLUMNS = {
    "name": "name",
    "type": "type_code",
    "local_code": "implementation_code",
    "basic_code": "basic_code",
    "unit_name": "body",
    "unit_code": "body_code",
    "lead": "substance",
    "basis": "basis",
    "target": "target",
    "place": "place",
    "hours": "hours",
    "consult": "consultation_phone",
    "complaint": "supervision_phone",
    "result": "result",
    "fee": "is_charged",
}
"""Our element by the code of the standard's field."""
LIMITS = {"statutory": "statutory", "promised": "promised"}
FEE = {"1": "是", "0": "否"}


def register() -> None:
    """Take in rows of the kind "item"."""
    exchange.register_intake("item", take_rows)


def take_rows(
    rows: Sequence[Mapping[str, Any]], actor: Actor, at: datetime, only_look: bool
) -> exchange.Taken:
    """Take rows in, or say what would happen. Items that can be applied for here already are left alone."""
    elements = [*COLUMNS, *LIMITS]
    file = io.StringIO(newline="")
    out = csv.writer(file)
    out.writerow(elements)
    for row in rows:
        out.writerow([_cell(row, element) for element in elements])
    content = file.getvalue().encode()
    choices = Choices(
        mapping={element: element for element in elements},
        source=T("上级平台下发的事项清单", "the catalogue handed down by the upper platform"),
    )
    if only_look:
        report = preview_import(content=content, choices=choices)
    else:
        report = import_items(actor=actor, content=content, choices=choices, at=at)
    rejected = [(each.number - 1, _joined(each.reasons)) for each in report.rejected]
    return exchange.Taken(report.new, report.changed, report.same + report.kept, rejected)


def _cell(row: Mapping[str, Any], element: str) -> str:
    if element in LIMITS:
        return f"{row.get(f'{element}_limit', '')}{row.get(f'{element}_unit', '')}"
    value = str(row.get(COLUMNS[element], ""))
    return FEE.get(value, value) if element == "fee" else value


def _joined(reasons: Sequence[T]) -> T:
    return T("；".join(one.zh for one in reasons), "; ".join(one.en or one.zh for one in reasons))
