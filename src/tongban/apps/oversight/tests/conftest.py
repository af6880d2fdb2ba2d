"""Fixtures of oversight's tests: the county, with a food licence that nobody decides about in time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.county import County
from tongban.apps.oversight import service as oversight
from tongban.apps.oversight.models import Card
from tongban.kernel.calendars import service as calendars
from tongban.kernel.ledger import service as ledger


class Watch:
    """Quick ways through the doors."""

    def __init__(self, county: County) -> None:
        self.county = county
        oversight.watch(at=county.now)

    def look(self) -> list[Card]:
        """Let the limits be told of and the rules be applied now; return all cards, the oldest first."""
        calendars.give_warnings(at=self.county.now)
        oversight.watch(at=self.county.now)
        return list(Card.objects.select_related("case", "about", "unit").order_by("given_at", "pk"))

    def cards(self, rule: str) -> list[Card]:
        """Return the cards of a rule after looking."""
        return [card for card in self.look() if card.rule_key == rule]

    def verbs(self, case: Any) -> list[str]:
        """Return what the ledger holds about a case, in order."""
        return [act.verb for act in ledger.acts_of(case=str(case.ref))]


@pytest.fixture
def watch(county: County, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Let the watch begin. A test is one transaction, and the ledger is followed only up to the oldest open one."""
    monkeypatch.setattr("tongban.kernel.ledger.rows.HORIZON", "9223372036854775807")
    return Watch(county)


@pytest.fixture
def late(watch: Watch) -> Any:
    """Return an accepted application whose limits have run out, on the day after."""
    case = watch.county.accept(watch.county.submit())
    watch.county.go_to("2026-09-30")
    return case
