"""What a page of a form looks like to people, keyboards, screen readers and browsers without script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.template import engines
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from lxml import html

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.kernel.forms import service
from tongban.kernel.forms.options import Option, option_providers
from tongban.kernel.forms.rules.structure import build
from tongban.kernel.forms.tests.shop import AT, GOOD, ID_NUMBER, SHOP, shop

FORM = build(SHOP)
SOURCE = LocalizedText("人口基础库（县公安局）", "Population register")


def bound(value: Any, field: str) -> service.Bound:
    return service.Bound(value, SOURCE, AT - timedelta(days=4), "population", ID_NUMBER, field, AT)


KNOWN = {"owner_name": bound("李秀英", "name"), "owner_id": bound(ID_NUMBER, "citizen_id")}


def draw(page: str = "shop", *, form: service.Form = FORM, data: Mapping[str, Any] = GOOD, language: str = "zh-hans",
         **more: Any) -> html.HtmlElement:  # fmt: skip
    view = service.page_view(form, page, data=data, at=AT, **more)
    template = engines["django"].from_string("{% load forms %}<form method=post>{% form_page view %}</form>")
    with translation.override(language):
        return html.fragment_fromstring(template.render({"view": view}))


def names(tree: html.HtmlElement) -> list[str]:
    return list(dict.fromkeys(x.get("name") for x in tree.iter("input", "select", "textarea")))


def ids(tree: html.HtmlElement) -> Sequence[str]:
    return tree.xpath("//@id")


def test_every_question_that_is_asked_is_drawn() -> None:
    assert names(draw()) == [
        "_revision", "_sheet", "sign", "area", "kind", "goods", "opens_on.year", "opens_on.month", "opens_on.day",
    ]  # fmt: skip


def test_a_question_appears_with_its_condition() -> None:
    assert "cold_room" in names(draw(data={**GOOD, "goods": ["cold"]}))


def test_every_control_has_a_label() -> None:
    tree = draw(data={**GOOD, "goods": ["cold"], "cold_room": True})
    for control in tree.xpath("//*[self::input[not(@type='hidden')] or self::select or self::textarea]"):
        labelled = tree.xpath(f"//label[@for='{control.get('id')}']") or control.xpath("ancestor::label")
        assert labelled, control.get("name")
    for group in tree.iter("fieldset"):
        assert group.find("legend") is not None


def test_ids_are_unique_and_descriptions_exist() -> None:
    errors = service.check(FORM, {"area": "x", "opens_on": "y"}, page="shop", at=AT)
    tree = draw(data={"area": "x", "opens_on": "y"}, errors=errors)
    assert len(ids(tree)) == len(set(ids(tree)))
    for described in tree.xpath("//@aria-describedby"):
        assert set(described.split()) <= set(ids(tree))


def test_two_pages_may_stand_one_below_the_other() -> None:
    both = [*ids(draw("owner", bound=KNOWN)), *ids(draw("shop"))]
    assert len(both) == len(set(both))


def test_the_summary_names_the_question_and_leads_to_it() -> None:
    data = {**GOOD, "area": 62, "kind": None, "opens_on": "2026-11-01"}
    tree = draw(data=data, errors=service.check(FORM, data, page="shop", at=AT))
    links = {a.get("href"): a.text_content() for a in tree.xpath("//*[contains(@class, 'error-summary')]//a")}
    assert links == {
        "#f-kind": "类别：请选一项",  # a question mark at the end of a label would not stand before the colon
        "#f-opens_on": "打算哪天开业：不能早于 2026年11月20日",
    }
    for target in links:
        assert tree.xpath(f"//*[@id='{target[1:]}']")[0].tag == "input"


def test_what_was_typed_wrongly_is_still_there() -> None:
    tree = draw(data={**GOOD, "area": "六十", "opens_on": "2026-13-45"})
    assert tree.xpath("//input[@name='area']/@value") == ["六十"]
    assert [tree.xpath(f"//input[@name='opens_on.{p}']/@value")[0] for p in ("year", "month", "day")] == [
        "2026", "13", "45",
    ]  # fmt: skip


def test_markup_that_was_typed_stays_text() -> None:
    tree = draw(data={**GOOD, "sign": '"><script>alert(1)</script>'})
    assert tree.xpath("//script") == []
    assert tree.xpath("//input[@name='sign']/@value") == ['"><script>alert(1)</script>']


def test_there_is_no_script_and_no_style_in_the_page() -> None:
    view = service.page_view(FORM, "shop", data=GOOD, at=AT, action="/x/")
    template = engines["django"].from_string("{% load forms %}{% form_page view %}")
    text = template.render({"view": view})
    assert "<script" not in text
    assert " style=" not in text
    assert " on" + "click" not in text


def test_known_values_are_not_asked() -> None:
    tree = draw("owner", bound=KNOWN, wrong_url=lambda key: f"/wrong/{key}/")
    assert names(tree) == ["_revision", "_sheet", "mobile"]
    block = tree.xpath("//section[@class='pre']")[0]
    assert "这些政府已经掌握，不用您填" in block.text_content()
    assert block.xpath(".//dt/text()") == ["姓名"]
    assert "李*英" in block.text_content()
    assert "532399********0283" in block.text_content()  # beside the name, in one row
    assert "人口基础库（县公安局），2026年11月16日更新" in block.text_content()
    assert block.xpath(".//a/@href") == ["/wrong/owner_name/"]
    assert ID_NUMBER not in html.tostring(tree, encoding="unicode")


def test_a_known_value_that_is_wrong_becomes_a_question_beside_the_registers() -> None:
    tree = draw("owner", bound=KNOWN, opened={"owner_name"})
    assert tree.xpath("//input[@name='owner_name']/@value") == ["李秀英"]
    assert tree.xpath("//*[@id='f-owner_name-known']")


def test_a_known_value_that_was_reported_is_asked() -> None:
    reported = {**KNOWN, "owner_name": replace(KNOWN["owner_name"], reported_at=AT)}
    assert names(draw("owner", bound=reported)) == ["_revision", "_sheet", "owner_name", "mobile"]


def test_a_value_that_was_changed_shows_both() -> None:
    tree = draw("owner", data={**GOOD, "owner_name": "李秀瑛"}, bound=KNOWN)
    assert tree.xpath("//input[@name='owner_name']/@value") == ["李秀瑛"]
    assert (
        "人口基础库（县公安局）里是“李*英”" in tree.xpath("//*[@id='f-owner_name-known']")[0].text_content()
    )


def test_a_known_value_that_will_not_do_can_be_corrected() -> None:
    wrong = {**KNOWN, "owner_id": bound("123", "citizen_id")}
    data = {**GOOD, "owner_id": "123"}
    tree = draw("owner", data=data, bound=wrong, errors=service.check(FORM, data, page="owner", at=AT))
    assert "owner_id" in names(tree)


def test_an_editable_binding_is_a_question_that_is_filled_in() -> None:
    bind = {"register": "population", "field": "phone", "subject": "person", "editable": True}
    form = build(shop(field="mobile", element="person.phone", bind=bind))
    tree = draw("owner", form=form, bound={**KNOWN, "mobile": bound(GOOD["mobile"], "phone")})
    box = tree.xpath("//input[@name='mobile']")[0]
    assert (box.get("value"), box.get("autocomplete"), box.get("type"), box.get("inputmode")) == (
        GOOD["mobile"], "tel", "tel", "tel",
    )  # fmt: skip
    assert tree.xpath("//*[@id='f-mobile-known']")


def test_numbers_come_with_the_right_keyboard() -> None:
    tree = draw()
    assert tree.xpath("//input[@name='area']/@inputmode") == ["decimal"]
    assert tree.xpath("//input[@name='opens_on.day']/@inputmode") == ["numeric"]


def test_what_need_not_be_answered_says_so() -> None:
    assert "（可不填）" in draw().xpath("//*[@data-field='opens_on']")[0].text_content()
    assert "（可不填）" not in draw().xpath("//*[@data-field='sign']")[0].text_content()


def test_few_options_are_radios_and_many_a_list() -> None:
    few = draw().xpath("//input[@name='kind' and @type='radio']")
    assert len(few) == 2
    many = build(shop(field="kind", options=[f"o{n}" for n in range(8)]))
    assert draw(form=many).xpath("//select[@name='kind']/option/@value") == ["", *(f"o{n}" for n in range(8))]


def test_a_deciding_answer_redraws_the_page_when_there_is_script() -> None:
    tree = draw(data={**GOOD, "goods": ["cold"]}, action="/apply/shop/")
    assert tree.xpath("//*[@hx-post]/@data-field") == ["area", "goods", "cold_room"]
    assert tree.xpath("//*[@id='sheet-shop']/@hx-target") == ["#sheet-shop"]
    assert draw().xpath("//*[@hx-post]") == []


def test_entities_are_chosen_from_those_one_may_represent(monkeypatch: pytest.MonkeyPatch) -> None:
    form = build(shop(field="kind", type="entity", options=None))
    firm = Option("id-1", LocalizedText("李记米线店"), LocalizedText("92532399MA00010188"))
    monkeypatch.setitem(option_providers._entries, "identity.entities", lambda request: [firm])
    tree = draw(form=form, actor=Actor(account_id=1))
    assert tree.xpath("//input[@name='kind' and @type='radio']/@value") == ["id-1"]
    assert "92532399MA00010188" in tree.text_content()
    monkeypatch.setitem(option_providers._entries, "identity.entities", lambda request: [])
    assert "您名下还没有登记的企业或个体工商户" in draw(form=form, actor=Actor(account_id=1)).text_content()


def test_the_page_is_in_english_too() -> None:
    tree = draw(language="en")
    assert "Floor area" in tree.text_content()
    assert "m²" in tree.text_content()


def test_all_answers_are_shown_with_the_way_to_change_them() -> None:
    view = service.answers_view(
        FORM, data=GOOD, at=AT, bound=KNOWN, change_url=lambda page: f"/apply/{page}/"
    )
    template = engines["django"].from_string("<div>{% load forms %}{% form_answers view %}</div>")
    tree = html.fragment_fromstring(template.render({"view": view}))
    assert tree.xpath("//h2/text()") == ["经营者信息", "店铺信息"]
    assert tree.xpath("//a/@href") == ["/apply/owner/", "/apply/shop/"]
    assert "532399********0283" in tree.text_content()
    assert "48 平方米" in tree.text_content()
    assert ID_NUMBER not in tree.text_content()


def test_the_comparison_says_what_agrees_and_what_does_not() -> None:
    row = service.CompareRow(
        "owner_name",
        LocalizedText("姓名"),
        "甲",
        LocalizedText("甲"),
        "乙",
        LocalizedText("乙"),
        SOURCE,
        AT,
        AT,
        True,
    )
    template = engines["django"].from_string(
        "<div>{% load forms %}{% form_compare_count r %}{% form_compare r %}</div>"
    )
    text = html.fragment_fromstring(template.render({"r": [row]})).text_content()
    assert "1 项不一致" in text
    assert "0 项一致" in text
    assert "11月20日 9:41 查询" in text


@pytest.mark.django_db
def test_a_form_of_95_fields_is_drawn_without_a_query() -> None:
    fields = [
        {"key": f"f{n}", "label": {"zh": f"题{n}", "en": f"Question {n}"}, "hint": "说明", "required": True,
         **([{"type": "text"}, {"type": "decimal", "unit": "元"}, {"type": "enum", "options": ["a", "b", "c"]},
             {"type": "date"}, {"type": "bool"}][n % 5]),
         **({"visible": f"f{n - 1} != 'x'"} if n % 7 == 0 and n else {})}
        for n in range(95)
    ]  # fmt: skip
    form = build({"key": "long", "name": "长表", "pages": [{"key": "p", "title": "页", "fields": fields}]})
    errors = service.check(form, {}, page="p", at=AT)
    view = service.page_view(form, "p", data={}, at=AT, errors=errors, action="/x/")
    with CaptureQueriesContext(connection) as queries:
        text = engines["django"].from_string("{% load forms %}{% form_page view %}").render({"view": view})
    assert len(errors) == 95
    assert text.count('class="field') == 95
    assert len(queries) == 0
