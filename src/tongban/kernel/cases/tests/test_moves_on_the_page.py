"""The case page offers exactly the moves that the door makes; the pages of the moves work without script."""

from __future__ import annotations

import pytest

from tests.support.county import County
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.queries.moves import transfer_candidates
from tongban.kernel.ledger.models import Act
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import MoveRefused


def moves(county: County, who: str, case: object) -> dict[tuple[str, str], str]:
    """The moves on somebody's page: (key, step) to "" or the reason against it."""
    page = cases.case_page(county.actor(who), case.number, at=county.now)  # type: ignore[attr-defined]
    return {(m.key, m.step.zh): m.why_not.key if m.why_not else "" for m in page.moves}


def test_the_page_shows_the_moves_of_each(county: County) -> None:
    case = county.accept(county.submit())
    county.inspect(case)
    assert moves(county, "officer1", case) == {
        ("return", "材料审查"): "legal-act",
        ("withdraw", "现场核查"): "",
        ("sign", "材料审查"): "",
        ("transfer", "材料审查"): "",
        ("urge", "第二人签字"): "",
        ("circulate", ""): "",
    }
    second = moves(county, "officer2", case)
    assert {key for key, why in second.items() if not why} >= {
        ("return", "第二人签字"),
        ("sign", "第二人签字"),
    }
    assert second["transfer", "第二人签字"] == "nobody"  # the only colleague gave the first signature
    assert moves(county, "window", case) == {
        ("withdraw", "收件核对"): "legal-act",
        ("urge", "材料审查"): "",
        ("urge", "第二人签字"): "",
        ("circulate", ""): "",
    }


def test_what_the_page_refuses_the_door_refuses_for_the_same_reason(county: County) -> None:
    case = county.accept(county.submit())
    county.inspect(case)
    doors = {"withdraw": {}, "urge": {}, "return": {"to_node": "receive"}}
    checked = 0
    for who in ("window", "officer1", "officer2", "chief"):
        page = cases.case_page(county.actor(who), case.number, at=county.now)
        for move in [move for move in page.moves if not move.allowed]:
            if move.why_not.key == "nobody":  # there is nobody whom the door could refuse
                task = processes.get_task(move.task_id)
                assert not transfer_candidates(county.actor(who), case, task, query="", at=county.now)
                continue
            door = {"return": cases.return_to, "withdraw": cases.withdraw, "urge": cases.urge}[move.key]
            with pytest.raises(MoveRefused) as refusal:
                door(
                    actor=county.actor(who),
                    task_id=move.task_id,
                    reason="x",
                    at=county.now,
                    **doors[move.key],
                )
            assert move.why_not is not None
            assert refusal.value.data["why"] == move.why_not.key
            assert refusal.value.detail == move.why_not.text
            checked += 1
    assert checked >= 2


def test_a_case_is_sent_back_on_its_page(county: County) -> None:
    case = county.review(county.accept(county.submit()))
    task = county.task(case, "decide").id
    client = county.client("chief")
    url = f"/desk/cases/{case.number}/moves/return/?task={task}"
    assert url.replace("&", "&amp;") in client.get(f"/desk/cases/{case.number}/").content.decode()
    html = client.get(url).content.decode()
    assert "要重新办：" in html and "第二人签字" in html
    answer = client.post(url, {"to_node": "inspect", "reason": ""})
    assert answer.status_code == 422 and "请写明理由" in answer.content.decode()
    answer = client.post(url, {"reason": "面积对不上"})
    assert answer.status_code == 422 and "请选退回到哪一步" in answer.content.decode()
    answer = client.post(url, {"to_node": "inspect", "reason": "面积对不上"}, follow=True)
    assert "退回：审批决定" in answer.content.decode()
    html = county.client("officer1").get(f"/desk/cases/{case.number}/").content.decode()
    assert "“面积对不上”" in html


def test_looking_for_a_colleague_keeps_what_was_typed(county: County) -> None:
    case = county.accept(county.submit())
    task = county.task(case, "document_review").id
    url = f"/desk/cases/{case.number}/moves/sign/?task={task}"
    client = county.client("officer1")
    before = Act.objects.count()
    html = client.post(
        url, {"find": "1", "q": "住房", "place": "beside", "reason": "房屋性质？"}
    ).content.decode()
    assert "住房" in html and ">房屋性质？</textarea>" in html and 'value="beside" checked' in html
    assert Act.objects.count() == before


def test_a_move_that_is_not_allowed_says_why_and_has_no_form(county: County) -> None:
    case = county.submit()
    receive = county.task(case, "receive").id
    county.accept(case)
    html = (
        county.client("window")
        .get(f"/desk/cases/{case.number}/moves/withdraw/?task={receive}")
        .content.decode()
    )
    assert "对外有了效力" in html and 'name="reason"' not in html


def test_where_nobody_else_can_do_a_step_the_page_says_so_and_has_no_form(county: County) -> None:
    case = county.review(county.accept(county.submit()))
    task = county.task(case, "decide").id
    page = f"/desk/cases/{case.number}/moves/transfer/?task={task}"
    html = county.client("chief").get(page).content.decode()
    assert "没有别的同事可以接手" in html and 'name="reason"' not in html
    assert {why for (key, _), why in moves(county, "chief", case).items() if key == "transfer"} == {"nobody"}


def test_a_second_signature_is_not_offered_to_who_gave_the_first(county: County) -> None:
    case = county.accept(county.submit())
    county.inspect(case)
    task = county.task(case, "inspect_sign").id
    names = [
        each.name
        for each in transfer_candidates(
            county.actor("officer2"), case, processes.get_task(task), query="", at=county.now
        )
    ]
    assert county.actor("officer1").name not in names


@pytest.mark.parametrize("task", ["", "999999", "x", "9" * 30])
def test_a_move_on_nothing_is_not_found(county: County, task: str) -> None:
    case = county.submit()
    answer = county.client("window").get(f"/desk/cases/{case.number}/moves/return/?task={task}")
    assert answer.status_code == 404
