"""Drawing forms: ``{% load forms %}``, then one tag a view object. The views are made before rendering (no queries here)."""

from __future__ import annotations

from collections.abc import Sequence

from django import template

from tongban.kernel.forms.answers import AnswersView
from tongban.kernel.forms.queries import CompareRow
from tongban.kernel.forms.rendering import PageView

register = template.Library()


@register.inclusion_tag("forms/page.html")
def form_page(view: PageView, summary: bool = True) -> dict[str, object]:
    """Draw the questions of a page: error summary, known values, fields. Stands inside the caller's ``<form>``.

    Who draws several pages one below the other draws one ``summary`` over all of them himself.
    """
    return {"view": view, "summary": summary}


@register.inclusion_tag("forms/answers.html")
def form_answers(view: AnswersView, level: int = 2, name: object = "") -> dict[str, object]:
    """Draw all answers, page by page, each with its link to change them.

    ``level`` is that of the headings (2 or 3); ``name`` tells several filled-in forms on one page apart.
    """
    return {"view": view, "level": level, "prefix": f"answers-{name}-" if name else "answers-"}


@register.inclusion_tag("forms/compare.html")
def form_compare(rows: Sequence[CompareRow]) -> dict[str, object]:
    """Draw answers beside what the registers say, for the clerk."""
    return {"rows": rows}


@register.inclusion_tag("forms/compare_count.html")
def form_compare_count(rows: Sequence[CompareRow]) -> dict[str, object]:
    """Draw how many answers agree with the registers and how many do not."""
    differing = sum(row.changed for row in rows)
    return {"agreeing": len(rows) - differing, "differing": differing}
