"""Who sees figures of which units. The public figures are for everybody and need none of this."""

from __future__ import annotations

from tongban.apps.figures.errors import FigureNotFound
from tongban.base import figures
from tongban.base.actor import Actor
from tongban.base.errors import Forbidden
from tongban.base.text import LocalizedText as T
from tongban.kernel.identity import service as identity

__all__ = ["DUTIES", "LEAD", "may_look", "units_of"]

LEAD = "figures.lead"
DUTIES = {
    LEAD: (
        T("看概况", "Sees the overview"),
        T(
            "看本单位和下级单位的办件概况和组成它的办件（没有个人信息）",
            "Sees the figures of the own unit and those below it, and the cases behind them (without people)",
        ),
    )
}


def may_look(actor: Actor) -> bool:
    """Return whether this actor sees an overview at all. Nobody does without a duty that says so."""
    return actor.is_official and not actor.duties.isdisjoint({LEAD, *figures.seeing_all()})


def units_of(actor: Actor) -> frozenset[int] | None:
    """Return the units whose figures this actor sees: the own one and all below it; None for who watches over all.

    Raises Forbidden.
    """
    if not may_look(actor):
        raise Forbidden(duties=sorted({LEAD, *figures.seeing_all()}))
    if not actor.duties.isdisjoint(figures.seeing_all()):
        return None
    if actor.unit_id is None:
        raise FigureNotFound
    below: dict[int, list[int]] = {}
    for unit in identity.list_units(with_closed=True):
        if unit.parent_id is not None:
            below.setdefault(unit.parent_id, []).append(unit.pk)
    found, waiting = set(), [actor.unit_id]
    while waiting:
        unit_id = waiting.pop()
        if unit_id not in found:
            found.add(unit_id)
            waiting += below.get(unit_id, ())
    return frozenset(found)
