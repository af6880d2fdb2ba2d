"""A page of a form as the templates draw it: everything resolved, so that no query runs while it renders."""

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
from tongban.kernel.forms.errors import FormNotFound
from tongban.kernel.forms.known import KnownRow, is_folded, known_value, rows_of
from tongban.kernel.forms.options import options_for
from tongban.kernel.forms.provenance import Bound
from tongban.kernel.forms.questions import FieldView, question
from tongban.kernel.forms.rules.conditions import names_in
from tongban.kernel.forms.rules.structure import Form, Page

__all__ = ["PageView", "page_view"]


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
    held = {f.key: known_value(f, now, known.get(f.key), options, masked) for f in fields}
    folded = [
        f for f in fields
        if is_folded(f, held[f.key]) and f.key not in wrong and f.key not in opened
    ]  # fmt: skip
    deciding = _deciding(form, shown)
    return PageView(
        form=form,
        page=shown,
        known=rows_of(folded, held, wrong_url),
        fields=[
            question(f, now, options.get(f.key, ()), held[f.key], wrong.get(f.key), f.key in deciding)
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


def _deciding(form: Form, page: Page) -> set[str]:
    names: set[str] = set()
    for field in page.fields:
        for expression in (field.visible, field.computed, field.required):
            if isinstance(expression, str):
                names |= names_in(expression)
    return names & {f.key for f in page.fields}
