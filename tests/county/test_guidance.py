"""Questions lead to the right item: who does not know its name says what happened, and finds the question by such words."""

from __future__ import annotations

import pytest

from tests.support.county import County
from tongban.apps.services import service as services
from tongban.kernel.decisions import service as decisions
from tongban.kernel.decisions.errors import NoRuleApplies

NEW = {
    "birth-registration",
    "disability-certificate",
    "medical-reimbursement",
    "resident-insurance",
    "senior-card",
    "subsistence-allowance",
    "temporary-relief",
    "unemployment-benefit",
    "unemployment-registration",
}
ANSWERS = {
    "out-of-work": [
        ({"standing": "insured"}, "unemployment-benefit"),
        ({"standing": "unregistered"}, "unemployment-registration"),
        ({"standing": "left"}, "unemployment-registration"),
        ({"standing": "first"}, "unemployment-registration"),
    ],
    "short-of-money": [
        ({"cause": "income"}, "subsistence-allowance"),
        ({"cause": "sudden"}, "temporary-relief"),
        ({"cause": "disability"}, "disability-certificate"),
        ({"cause": "hospital"}, "medical-reimbursement"),
    ],
    "seeing-a-doctor": [
        ({"standing": "uninsured"}, "resident-insurance"),
        ({"standing": "paid"}, "medical-reimbursement"),
        ({"standing": "cost"}, "temporary-relief"),
    ],
    "with-a-child": [
        ({"stage": "expecting"}, "birth-registration"),
        ({"stage": "born"}, "birth-registration"),
        ({"stage": "registered"}, "resident-insurance"),
    ],
    "with-the-old": [
        ({"age": "85", "disabled": "false"}, "senior-allowance"),
        ({"age": "60", "disabled": "false"}, "senior-card"),
        ({"age": "70", "disabled": "true"}, "disability-certificate"),
    ],
}


def test_every_answer_leads_to_its_item(county: County) -> None:
    browser = county.client()
    for key, answers in ANSWERS.items():
        for said, item in answers:
            page = browser.get(f"/services/find/{key}/", said).content.decode()
            assert f'href="/services/items/{item}/"' in page, (key, said)
    assert {item for answers in ANSWERS.values() for _, item in answers} >= NEW


def test_what_no_answer_fits_is_not_asked(county: County) -> None:
    page = county.client().get("/services/find/with-the-old/", {"age": "40", "disabled": "false"})
    assert page.status_code == 422 and "/services/items/senior-card/" not in page.content.decode()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("失业了怎么办", "out-of-work"),
        ("公司倒闭了", "out-of-work"),
        ("家里困难", "short-of-money"),
        ("孩子出生要办什么", "with-a-child"),
        ("老人有什么补贴", "with-the-old"),
        ("没有医保怎么看病", "seeing-a-doctor"),
        ("expecting a child", "with-a-child"),
    ],
)
def test_the_question_is_found_by_what_happened(county: County, words: str, expected: str) -> None:
    page = county.client().get("/services/", {"q": words}).content.decode()
    assert f"/services/find/{expected}/" in page


@pytest.mark.parametrize(
    ("words", "item"),
    [("失业金", "unemployment-benefit"), ("低保", "subsistence-allowance"), ("老年证", "senior-card")],
)
def test_who_knows_the_name_still_finds_the_item_first(county: County, words: str, item: str) -> None:
    assert services.find_items(words).items[0].key == item


def test_a_gap_in_the_table_is_said_on_the_page(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    def gap(*_: object, **__: object) -> None:
        raise NoRuleApplies

    monkeypatch.setattr(decisions, "decide", gap)
    page = county.client().get("/services/find/short-of-money/", {"cause": "income"})
    assert page.status_code == 200 and "这种情况我们没有现成的答案" in page.content.decode()
