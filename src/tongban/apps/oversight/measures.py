"""What is counted of cards (``base.figures``)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat

from tongban.apps.oversight.duties import INSPECT
from tongban.apps.oversight.models import Card
from tongban.base import figures
from tongban.base.text import LocalizedText as T
from tongban.kernel.cases import service as cases

__all__ = ["register"]


def _cards(at: datetime) -> QuerySet[Any]:
    """Return yellow and red cards as a measure wants them: a warning is only told."""
    return Card.objects.exclude(level="warning").annotate(
        of_case=F("pk"),
        of_unit=F("unit_id"),
        of_item=Concat("about__subject_kind", Value(":"), "about__subject_id"),
        of_place=cases.home_of("about_id"),
        of_at=F("given_at"),
    )


def _open(at: datetime) -> QuerySet[Any]:
    return _cards(at).filter(state__in=["pleading", "deciding"])


CARDS = figures.Measure(
    key="cards",
    label=T("监察牌", "Cards"),
    says=T(
        "系统按规则发的黄牌、红牌，按发牌的时间", "Yellow and red cards given by the rules, by that moment"
    ),
    rows=_cards,
)
OPEN = figures.Measure(
    key="cards-open",
    label=T("待裁定的牌", "Cards open"),
    says=T(
        "黄牌、红牌当中，还在等说明或者等裁定的", "Yellow and red cards that await the plea or the decision"
    ),
    rows=_open,
    is_now=True,
)


def register() -> None:
    """Register what is counted, and that inspectors see all units."""
    figures.register_measure(CARDS)
    figures.register_measure(OPEN)
    figures.let_see_all(INSPECT)
