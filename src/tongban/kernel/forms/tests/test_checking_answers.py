"""What is wrong with answers, said so that a person can put it right."""

from __future__ import annotations

from typing import Any

import pytest

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.kernel.forms.checking import answers_of, check
from tongban.kernel.forms.options import Option, option_providers
from tongban.kernel.forms.rules.schema import json_schema
from tongban.kernel.forms.rules.structure import build
from tongban.kernel.forms.tests.shop import AT, GOOD, SHOP, shop

FORM = build(SHOP)


def errors(page: str | None = None, **data: Any) -> dict[str, str]:
    return {e.field: e.message.zh for e in check(FORM, {**GOOD, **data}, page=page, at=AT)}


def test_good_answers_have_no_errors() -> None:
    assert errors() == {}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("owner_id", "532399198511040284", "身份证号码不对"),
        ("owner_id", "53239919851104028", "身份证号码不对"),
        ("mobile", "12345", "手机号不对"),
        ("sign", None, "还没有填"),
        ("sign", "店" * 21, "最多 20 个字，现在是 21 个"),
        ("area", "六十", "请填数字"),
        ("area", 0, "不能小于 1 平方米"),
        ("area", 5000.5, "不能大于 5000 平方米"),
        ("area", 48.123, "最多写到小数点后 2 位"),
        ("area", 62, "超过了小餐饮的上限 50 平方米"),
        ("kind", "huge", "请从列出的选项里选"),
        ("kind", None, "请选一项"),
        ("goods", None, "请至少选一项"),
        ("goods", ["noodles", "gold"], "请从列出的选项里选"),
        ("opens_on", "2026-02-30", "没有这一天"),
        ("opens_on", "2026--5", "没有这一天"),
        ("opens_on", "2026-11-19", "不能早于 2026年11月20日"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(field: str, value: object, message: str) -> None:
    found = errors(page=FORM.page_of[field], **{field: value})
    assert list(found) == [field]
    assert message in found[field]


def test_every_message_is_in_both_languages() -> None:
    wrong = dict.fromkeys(GOOD, "？") | {"area": -1, "goods": ["x"], "opens_on": "never"}
    for error in check(FORM, wrong, at=AT):
        assert error.message.en, error
        assert error.message.en != error.message.zh


def test_a_check_waits_until_everything_it_speaks_of_is_answered() -> None:
    assert errors(area=None, kind="small") == {"area": "还没有填"}


def test_a_page_is_checked_by_itself() -> None:
    assert errors(page="owner", sign=None) == {}
    assert list(errors(page="shop", sign=None, owner_name=None)) == ["sign"]


def test_what_is_not_asked_is_not_checked() -> None:
    assert errors(goods=["noodles"], cold_room="?", cold_room_area=-4) == {}


def test_a_condition_that_holds_makes_an_answer_due() -> None:
    assert errors(goods=["cold"]) == {"cold_room": "请选一项"}
    assert errors(goods=["cold"], cold_room=True) == {"cold_room_area": "还没有填"}


def test_errors_come_in_the_order_of_the_questions() -> None:
    assert list(errors(sign=None, owner_id="1", area="x", kind="?")) == ["owner_id", "sign", "area", "kind"]


def test_a_field_that_the_form_has_not_is_named() -> None:
    assert errors(salary=1) == {"salary": "表里没有这一项"}


def test_a_later_page_that_is_not_shown_asks_nothing() -> None:
    assert "exits" not in errors(area=100, kind="normal")
    assert errors(area=200, kind="normal") == {"exits": "还没有填"}


def test_a_pattern_says_in_words_what_it_expects() -> None:
    form = build(
        shop(field="sign", pattern="[A-Z]{3}", pattern_hint={"zh": "三个大写字母", "en": "Three capitals"})
    )
    found = {e.field: e.message.zh for e in check(form, {**GOOD, "sign": "ABCD"}, at=AT)}
    assert found == {"sign": "三个大写字母"}
    assert check(form, {**GOOD, "sign": "ABC"}, at=AT) == []


def test_an_answer_cannot_make_a_pattern_hang() -> None:
    form = build(shop(field="sign", pattern="(a+)+", max_length=200, pattern_hint="只写 a"))
    assert check(form, {**GOOD, "sign": "a" * 190 + "!"}, at=AT)[0].field == "sign"


def test_what_counts_holds_no_answer_to_an_unasked_question_and_what_is_computed() -> None:
    data = {**GOOD, "goods": ["cold"], "cold_room": True, "cold_room_area": 6, "exits": 3, "rest": 99}
    counting = answers_of(FORM, data, at=AT)
    assert counting["rest"] == 42
    assert "exits" not in counting


def test_the_schema_tells_programs_the_shape() -> None:
    schema = json_schema(FORM)
    assert schema["required"] == ["owner_name", "owner_id", "mobile", "sign", "area", "kind", "goods"]
    assert schema["properties"]["area"]["maximum"] == 5000
    assert schema["properties"]["cold_room"]["x-visible"] == "'cold' in goods"
    assert schema["properties"]["rest"]["readOnly"] is True


# --- options that depend on who answers ------------------------------------------------------------------------------


@pytest.fixture
def firms(monkeypatch: pytest.MonkeyPatch) -> None:
    def provider(request: Any) -> list[Option]:
        return [Option("mine", LocalizedText("我的店"))] if request.actor.account_id == 1 else []

    monkeypatch.setitem(option_providers._entries, "identity.entities", provider)


FIRM = build({"key": "f", "name": "表", "pages": [{"key": "p", "title": "页", "fields": [
    {"key": "firm", "label": "以哪家店申请", "type": "entity", "required": True}]}]})  # fmt: skip


@pytest.mark.usefixtures("firms")
def test_only_an_entity_that_one_may_represent_is_an_answer() -> None:
    assert check(FIRM, {"firm": "mine"}, at=AT, actor=Actor(account_id=1)) == []
    refused = check(FIRM, {"firm": "mine"}, at=AT, actor=Actor(account_id=2))
    assert [e.message.zh for e in refused] == ["请从列出的选项里选"]


def test_whose_options_they_are_must_be_said() -> None:
    with pytest.raises(ValueError, match="need an actor"):
        check(FIRM, {}, at=AT)
