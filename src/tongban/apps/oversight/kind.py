"""A card as a kind of case: its states, and what of it stands on its page."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.apps.oversight import queries, words
from tongban.apps.oversight.duties import SUPERVISE
from tongban.apps.oversight.models import Card
from tongban.base.text import LocalizedText as T
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity

__all__ = ["KEY", "KIND"]

KEY = "oversight-card"


def _state(key: str, *, is_final: bool = False, tone: str = "blue") -> cases.State:
    return cases.State(words.STATES[key], words.STATES[key], is_final, tone)


def _supervisors(case: Any, at: datetime) -> list[UUID]:
    """Return who decides about the card: they are told when a step of it comes to its end."""
    unit = Card.objects.filter(pk=case.pk).values_list("supervisor_id", flat=True).first()
    return identity.people_with_duty(unit, SUPERVISE, at) if unit else []


KIND = cases.CaseKind(
    key=KEY,
    label=T("监察牌", "Oversight card"),
    number_prefix="JC",
    icon="warn",
    states={
        "draft": cases.State(T("草稿", "Draft"), T("草稿", "Draft"), tone=""),
        "submitted": cases.State(T("已发牌", "Given"), T("已发牌", "Given")),
        "told": _state("told", is_final=True, tone="line"),
        "pleading": _state("pleading", tone="amber"),
        "deciding": _state("deciding"),
        "upheld": _state("upheld", is_final=True, tone="red-soft"),
        "withdrawn": _state("withdrawn", is_final=True, tone="line"),
    },
    stages=(
        cases.Stage("given", T("发牌", "Given"), frozenset({"submitted"})),
        cases.Stage("pleading", T("说明情况", "Plea"), frozenset({"pleading"})),
        cases.Stage("deciding", T("裁定", "Decision"), frozenset({"deciding"})),
        cases.Stage("decided", T("结果", "Outcome"), frozenset({"upheld", "withdrawn", "told"})),
    ),
    panels=(cases.Panel("oversight", "oversight/panel.html", queries.panel_context),),
    supervisors=_supervisors,
    is_public=False,
)
