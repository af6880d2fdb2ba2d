"""A service item changes by versions: each valid from its day, each case with its own."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest

from tests.support.county import County
from tongban.apps.services import service as services
from tongban.apps.services.errors import ItemNotFound, ItemNotOnline, ItemRefused, LimitUnverified
from tongban.apps.services.models import Item
from tongban.base.actor import Actor
from tongban.kernel.ledger.models import Act
from tongban.kernel.search import service as search

EDITOR = Actor.system("editor")


def content_of(key: str = "food-licence") -> dict[str, Any]:
    return copy.deepcopy(services.get_item(key).content)


def acts(verb: str) -> list[Any]:
    return list(Act.objects.filter(verb=verb).order_by("pk"))


def test_the_same_content_again_is_no_new_version(county: County) -> None:
    before = len(acts("services.put_item"))
    item = services.put_item(actor=EDITOR, content=content_of(), at=county.now)
    assert item.version == 1
    assert len(services.list_versions("food-licence")) == 1
    assert len(acts("services.put_item")) == before


def test_a_case_keeps_the_version_it_was_made_with(county: County) -> None:
    old = county.submit()
    changed = content_of()
    changed["limits"]["promised"]["limit"] = "3wd"
    item = services.put_item(actor=EDITOR, content=changed, at=county.now)
    new = county.submit("rep")

    assert (item.version, services.get_item("food-licence").limit("promised").value) == (2, "3wd")
    county.accept(old)
    county.accept(new)
    assert [clock_of(case) for case in (old, new)] == ["5wd", "3wd"]
    act = acts("services.put_item")[-1]
    assert act.facts == {"version": 2, "valid_from": "2026-06-01", "changed": ["limits"]}


def clock_of(case: Any) -> str:
    from tongban.kernel.cases.models import CaseClock

    clock = CaseClock.objects.get(case=case, role="promised").clock
    return f"{clock.limit_value}{clock.limit_unit}"


def test_a_version_of_a_later_day_waits_for_it(county: County) -> None:
    changed = content_of()
    changed["name"]["zh"] = "食品经营许可（新版）"
    services.put_item(actor=EDITOR, content=changed, at=county.now, valid_from=date(2026, 7, 1))
    assert services.get_item("food-licence").version == 1

    assert services.bring_into_force(at=county.now) == 0
    services.bring_into_force(at=county.go_to("2026-07-01", 0))
    assert services.get_item("food-licence").name.zh == "食品经营许可（新版）"
    assert [hit.title.zh for hit in search.search("新版")] == ["食品经营许可（新版）"]
    assert [(v.version, v.valid_from, v.valid_to) for v in services.list_versions("food-licence")] == [
        (2, date(2026, 7, 1), None),
        (1, date(2026, 1, 5), date(2026, 7, 1)),
    ]
    assert services.bring_into_force(at=county.now) == 0, "once"


def test_a_new_item_of_a_later_day_cannot_be_found_before(county: County) -> None:
    fresh = content_of() | {"key": "new-one", "handling_code": "", "local_code": "X-1"}
    fresh |= {
        "basic_code": "",
        "implementation_code": "",
        "name": {"zh": "夜市摊位许可", "en": "Night market"},
    }
    services.put_item(actor=EDITOR, content=fresh, at=county.now, valid_from=date(2026, 7, 1))
    with pytest.raises(ItemNotFound):
        services.get_item("new-one")
    services.bring_into_force(at=county.go_to("2026-07-01"))
    assert services.get_item("new-one").local_code == "X-1"


def test_a_correction_before_a_version_of_a_later_day_holds_until_then(county: County) -> None:
    later, now = content_of(), content_of()
    later["lead"]["zh"], now["lead"]["zh"] = "七月起", "六月的更正"
    services.put_item(actor=EDITOR, content=later, at=county.now, valid_from=date(2026, 7, 1))
    services.put_item(actor=EDITOR, content=now, at=county.now)
    assert services.get_item("food-licence").lead.zh == "六月的更正"
    services.bring_into_force(at=county.go_to("2026-07-02"))
    assert services.get_item("food-licence").lead.zh == "七月起"


def test_a_withdrawn_item_is_gone_for_applicants_but_not_for_its_cases(county: County) -> None:
    case = county.submit()
    services.withdraw_item(actor=EDITOR, key="food-licence", reason="合并到另一事项", at=county.now)
    assert county.client().get("/services/items/food-licence/").status_code == 404
    assert "food-licence" not in [hit.ref.id for hit in search.search("食品经营许可")]
    county.accept(case)

    services.put_item(actor=EDITOR, content=content_of_withdrawn(), at=county.now)
    with pytest.raises(ItemNotFound):
        services.get_item("food-licence")
    services.restore_item(actor=EDITOR, key="food-licence", at=county.now)
    assert services.get_item("food-licence").is_in_force
    assert "food-licence" in [hit.ref.id for hit in search.search("食品经营许可")]


def content_of_withdrawn() -> dict[str, Any]:
    return dict(Item.objects.get(key="food-licence").content)


def test_outside_the_demo_no_unverified_limit_is_published(county: County, settings: Any) -> None:
    settings.TONGBAN_ENV = "production"
    changed = content_of()
    changed["lead"]["zh"] = "改了一句"
    before = len(acts("services.put_item"))
    with pytest.raises(LimitUnverified) as refused:
        services.put_item(actor=EDITOR, content=changed, at=county.now)
    assert {error["field"] for error in refused.value.data["errors"]} == {
        "limits.statutory", "limits.extension", "limits.delivery"
    }  # fmt: skip
    assert services.get_item("food-licence").version == 1
    assert len(acts("services.put_item")) == before


@pytest.mark.parametrize(
    "change",
    [{"name": {"zh": ""}}, {"type": "02"}, {"handling_code": "1"}, {"process": ""}, {"key": "不行"}],
)
def test_what_cannot_be_an_item_is_refused(county: County, change: dict[str, Any]) -> None:
    with pytest.raises(ItemRefused):
        services.put_item(actor=EDITOR, content=content_of() | change, at=county.now)
    assert Item.objects.get(key="food-licence").version == 1


def test_two_items_cannot_have_one_code(county: County) -> None:
    with pytest.raises(ItemRefused):
        services.put_item(actor=EDITOR, content=content_of() | {"key": "copy"}, at=county.now)
    assert not Item.objects.filter(key="copy").exists()


def test_an_announced_item_can_be_read_but_not_applied_for(county: County) -> None:
    bare = {
        "key": "gx-1", "name": {"zh": "举办高危险性体育赛事活动许可", "en": ""}, "type": "01", "unit": "jtj",
        "local_code": "511A33038003", "applicant": {"kinds": ["person"]},
    }  # fmt: skip
    services.put_item(actor=EDITOR, content=bare, at=county.now)
    page = county.client("citizen").get("/services/items/gx-1/")
    assert page.status_code == 200
    assert "开始办理" not in page.content.decode()
    with pytest.raises(ItemNotOnline):
        services.create_application(
            actor=county.actor("citizen"), item_key="gx-1", entity_id=None, at=county.now
        )
