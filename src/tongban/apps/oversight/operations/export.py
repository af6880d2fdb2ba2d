"""Taking the list of cards away is an act: what leaves the installation is on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tongban.apps.oversight.duties import INSPECT, SUPERVISE
from tongban.apps.oversight.queries import CardFilter, cells_of, list_cards
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText as T
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["export_cards"]

MOST_PAGES = 100
SIZE = 100
HEADER = (
    T("编号", "Number"), T("等级", "Level"), T("规则", "Rule"), T("依据", "Source"), T("办件", "Case"), T("单位", "Unit"),
    T("发牌", "Given"), T("状态", "State"), T("裁定单位", "Decided by"),
)  # fmt: skip


def export_cards(*, actor: Actor, wanted: CardFilter, at: datetime) -> Iterator[list[object]]:
    """Write the act, then return the list as rows of a table, the heading first. Raises Forbidden."""
    identity.require_duty(actor, INSPECT, SUPERVISE)
    ledger.record(actor=actor, verb="oversight.export", subject=Ref("oversight", "cards"), at=at)
    return _rows(wanted)


def _rows(wanted: CardFilter) -> Iterator[list[object]]:
    yield list(HEADER)
    for number in range(1, MOST_PAGES + 1):
        page = list_cards(wanted, page=number, size=SIZE)
        yield from cells_of(page)
        if not page.has_next:
            return
