"""Answers in words, private parts hidden."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel.forms.display import as_text
from tongban.kernel.forms.rules.masks import KINDS, mask
from tongban.kernel.forms.rules.structure import build
from tongban.kernel.forms.tests.shop import ID_NUMBER, SHOP

FIELDS = build(SHOP).fields


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("name", "李秀英", "李*英"),
        ("name", "李英", "李*"),
        ("name", "买买提·吐尔逊", "买*****逊"),
        ("name", "李", "李"),
        ("id", ID_NUMBER, "532399********0283"),
        ("phone", "13887654471", "138****4471"),
        ("email", "li@example.cn", "l***@example.cn"),
        ("address", "城关镇文昌路46号2单元301室", "城关镇文昌路46号2******"),
        ("all", "秘密", "**"),
        ("", "不用遮", "不用遮"),
    ],
)
def test_a_mask_hides_the_private_part(kind: str, text: str, shown: str) -> None:
    assert mask(text, kind) == shown


@given(st.sampled_from(sorted(KINDS)), st.text(min_size=2, max_size=40))
def test_a_mask_always_hides_something(kind: str, text: str) -> None:
    assert mask(text, kind) != text or "*" in text


@pytest.mark.parametrize(
    ("field", "value", "zh", "en"),
    [
        ("area", 1200.5, "1,200.5 平方米", "1,200.5 m²"),
        ("area", "六十", "六十", "六十"),
        ("kind", "small", "小餐饮", "Small"),
        ("goods", ["noodles", "cold"], "米线、面条、凉菜", "Noodles, Cold dishes"),
        ("goods", ["gone"], "gone", "gone"),
        ("cold_room", False, "否", "No"),
        ("opens_on", "2026-12-01", "2026年12月1日", "1 December 2026"),
        ("opens_on", "2026--5", "2026--5", "2026--5"),
        ("sign", None, "没有填", "Not answered"),
    ],
)
def test_an_answer_reads_as_people_say_it(field: str, value: object, zh: str, en: str) -> None:
    text = as_text(FIELDS[field], value)
    assert (text.zh, text.in_language("en")) == (zh, en)


def test_personal_values_are_masked_when_asked() -> None:
    assert as_text(FIELDS["owner_id"], ID_NUMBER, masked=True).zh == "532399********0283"
    assert as_text(FIELDS["owner_id"], ID_NUMBER).zh == ID_NUMBER
    assert as_text(FIELDS["owner_name"], "李秀英", masked=True).zh == "李*英"
    assert as_text(FIELDS["sign"], "李记小锅米线", masked=True).zh == "李记小锅米线"
