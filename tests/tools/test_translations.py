"""The collector that keeps the English complete."""

from __future__ import annotations

from tools.translations import bare_text_of, messages_of, placeholders


def template(text: str) -> list[str]:
    return [msgid for _line, msgid in messages_of(text, is_template=True)]


def test_every_way_to_mark_a_text_is_found() -> None:
    assert template('{% translate "登录" %}{% tag "green" _("已办好") %}') == ["登录", "已办好"]
    assert template("{% blocktranslate with n=x %}第 {{ n }} 页{% endblocktranslate %}") == ["第 %(n)s 页"]


def test_texts_in_code_are_found() -> None:
    code = 'from x import gettext as _\ntitle = _("首页")\nplain = "不是给人看的"\n'
    assert [msgid for _line, msgid in messages_of(code, is_template=False)] == ["首页"]


def test_unmarked_chinese_is_found_with_its_line() -> None:
    assert list(bare_text_of("<p>\n您好</p>")) == [(2, "您好</p>")]
    assert list(bare_text_of('{% tag "green" "已办好" %}')) != []
    assert list(bare_text_of('{{ name|default:"未填" }}')) != []


def test_marked_chinese_comments_and_names_of_languages_are_fine() -> None:
    fine = '{% translate "您好" %}{# 注释 #}{% comment %}注释{% endcomment %}<a lang="zh-Hans">中文</a>{% tag "x" _("好") %}'
    assert list(bare_text_of(fine)) == []


def test_placeholders_are_compared_by_name() -> None:
    assert placeholders("第 %(n)s 页 {unit} 100%%") == {"n", "unit"}
