"""All answers at once: to check before handing in, and for the case page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.forms.checking import situation_of
from tongban.kernel.forms.display import as_text
from tongban.kernel.forms.options import options_for
from tongban.kernel.forms.provenance import Bound
from tongban.kernel.forms.rules.structure import Form
from tongban.kernel.forms.rules.values import is_empty, same

__all__ = ["AnswerPage", "AnswerRow", "AnswersView", "answers_view"]


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer in words; ``source`` when a register gave it, ``register_text`` when the person gave another."""

    key: str
    label: LocalizedText
    text: LocalizedText
    is_answered: bool
    is_long: bool
    source: LocalizedText | None
    as_of: datetime | None
    register_text: LocalizedText | None


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """The answers of one page and where they can be changed ("" when they cannot)."""

    key: str
    title: LocalizedText
    rows: Sequence[AnswerRow]
    change_url: str


@dataclass(frozen=True, slots=True)
class AnswersView:
    """A filled-in form as drawn by ``{% form_answers %}``."""

    form: Form
    pages: Sequence[AnswerPage]


def answers_view(
    form: Form,
    *,
    data: Mapping[str, Any],
    at: datetime,
    actor: Actor | None = None,
    bound: Mapping[str, Bound | Mapping[str, Any]] | None = None,
    about: Ref | None = None,
    change_url: Callable[[str], str] | None = None,
    masked: bool = True,
    only_answered: bool = False,
) -> AnswersView:
    """Return every question that is asked with its answer in words, page by page, unanswered ones too.

    ``change_url`` gives the address of a page by its key. ``masked`` hides the private part of personal values.
    ``only_answered`` leaves out what has no answer here, because it may well have one elsewhere.
    """
    now = situation_of(form, data, at=at)
    options = options_for(form, actor=actor, at=at, about=about)
    known = {k: b if isinstance(b, Bound) else Bound.read(b) for k, b in (bound or {}).items()}
    pages = []
    for page in form.pages:
        rows = []
        for field in page.fields:
            value, held = now.context.get(field.key), known.get(field.key)
            if field.key not in now.visible or (only_answered and is_empty(value)):
                continue
            changed = held is not None and not same(value, held.value)
            given = held is not None and not changed
            rows.append(
                AnswerRow(
                    key=field.key,
                    label=field.label,
                    text=as_text(field, value, options.get(field.key), masked=masked),
                    is_answered=not is_empty(value),
                    is_long=field.type == "textarea",
                    source=held.source if held and given else None,
                    as_of=held.as_of if held and given else None,
                    register_text=as_text(field, held.value, options.get(field.key), masked=masked)
                    if held and changed
                    else None,
                )
            )
        if page.key in now.pages and rows:
            pages.append(AnswerPage(page.key, page.title, rows, change_url(page.key) if change_url else ""))
    return AnswersView(form, pages)
