"""The demo's past has its cards: what was late got one at its time, and some were heard."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.support.county import PACK, County
from tongban.apps.oversight.models import Card
from tongban.base.actor import Actor
from tongban.base.packs import Pack
from tongban.base.time import LOCAL
from tongban.main.past_cards import load_past_cards


def test_what_was_late_got_its_card_at_its_time_and_some_were_heard(county: County, settings: Any) -> None:
    for _ in range(3):
        county.accept(county.submit())
    county.go_to("2026-06-12")
    settings.TONGBAN_DEMO_PAST = False
    assert load_past_cards(Pack(PACK), actor=Actor.system("test"), at=county.now) == 0
    settings.TONGBAN_DEMO_PAST = True
    assert load_past_cards(Pack(PACK), actor=Actor.system("test"), at=county.now) == 3
    cards = list(Card.objects.exclude(level="warning").order_by("state"))
    assert [card.state for card in cards] == ["deciding", "pleading", "withdrawn"]
    assert {card.given_at for card in cards} == {datetime(2026, 6, 9, 0, 10, tzinfo=LOCAL)}
    assert cards[2].decided_at == datetime(2026, 6, 10, 10, 5, tzinfo=LOCAL)
    assert load_past_cards(Pack(PACK), actor=Actor.system("test"), at=county.now) == 0
    assert Card.objects.exclude(level="warning").count() == 3
