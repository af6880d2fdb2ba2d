"""Access: who watches over all units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.architecture.walk.probe import GO, Probe, World
from tests.support.county import County

PUBLIC = {
    "oversight:extract": "/oversight/",
    "oversight:extract-csv": "/oversight/2026-05.csv",
    "oversight:extract-json": "/oversight/2026-05.json",
}


def give_a_card(county: County, case: Any) -> str:
    """Let oversight find something in a case; return the number of the card."""
    from tongban.apps.oversight import service as oversight
    from tongban.base.text import LocalizedText

    rule = next(rule for rule in oversight.rules_in_force() if rule.key == "case-overdue")
    finding = oversight.Finding(rule, case, "test", case.unit_id, None, LocalizedText("超期"))
    card = oversight.give_card(finding=finding, at=county.now)
    assert card is not None
    return card.case.number or ""


def probes(w: World) -> Iterator[Probe]:
    watching: dict[str, Any] = {"owner": "oversight"}
    yield Probe("oversight:cards", "/desk/oversight/", **watching)
    yield Probe("oversight:export", "/desk/oversight/export/", method="POST", **watching)
    yield Probe("oversight:rules", "/desk/oversight/rules/", **watching)
    yield Probe("oversight:late", "/desk/oversight/late/", **watching)
    yield Probe("oversight:inspect", "/desk/oversight/inspect/", **watching)
    asked = {"number": w.waiting.number, "reason": "核实受理是否及时"}
    yield Probe(
        "oversight:inspect", "/desk/oversight/inspect/", method="POST", body=asked, answers=GO, **watching
    )
    card = f"/desk/oversight/cards/{w.facts['card']}/"
    yield Probe("oversight:card", card, answers=GO, **watching)
    refused = frozenset({422})
    yield Probe("oversight:evidence", f"{card}evidence/", method="POST", owner="officer1", answers=refused)
