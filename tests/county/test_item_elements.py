"""Every element of an item stands on its guide; the table in docs/reference/items.md is made of the same list."""

from __future__ import annotations

import copy
from html import escape
from typing import Any

import pytest

from tests.support.county import County
from tongban.apps.services import service as services
from tongban.apps.services.rules.listing import ELEMENTS, LISTED, Element, listed, texts_at
from tongban.base.actor import Actor


def everything() -> dict[str, Any]:
    """Return an item that has every element there is."""
    content = copy.deepcopy(dict(services.get_item("hygiene-licence").content))
    content |= {
        "key": "everything", "handling_code": "", "basic_code": "", "implementation_code": "", "local_code": "LOCAL-77",
        "main_item": {"zh": "公共场所管理"}, "entrusted_by": {"zh": "委托的部门"}, "joint_bodies": [{"zh": "一起办的部门"}],
        "applicant": {"kinds": ["entity"], "assurance": "2"},
        "life_events": ["open"], "division_code": "532399000000", "origin": {"zh": "省目录"},
        "visits": {"count": 1, "reason": {"zh": "要按指纹"}}, "themes": {"person": ["其他"], "legal": ["准营准办"]},
        "fee": {"charged": True, "basis": {"zh": "收费文件第三号"}, "items": [
            {"name": {"zh": "工本费"}, "standard": {"zh": "每证 10 元"}}]},
    }  # fmt: skip
    content["mode"] |= {"hall": True, "kiosk": False, "payment_online": True, "signature": True}
    content["limits"]["publicity"] = {**content["limits"]["delivery"], "text": {"zh": "公示十天"}}
    content["applicant"] |= {"kinds": ["person"], "agents": True, "several": True}
    content["mode"] |= {"hall": True, "kiosk": False, "payment_online": True}
    content["materials"][0] |= {
        "spec": "A4",
        "template": {"zh": "空白表在窗口领"},
        "sample": {"zh": "照样子填"},
    }
    return content


CODED = {"basic_code", "implementation_code", "handling_code"}
"""The item above is a copy, so its codes are shown by the original."""


_guides: dict[bool, tuple[dict[str, Any], str]] = {}


def guide(county: County, *, is_original: bool) -> tuple[dict[str, Any], str]:
    """Return an item and its guide, which is looked at once for all elements."""
    if is_original not in _guides:
        content = dict(services.get_item("hygiene-licence").content) if is_original else everything()
        if not is_original:
            services.put_item(actor=Actor.system("editor"), content=content, at=county.now)
        page = county.client().get(f"/services/items/{content['key']}/").content.decode()
        _guides[is_original] = content, page
    return _guides[is_original]


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda each: each.path)
def test_every_element_stands_on_the_guide(county: County, element: Element) -> None:
    content, page = guide(county, is_original=element.path in CODED)
    texts = texts_at(content, element)
    assert texts, "the item of this test must have it"
    for text in texts:
        assert escape(text.zh) in page or text.zh in page


def test_the_list_of_all_elements_names_each_in_both_languages() -> None:
    assert len({element.path for element in ELEMENTS}) == len(ELEMENTS)
    for element in ELEMENTS:
        assert element.label.en
        assert element.shown.en


def test_what_an_item_does_not_have_is_not_listed() -> None:
    assert listed({}) == []
    content = {"type": "01", "mode": {"online": False}, "level": 4, "target": ["person", "?"], "themes": 3}
    rows = {label.zh: [text.zh for text in texts] for _, group in listed(content) for label, texts in group}
    assert rows == {
        "事项类型": ["行政许可"],
        "是否网办": ["否"],
        "行使层级": ["县级"],
        "服务对象": ["自然人", "?"],
    }
    assert all(element.shown is LISTED for element in ELEMENTS if element.label.zh in rows)
