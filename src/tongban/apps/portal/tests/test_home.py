"""The home page shows what modules registered, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tongban.base.registry import Registry
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.design import alike, home
from tongban.design.home import Figure, HomeBlock, QuickLink, Suggestion

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start with empty registries, whatever other modules have registered."""
    for name in ("home_blocks", "quick_links", "figure_providers", "suggestion_providers"):
        monkeypatch.setattr(home, name, Registry(name))


def quick(key: str, label: str, **values: Any) -> QuickLink:
    given = {"note": LocalizedText("不用登录"), "url_name": "design:gallery", "icon": "doc", **values}
    return QuickLink(key=key, label=LocalizedText(label), **given)


def shown(client: Client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_installation_has_an_honest_home_page(client: Client) -> None:
    page = shown(client)
    assert "想办什么事？" in page
    assert "办得怎么样" not in page
    assert 'class="quick"' not in page


def test_quick_links_lead_only_to_pages_that_exist(client: Client) -> None:
    home.register_quick_link(quick("b", "查办件进度", order=2))
    home.register_quick_link(quick("a", "我的证照", order=1))
    home.register_quick_link(quick("c", "预约取号", url_name="nowhere:page"))
    page = shown(client)
    assert page.index("我的证照") < page.index("查办件进度")
    assert "预约取号" not in page


def test_figures_show_their_value_and_open_their_list(client: Client) -> None:
    figure = Figure(
        label=LocalizedText("本月办件"), value="312", unit=LocalizedText("件"), url="/figures/cases/"
    )
    home.register_figures("cases", lambda at: [figure])
    page = shown(client)
    assert '<a href="/figures/cases/"><span class="num">312</span> 件</a>' in page


def test_a_block_with_nothing_to_show_is_left_out(client: Client) -> None:
    home.register_block(HomeBlock(key="x", template="portal/land.html", context=lambda actor, at: None))
    assert shown(client).count("hero-land") == 1


def test_a_block_is_drawn_with_its_own_facts(client: Client) -> None:
    home.register_block(HomeBlock(key="x", template="portal/land.html", context=lambda actor, at: {}))
    assert shown(client).count("hero-land") == 2


def test_a_failing_block_costs_only_itself(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    def fail(*facts: object) -> Any:
        raise RuntimeError("the register does not answer")

    home.register_block(HomeBlock(key="broken", template="portal/land.html", context=fail))
    home.register_figures("broken-figures", fail)
    home.register_suggestions("x", lambda at: [Suggestion(text=LocalizedText("开小饭馆"), url="/x/")])
    page = shown(client)
    assert "开小饭馆" in page
    assert "broken failed and was left out" in caplog.text


def test_the_edition_for_elders_is_simpler(client: Client) -> None:
    home.register_quick_link(quick("a", "查办件进度"))
    home.register_figures("cases", lambda at: [Figure(label=LocalizedText("本月办件"), value="312")])
    home.register_block(HomeBlock(key="x", template="portal/land.html", context=lambda actor, at: {}))
    client.cookies["tongban_display"] = "senior"
    page = shown(client)
    assert "您要办什么？" in page
    assert "查办件进度" in page
    assert "本月办件" not in page
    assert "hero-land" not in page


def test_the_home_page_asks_the_database_a_bounded_number_of_questions(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(6):
        client.get("/")


def test_strangers_share_a_page_for_one_statement_and_who_signed_in_has_his_own(
    client: Client, settings: Any, django_user_model: Any, django_assert_num_queries: Any
) -> None:
    settings.TONGBAN_PAGE_SECONDS = 5
    alike.forget()
    counted = iter(range(1, 100))
    home.register_figures(
        "visits",
        lambda at: [Figure(label=LocalizedText("访问"), value=f"第{next(counted)}次", url="/figures/")],
    )
    assert "第1次" in shown(client)
    with django_assert_num_queries(1):
        answer = client.get("/")
    assert "第1次" in answer.content.decode()
    assert "frame-ancestors" in answer.headers["Content-Security-Policy"]
    assert "Cookie" in answer.headers["Vary"]
    assert 'lang="en"' in client.get("/", headers={"Accept-Language": "en"}).content.decode()
    signed_in = Client()
    signed_in.force_login(django_user_model.objects.create(username="somebody", created_at=now()))
    assert "第3次" in shown(signed_in)
    assert "第1次" in shown(client)
    alike.forget()
