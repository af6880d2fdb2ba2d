"""What the templates draw: frozen dataclasses with everything resolved, so that no query runs while a page renders."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.forms.checking import FieldError, situation_of
from tongban.kernel.forms.display import as_text
from tongban.kernel.forms.errors import FormNotFound
from tongban.kernel.forms.options import Options, options_for
from tongban.kernel.forms.provenance import Bound
from tongban.kernel.forms.rules.conditions import Situation, names_in
from tongban.kernel.forms.rules.structure import Field, Form, Option, Page
from tongban.kernel.forms.rules.values import DATE_PARTS, is_empty, same

__all__ = ["FieldView", "KnownRow", "OptionView", "PageView", "page_view"]

RADIOS_UP_TO = 7
"""More options than these make a list to choose from."""

_AUTOCOMPLETE = {
    "person.name": "name", "person.phone": "tel", "person.email": "email", "person.address": "street-address",
    "person.birth_on": "bday", "entity.name": "organization",
}  # fmt: skip
_INPUTMODE = {"decimal": "decimal", "integer": "numeric", "mobile": "tel", "email": "email"}
_INPUT_TYPE = {"mobile": "tel", "email": "email"}
_FIGURES = ("citizen_id", "uscc", "mobile", "decimal", "integer", "date")


@dataclass(frozen=True, slots=True)
class OptionView:
    """One radio, checkbox or line of a list."""

    id: str
    value: str
    label: LocalizedText
    note: LocalizedText
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class DatePart:
    """Year, month or day of a date that is typed."""

    name: str
    id: str
    part: str
    value: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """One question as drawn. ``id`` is the id of the control that an error links to, ``f-<key>``."""

    field: Field
    id: str
    template: str
    value: str
    options: Sequence[OptionView]
    parts: Sequence[DatePart]
    error: LocalizedText | None
    is_required: bool
    described_by: str
    known: KnownValue | None
    hint: LocalizedText
    size: str
    input_type: str
    input_mode: str
    autocomplete: str
    is_row: bool
    """True when the options are few and short enough to stand in one row."""
    decides: bool
    """True when other questions of the page depend on this one: a change shows or hides them."""


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


@dataclass(frozen=True, slots=True)
class PageView:
    """One page of a form as drawn by ``{% form_page %}``."""

    form: Form
    page: Page
    known: Sequence[KnownRow]
    fields: Sequence[FieldView]
    errors: Sequence[FieldError]
    action: str
    revision: int
    sheet: str
    notice: LocalizedText | None

    @property
    def summary(self) -> list[FieldError]:
        """The errors as the summary lists them: each says which question it is about."""
        return [FieldError(e.field, _about(self.form, e)) for e in self.errors]

    @property
    def known_count(self) -> int:
        """How many values need not be typed."""
        return len(self.known)


def page_view(
    form: Form,
    page: str,
    *,
    data: Mapping[str, Any],
    at: datetime,
    actor: Actor | None = None,
    errors: Sequence[FieldError] = (),
    bound: Mapping[str, Bound | Mapping[str, Any]] | None = None,
    about: Ref | None = None,
    action: str = "",
    revision: int = 0,
    wrong_url: Callable[[str], str] | None = None,
    opened: Collection[str] = (),
    masked: bool = True,
    notice: LocalizedText | None = None,
) -> PageView:
    """Return a page with answers, errors and known values, ready to draw.

    ``bound`` is what ``prefill`` found or an entry's ``provenance``. ``wrong_url`` gives the address behind "有误？" for a field;
    ``opened`` are known fields that the person wants to correct: they become inputs with the register's value beside them,
    as do those that she reported to be wrong (``report_wrong``).
    ``action`` is the address of the page: given, a change of a deciding answer redraws the page through htmx. ``actor`` (and
    ``about``) are needed when options depend on who answers. ``notice`` is said above the questions.
    Raises FormNotFound for an unknown page.
    """
    shown = form.page(page)
    if shown is None:
        raise FormNotFound(form=form.key, page=page)
    now = situation_of(form, data, at=at)
    options = options_for(form, actor=actor, at=at, about=about, page=page)
    known = {k: b if isinstance(b, Bound) else Bound.read(b) for k, b in (bound or {}).items()}
    wrong = {e.field: e.message for e in errors}
    fields = [f for f in shown.fields if f.key in now.visible]
    held = {f.key: _known(f, now, known.get(f.key), options, masked) for f in fields}
    folded = [
        f for f in fields
        if _is_folded(f, held[f.key]) and f.key not in wrong and f.key not in opened
    ]  # fmt: skip
    deciding = _deciding(form, shown)
    return PageView(
        form=form,
        page=shown,
        known=_rows(folded, held, wrong_url),
        fields=[
            _field(f, now, options.get(f.key, ()), held[f.key], wrong.get(f.key), f.key in deciding)
            for f in fields
            if f not in folded
        ],
        errors=list(errors),
        action=action,
        revision=revision,
        sheet=secrets.token_hex(8),
        notice=notice,
    )


def _about(form: Form, error: FieldError) -> LocalizedText:
    field = form.fields.get(error.field)
    if field is None:
        return error.message
    label = LocalizedText(field.label.zh.rstrip("？?"), field.label.in_language("en").rstrip("?"))
    return LocalizedText("{label}：{message}", "{label}: {message}").format(
        label=label, message=error.message
    )


def _known(
    field: Field, now: Situation, bound: Bound | None, options: Options, masked: bool
) -> KnownValue | None:
    if bound is None or is_empty(bound.value):
        return None
    value = now.context.get(field.key)
    return KnownValue(
        key=field.key,
        text=as_text(field, bound.value, options.get(field.key), masked=masked),
        source=bound.source,
        as_of=bound.as_of,
        is_figure=field.type in _FIGURES,
        is_changed=not same(value, bound.value),
        is_reported=bound.reported_at is not None,
    )


def _is_folded(field: Field, known: KnownValue | None) -> bool:
    """True when the value stands in the block of known values and is not asked."""
    is_asked = known is None or known.is_changed or known.is_reported
    return not is_asked and not (field.bind and field.bind.editable)


def _rows(
    fields: Sequence[Field], held: Mapping[str, KnownValue | None], wrong_url: Callable[[str], str] | None
) -> list[KnownRow]:
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


def _deciding(form: Form, page: Page) -> set[str]:
    names: set[str] = set()
    for field in page.fields:
        for expression in (field.visible, field.computed, field.required):
            if isinstance(expression, str):
                names |= names_in(expression)
    return names & {f.key for f in page.fields}


def _field(
    field: Field, now: Situation, options: Sequence[Option], known: KnownValue | None,
    error: LocalizedText | None, decides: bool,
) -> FieldView:  # fmt: skip
    identifier = f"f-{field.key}"
    value = now.context.get(field.key)
    parts = _date_parts(field, identifier, value)
    described = [
        f"{identifier}-{what}"
        for what, there in (("hint", field.hint), ("known", known), ("error", error))
        if there
    ]
    return FieldView(
        field=field,
        id=identifier,
        template=_template(field, options),
        value=_typed(field, value),
        options=_options(field, identifier, options, value),
        parts=parts,
        error=error,
        is_required=field.key in now.required,
        described_by=" ".join(described),
        known=known,
        hint=field.hint,
        size=_size(field),
        input_type=_INPUT_TYPE.get(field.type, "text"),
        input_mode=_INPUTMODE.get(field.type, ""),
        autocomplete=field.autocomplete or _AUTOCOMPLETE.get(field.element, ""),
        is_row=_is_row(field, options),
        decides=decides,
    )


def _template(field: Field, options: Sequence[Option]) -> str:
    if field.computed:
        return "output"
    if field.type in ("bool", "multi", "date", "textarea"):
        return {"bool": "yes_no", "multi": "checks"}.get(field.type, field.type)
    if field.type == "entity":
        return "entity"
    if field.type == "unit" or len(options) > RADIOS_UP_TO:
        return "select"
    return "radios" if field.is_choice else "input"


def _is_row(field: Field, options: Sequence[Option]) -> bool:
    if field.type == "bool":
        return True
    short = all(len(o.label.zh) <= 8 and len(o.label.en) <= 30 and not o.note for o in options)
    return len(options) <= 3 and short


def _typed(field: Field, value: Any) -> str:
    """Return the value as it stands in a control: exactly what was typed when it could not be read."""
    if field.computed:
        return str(as_text(field, value)) if not is_empty(value) else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or isinstance(value, list) else str(value)


def _options(field: Field, identifier: str, options: Sequence[Option], value: Any) -> list[OptionView]:
    if field.type == "bool":
        options = (Option("true", LocalizedText("是", "Yes")), Option("false", LocalizedText("否", "No")))
        value = _typed(field, value)
    chosen = {str(v) for v in value} if isinstance(value, list) else {str(value)}
    return [
        OptionView(identifier if n == 0 else f"{identifier}-{n}", o.value, o.label, o.note, o.value in chosen)
        for n, o in enumerate(options)
    ]


def _date_parts(field: Field, identifier: str, value: Any) -> list[DatePart]:
    if field.type != "date":
        return []
    typed = [*str(value or "").split("-", 2), "", "", ""][:3]
    return [
        DatePart(
            f"{field.key}.{part}",
            identifier if n == 0 else f"{identifier}-{part}",
            part,
            typed[n].lstrip("0") or typed[n],
        )
        for n, part in enumerate(DATE_PARTS)
    ]


def _size(field: Field) -> str:
    figure = " num" if field.type in _FIGURES else ""
    if field.type in ("decimal", "integer") or (field.type == "text" and (field.max_length or 99) <= 10):
        return f"short{figure}"
    if field.type in ("citizen_id", "uscc", "mobile"):
        return f"middle{figure}"
    return ""
