"""A small index and the demo county's own synonyms."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tongban.base.actor import Actor
from tongban.base.packs import Pack
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.search import service
from tongban.kernel.search.packs import load_synonyms

AT = datetime(2026, 3, 5, tzinfo=UTC)
PACK = Path(__file__).parents[5] / "packs" / "chengxi"
ITEM = LocalizedText("事项", "Service")

THINGS = [
    (
        "food-licence",
        "食品经营许可（新办）",
        "Food business licence (new)",
        ["开饭店", "餐饮许可", "restaurant"],
        "开业前办。",
    ),
    (
        "small-catering",
        "小餐饮登记",
        "Small catering registration",
        ["小吃店", "开小吃店", "snack bar"],
        "不超过五十平方米。",
    ),
    ("marriage", "结婚登记预约", "Marriage registration", ["领证", "wedding"], "开车来的可以停在院内。"),
    (
        "pension",
        "城乡居民养老保险参保登记",
        "Pension registration",
        ["养老金", "社保"],
        "年满十六周岁可以参保。",
    ),
    ("tree", "林木采伐许可证核发", "Tree felling licence", ["砍树"], "采伐林木要先申请。"),
]


@pytest.fixture
def county(db):
    load_synonyms(Pack(PACK), actor=Actor.system("pack"), at=AT)
    for key, zh, en, keywords, body in THINGS:
        service.index(
            ref=Ref("item", key),
            title=LocalizedText(zh, en),
            body=LocalizedText(body),
            keywords=keywords,
            url=f"/services/items/{key}/",
            kind_label=ITEM,
            at=AT,
        )
