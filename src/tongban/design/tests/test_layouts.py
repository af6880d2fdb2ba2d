"""What every page has: language, edition, demo bar, ways for the keyboard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import Client, RequestFactory

from tongban.base.errors import Conflict
from tongban.base.text import LocalizedText
from tongban.design.site import forget_site, put_site

pytestmark = pytest.mark.django_db
PRODUCT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def own_site():
    forget_site()
    yield
    forget_site()


def page(client: Client, address: str = "/design/", **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_page_says_its_language_and_offers_the_other(client: Client) -> None:
    chinese = page(client)
    assert '<html lang="zh-Hans"' in chinese
    assert 'href="/language/en/?next=/design/"' in chinese
    answer = client.get("/language/en/?next=/design/")
    assert (answer.status_code, answer.url) == (302, "/design/")
    english = page(client)
    assert '<html lang="en"' in english
    assert 'href="/language/zh-hans/?next=/design/"' in english


def test_the_edition_for_elders_is_remembered(client: Client) -> None:
    assert 'data-mode="senior"' not in page(client)
    client.get("/display/senior/?next=/design/")
    assert 'data-mode="senior"' in page(client)
    client.get("/display/standard/?next=/design/")
    assert 'data-mode="senior"' not in page(client)


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_way_back_never_leads_outside(client: Client, wanted: str) -> None:
    assert client.get("/language/en/", {"next": wanted}).url == "/"
    assert client.get("/display/senior/", {"next": wanted}).url == "/"


def test_an_unknown_language_or_edition_is_not_found(client: Client) -> None:
    assert client.get("/language/xx/").status_code == 404
    assert client.get("/display/huge/").status_code == 404
    assert "tongban_display" not in client.cookies


def test_the_demo_says_so_and_production_does_not(client: Client, settings) -> None:
    settings.TONGBAN_ENV = "demo"
    assert "演示环境：人和事都是虚构的" in page(client)
    settings.TONGBAN_ENV = "production"
    assert "演示环境" not in page(client)


def test_the_site_calls_itself_what_its_pack_says(client: Client) -> None:
    put_site({"name": {"zh": "澄溪县人民政府", "en": "Chengxi County"}, "site_code": "5323990001"})
    shown = page(client)
    assert '<meta name="SiteName" content="澄溪县人民政府">' in shown
    assert '<meta name="SiteIDCode" content="5323990001">' in shown


def test_an_unknown_value_of_the_site_is_refused() -> None:
    with pytest.raises(ValueError, match="colour"):
        put_site({"colour": "red"})


def test_both_faces_have_a_skip_link_one_h1_and_a_main(client: Client) -> None:
    for face in ("public", "desk"):
        shown = page(client, f"/design/?face={face}")
        assert f'data-face="{face}"' in shown
        assert '<a class="skip" href="#main">' in shown
        assert shown.count("<h1") == 1
        assert shown.count('<main id="main"') == 1


def test_no_template_of_the_product_breaks_the_strict_content_policy() -> None:
    forbidden = re.compile(
        r"""\sstyle=|<style\b|\son[a-z]+=["']|<script\b(?![^>]*\bsrc=)[^>]*>|javascript:"""
    )
    templates = [path for path in PRODUCT.rglob("templates/**/*.html") if "mail" not in path.parts]
    found = [path.name for path in templates if forbidden.search(path.read_text(encoding="utf-8"))]
    assert templates
    assert found == []


def test_an_unknown_address_gets_a_page_with_a_way_out(client: Client) -> None:
    answer = client.get("/there/is/no/such/page/")
    assert answer.status_code == 404
    assert "没有找到这一页" in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


def test_a_refusal_says_what_was_kept_and_what_to_do_next(client: Client) -> None:
    request = RequestFactory().post("/x/")
    from django.shortcuts import render

    error = Conflict(
        LocalizedText("周敏刚刚改过", "Zhou Min has just changed it"),
        kept=LocalizedText("您写的意见还在", "Your opinion is still here"),
        next_url="/desk/",
        next_label=LocalizedText("重新打开", "Open again"),
    )
    shown = render(request, "design/problem.html", {"error": error}).content.decode()
    for words in ("情况已经变化", "周敏刚刚改过", "您写的意见还在", 'href="/desk/">重新打开', "conflict"):
        assert words in shown


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_the_page_of_a_failure_needs_no_request(name: str) -> None:
    from django.template.loader import get_template

    assert "回到首页" in get_template(name).render()


def test_values_are_escaped_in_every_tag() -> None:
    source = (
        '{% tag "red" evil %}{% clock_mark "red" evil %}{% field "x" evil value=evil hint=evil error=evil %}'
        "{% error_summary errors %}{{ evil|mask_name }}{{ evil|localized }}"
    )
    evil = "<script>alert(1)</script>"
    shown = Template(source).render(Context({"evil": evil, "errors": [{"field": "x", "message": evil}]}))
    assert "<script>" not in shown


def test_a_pack_names_the_site_and_may_be_installed_again(client: Client, tmp_path: Path) -> None:
    from tongban.base import time
    from tongban.base.packs import install

    (tmp_path / "pack.yaml").write_text(
        "key: test\nname: {zh: 测试县}\nsite:\n  name: {zh: 测试县人民政府}\n  hotline: '12345'\n  townships: 11\n",
        encoding="utf-8",
    )
    for _ in range(2):
        install(tmp_path, at=time.now(), only="site")
    shown = page(client)
    assert '<meta name="SiteName" content="测试县人民政府">' in shown
    assert 'href="tel:12345"' in shown


def test_a_browser_that_shows_a_pdf_finds_the_icon(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/static/design/favicon.svg")
