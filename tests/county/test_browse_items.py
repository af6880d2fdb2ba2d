"""The catalogue is found by life event, theme, department, kind and main item; limits are compared before and after."""

from __future__ import annotations

import copy
import csv
import io
from typing import Any

import pytest

from tests.support.county import County
from tongban.apps.services import service as services
from tongban.apps.services.operations.importing import Choices
from tongban.apps.services.rules.elements import LIFE_EVENTS, PERSON_THEMES, facets_of
from tongban.base.actor import Actor
from tongban.base.spreadsheets import write_csv
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.models import Unit

EDITOR = Actor.system("editor")
HEAD = ["部门", "主项名称", "事项名称", "事项类型", "事项编码"]


def take(county: County, *rows: list[str]) -> None:
    content = "".join(write_csv([HEAD, *rows])).encode()
    services.import_items(actor=EDITOR, content=content, choices=Choices(), at=county.now)


def page(county: County, address: str, **query: str) -> str:
    answer = county.client().get(address, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_an_item_belongs_to_the_life_events_of_its_themes_unless_it_names_its_own() -> None:
    content: dict[str, Any] = {"type": "07", "themes": {"person": ["婚姻登记"]}, "form": "x"}
    assert set(facets_of(content)) == {"type:07", "online", "person:婚姻登记", "for:person", "event:marriage"}
    assert "event:birth" in facets_of(content | {"life_events": ["birth"]})
    assert "event:marriage" not in facets_of(content | {"life_events": ["birth"]})
    assert facets_of({"type": "20", "themes": 3, "life_events": "x"}) == ["type:20"]


def test_every_life_event_knows_its_themes() -> None:
    assert {theme for event in LIFE_EVENTS for theme in event.person} <= PERSON_THEMES.keys()
    assert len({event.key for event in LIFE_EVENTS}) == len(LIFE_EVENTS)


def test_ways_into_the_catalogue_lead_to_their_items(county: County) -> None:
    start = page(county, "/services/")
    assert "/services/catalogue/?event=open" in start
    assert "食品经营许可" in page(county, "/services/catalogue/", event="open")
    assert "食品经营许可" not in page(county, "/services/catalogue/", event="marriage")
    assert "食品经营许可" in page(county, "/services/catalogue/", legal="准营准办")
    assert "食品经营许可" in page(county, "/services/catalogue/", unit="scjg")
    assert "食品经营许可" not in page(county, "/services/catalogue/", unit="mzj")
    assert "澄溪县市场监督管理局" in page(county, "/services/departments/")


def test_what_does_not_exist_filters_nothing_and_breaks_nothing(county: County) -> None:
    for query in (
        {"event": "nothing"},
        {"type": "77"},
        {"unit": "x" * 300},
        {"person": "\u0000"[:0]},
        {"page": "x"},
    ):
        assert "食品经营许可" in page(county, "/services/catalogue/", **query)
    assert "这里还没有事项" in page(county, "/services/catalogue/", main="没有这个主项")


def test_main_items_gather_what_is_handled_under_them(county: County) -> None:
    take(
        county,
        ["某区税务局", "发票管理", "发票票种核定", "7", "A-1"],
        ["某区税务局", "发票管理", "发票领用", "20", "A-2"],
        ["某区税务局", "未分类", "存款账户报告", "20", "A-3"],
    )
    found = page(county, "/services/catalogue/", main="发票管理")
    assert "发票票种核定" in found
    assert "发票领用" in found
    assert "存款账户报告" not in found
    assert (
        page(county, "/services/catalogue/", unit=services.get_item("a-1").unit.code).count(">发票管理</h2>")
        == 1
    )
    assert "其他目录里的单位" in page(county, "/services/departments/")
    item = page(county, "/services/items/a-1/")
    assert "已公布，还不能在网上办" in item
    assert "/services/catalogue/?main=" in item


def test_items_of_a_unit_that_was_merged_are_those_of_its_successor(county: County) -> None:
    take(county, ["某区民政局", "", "福利补贴认定", "7", "B-1"])
    foreign, ours = services.get_item("b-1").unit, identity.get_unit("mzj")
    Unit.objects.filter(pk=foreign.pk).update(closed_at=county.now, successor=ours)
    assert "福利补贴认定" in page(county, "/services/catalogue/", unit="mzj")
    take(county, ["某区民政局", "", "另一项", "20", "B-2"])
    assert services.get_item("b-2").unit.code == "mzj"


def test_limits_are_compared_before_and_after(county: County) -> None:
    content = copy.deepcopy(dict(services.get_item("food-licence").content))
    content["limits"]["promised"]["limit"] = "3wd"
    services.put_item(actor=EDITOR, content=content, at=county.now)
    rows = list(csv.reader(io.StringIO(page_of_file(county).removeprefix("\ufeff"))))
    row = next(row for row in rows if row[0] == "食品经营许可（新办）")
    assert row[3:] == ["10 个工作日", "5 个工作日", "3 个工作日", "70", "2026-06-01"]
    other = next(row for row in rows if row[0].startswith("公共场所卫生许可"))
    assert other[3:] == ["20 个工作日", "", "5 个工作日", "75", ""]
    shown = page(county, "/services/limits/")
    assert "70%" in shown
    assert "到 2026年6月1日" in shown


def page_of_file(county: County) -> str:
    answer: Any = county.client().get("/services/limits.csv")
    return b"".join(answer.streaming_content).decode()


@pytest.mark.parametrize(
    "address", ["/services/", "/services/catalogue/", "/services/limits/", "/services/departments/"]
)
def test_the_number_of_statements_does_not_grow_with_the_catalogue(
    county: County, django_assert_max_num_queries: Any, address: str
) -> None:
    take(county, *(["某单位", "", f"第{n}项", "20", f"C-{n}"] for n in range(60)))
    client = county.client()
    client.get(address)
    with django_assert_max_num_queries(9):
        assert len(client.get(address).content) < 60_000


def test_a_search_with_a_slip_says_that_it_guessed(county: County) -> None:
    assert "下面是读音或者写法相近的" in page(county, "/services/", q="石品经赢")
    assert "下面是读音或者写法相近的" not in page(county, "/services/", q="食品经营许可")
