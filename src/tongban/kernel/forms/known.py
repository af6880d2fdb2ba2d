"""Values that need not be typed because a register holds them, as they are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tongban.base.text import LocalizedText
from tongban.kernel.forms.display import as_text
from tongban.kernel.forms.options import Options
from tongban.kernel.forms.provenance import Bound
from tongban.kernel.forms.rules.conditions import Situation
from tongban.kernel.forms.rules.structure import Field
from tongban.kernel.forms.rules.values import is_empty, same

__all__ = ["FIGURES", "KnownRow", "KnownValue", "is_folded", "known_value", "rows_of"]

FIGURES = ("citizen_id", "uscc", "mobile", "decimal", "integer", "date")
"""Types whose values are set in figures of one width."""


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A register's value, ready to show: masked where it is personal."""

    key: str
    text: LocalizedText
    source: LocalizedText
    as_of: datetime | None
    is_figure: bool
    is_changed: bool
    is_reported: bool


@dataclass(frozen=True, slots=True)
class KnownRow:
    """One row of the block of known values; several fields may share it (``beside``)."""

    label: LocalizedText
    values: Sequence[KnownValue]
    wrong_url: str

    @property
    def first(self) -> KnownValue:
        """The value that gave the row its label."""
        return self.values[0]


def known_value(
    field: Field, now: Situation, bound: Bound | None, options: Options, masked: bool
) -> KnownValue | None:
    """Return what is shown of a register's value, None when there is none."""
    if bound is None or is_empty(bound.value):
        return None
    value = now.context.get(field.key)
    return KnownValue(
        key=field.key,
        text=as_text(field, bound.value, options.get(field.key), masked=masked),
        source=bound.source,
        as_of=bound.as_of,
        is_figure=field.type in FIGURES,
        is_changed=not same(value, bound.value),
        is_reported=bound.reported_at is not None,
    )


def is_folded(field: Field, known: KnownValue | None) -> bool:
    """True when the value stands in the block of known values and is not asked."""
    is_asked = known is None or known.is_changed or known.is_reported
    return not is_asked and not (field.bind and field.bind.editable)


def rows_of(
    fields: Sequence[Field], held: Mapping[str, KnownValue | None], wrong_url: Callable[[str], str] | None
) -> list[KnownRow]:
    """Return the rows of the block of known values."""
    rows: dict[str, tuple[Field, list[KnownValue]]] = {}
    for field in fields:
        value = held[field.key]
        if value is None:
            continue
        if field.beside in rows:
            rows[field.beside][1].append(value)
        else:
            rows[field.key] = (field, [value])
    return [
        KnownRow(f.label, values, wrong_url(key) if wrong_url else "") for key, (f, values) in rows.items()
    ]
