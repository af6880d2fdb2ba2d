"""Tags and filters as templates use them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from tongban.design.paging import Page


def drawn(source: str, **context: Any) -> str:
    return Template(source).render(Context(context))


def test_a_question_is_wired_to_its_hint_and_error() -> None:
    shown = drawn('{% field "area" "面积" value="62" hint="后厨加就餐" error="超过了" inputmode="decimal" %}')
    assert '<label for="f-area">面积' in shown
    assert 'aria-describedby="f-area-hint f-area-error"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'inputmode="decimal"' in shown
    assert 'value="62"' in shown


def test_a_choice_is_a_group_with_a_legend_and_keeps_the_answer() -> None:
    options = [("a", "电子证"), {"value": "b", "label": "纸质证", "hint": "到大厅领"}]
    shown = drawn('{% field "way" "怎么领" type="radio" options=options value="b" %}', options=options)
    assert "<legend>怎么领</legend>" in shown
    assert 'value="b" checked' in shown
    assert 'value="a" checked' not in shown
    assert "到大厅领" in shown


def test_a_password_and_a_file_never_come_back() -> None:
    for kind in ("password", "file"):
        assert "secret" not in drawn(f'{{% field "x" "x" type="{kind}" value="secret" %}}')


def test_the_summary_links_each_error_to_its_question() -> None:
    errors = [{"field": "area", "message": {"zh": "太大", "en": "Too large"}}]
    assert '<a href="#f-area">太大</a>' in drawn("{% error_summary errors %}", errors=errors)
    assert drawn("{% error_summary errors %}", errors=[]).strip() == ""


def test_a_clock_says_its_state_in_shape_and_words() -> None:
    shown = drawn('{% clock_mark "red" "红牌，超期 1 天" %}')
    assert "#mark-red" in shown
    assert "红牌，超期 1 天" in shown


def test_the_pager_keeps_the_filters() -> None:
    request = RequestFactory().get("/desk/?kind=licence&page=2")
    shown = drawn("{% pager page %}", request=request, page=Page([1, 2], number=2, has_next=True))
    assert 'rel="prev" href="?kind=licence&amp;page=1"' in shown
    assert 'rel="next" href="?kind=licence&amp;page=3"' in shown


def test_a_single_page_has_no_pager() -> None:
    request = RequestFactory().get("/desk/")
    assert drawn("{% pager page %}", request=request, page=Page([1])).strip() == ""


def test_a_moment_is_shown_in_the_time_of_the_county() -> None:
    at = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)
    assert drawn("{{ at|day }} {{ at|moment }}", at=at) == "2026年3月5日 2026年3月5日 1:30"
    with translation.override("en"):
        assert drawn("{{ at|short_moment }}", at=at) == "5 Mar, 1:30"
    assert drawn("{{ at|day }}{{ at|moment }}{{ at|iso }}", at=None) == ""
    assert drawn("{{ at|day }}", at="2026-03-05") == "2026年3月5日"


def test_an_address_that_does_not_exist_is_empty() -> None:
    assert drawn('{% url_if "nowhere:page" 1 as url %}[{{ url }}]') == "[]"
    assert drawn('{% url_if "design:gallery" as url %}{{ url }}') == "/design/"


def test_stored_text_is_shown_in_the_language_of_the_page() -> None:
    text = {"zh": "受理", "en": "Accepted"}
    assert drawn("{{ text|localized }}", text=text) == "受理"
    with translation.override("en"):
        assert drawn("{{ text|localized }}", text=text) == "Accepted"
