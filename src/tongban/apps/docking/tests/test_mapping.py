"""Acts become records of the standard's tables: every row of docs/reference/docking.md names one of these tests."""

from __future__ import annotations

from typing import Any

from tongban.apps.docking import making
from tongban.apps.docking.standard import tables, violations
from tongban.base import exchange

ANSWER = "已经派人去修了，明天晚上就亮。以后再坏了，请直接打市政所的电话，我们当天来修。"


def contents(wire: Any, table: str) -> list[dict[str, Any]]:
    wire.follow()
    return [one.content for one in wire.records(table)]


def one(wire: Any, table: str) -> dict[str, Any]:
    [found] = contents(wire, table)
    return found


def test_a_licence_from_application_to_rating_is_valid_in_every_table(county: Any, wire: Any) -> None:
    w = wire()
    case = county.grant(county.review(county.accept(county.submit())))
    county.drain()
    rate(county, case)
    w.follow()
    assert [record.faults for record in w.records()] == [[]] * len(w.records())
    assert {record.table for record in w.records()} == {
        "application",
        "acceptance",
        "processing",
        "completion",
        "rating",
    }
    assert [record.sequence for record in w.records()] == list(range(1, len(w.records()) + 1))


def rate(county: Any, case: Any) -> None:
    from tongban.apps.services import service as services

    services.rate_case(
        actor=county.actor("citizen"), case=county.again(case), level=2, text="很快", at=county.now
    )


def test_an_application_names_applicant_agent_and_materials(county: Any, wire: Any) -> None:
    w = wire()
    case = county.submit()
    told = one(w, "application")
    assert told["case_number"] == case.number
    assert (told["applicant"], told["applicant_id_type"]) == ("澄溪县城关镇李记米线店", "001")
    assert told["applicant_id"] == "92532399MA10000099"
    assert (told["agent"], told["agent_id_type"], told["agent_id"]) == ("李秀英", "111", "532399198510271020")
    assert told["source_code"] == "2"
    assert told["applied_at"] == "20260601100000"
    ways = {row["name"]: row["way"] for row in told["materials"]}
    assert ways["营业执照（或者事业单位法人证书）"] == "数据共享"
    assert {"网上上传", "系统生成"} <= set(ways.values())


def test_a_corrected_application_goes_again(county: Any, wire: Any) -> None:
    from tongban.apps.services import service as services

    w = wire()
    case = county.ask_for_correction(county.submit())
    services.resubmit_application(actor=county.actor("citizen"), case_id=case.pk, at=county.now)
    first, second = contents(w, "application")
    assert first["case_number"] == second["case_number"]
    back = [record for record in contents(w, "processing") if record["action"] == "退回"]
    assert len(back) == 1
    assert back[0]["opinion"].startswith("一次告知补正")


def test_an_acceptance_names_the_notice_and_the_promised_day(county: Any, wire: Any) -> None:
    w = wire()
    county.accept(county.submit())
    told = one(w, "acceptance")
    assert told["unit_code"] == "11532399MB0C000369"
    assert told["promised"] == "20260608"
    assert "〔2026〕" in told["paper"]
    assert told["region"] == "532399"
    assert told["case_type_code"] == "2"


def test_an_acceptance_by_lapse_of_time_is_from_the_day_of_receipt(county: Any, wire: Any) -> None:
    w = wire()
    county.submit()
    county.go_to("2026-06-09")
    county.tick()
    county.drain()
    told = one(w, "acceptance")
    assert (told["officer"], told["accepted_at"]) == ("系统自动", "20260601100000")


def test_every_step_of_a_person_is_a_record_with_beginning_and_end(county: Any, wire: Any) -> None:
    w = wire()
    case = county.submit()
    county.go_to("2026-06-02")
    county.accept(case)
    [step] = contents(w, "processing")
    assert (step["action"], step["officer"], step["state_code"]) == (
        "通过",
        county.account("window").person.name,
        "2",
    )
    assert (step["started_at"], step["ended_at"]) == ("20260601100000", "20260602100000")


def test_moves_of_the_office_are_records(county: Any, wire: Any) -> None:
    from tongban.kernel.cases import service as cases

    w = wire()
    case = county.review(county.accept(county.submit()))
    cases.return_to(
        actor=county.actor("chief"),
        task_id=county.task(case, "decide").id,
        to_node="inspect",
        reason="重看后厨",
        at=county.now,
    )
    last = contents(w, "processing")[-1]
    assert (last["action"], last["opinion"]) == ("退回", "退回：重看后厨")


def test_an_extension_is_a_special_procedure_of_kind_one(county: Any, wire: Any) -> None:
    w = wire()
    case = county.review(county.accept(county.submit()))
    county.act("chief", case, "extend", {"reason": "需要再次核实场所情况"})
    told = one(w, "special")
    assert (told["kind"], told["kind_code"]) == ("延长审批", "1")
    assert "行政许可法" in told["basis"]


def test_a_completion_names_the_certificate(county: Any, wire: Any) -> None:
    w = wire()
    county.grant(county.review(county.accept(county.submit())))
    county.drain()
    told = one(w, "completion")
    assert told["certificate"] == "食品经营许可证"
    assert told["certificate_number"].startswith("JY")
    assert (told["result"], told["is_charged"]) == ("已办结送达", "0")


def test_a_refusal_and_a_withdrawal_complete_a_case_too(county: Any, wire: Any) -> None:
    w = wire()
    county.refuse(county.review(county.accept(county.submit())))
    withdrawn = county.submit("rep")
    county.act("rep", withdrawn, "withdraw", {"reason": "不办了"})
    assert [told["result"] for told in contents(w, "completion")] == ["未准予", "已撤回"]


def test_who_rated_is_never_told(county: Any, wire: Any) -> None:
    w = wire()
    case = county.refuse(county.review(county.accept(county.submit())))
    rate(county, case)
    told = one(w, "rating")
    assert (told["satisfaction"], told["satisfaction_code"], told["channel"]) == ("满意", "2", "PC端")
    assert "rater" not in told


def test_an_item_is_told_with_its_limits_and_materials(county: Any, wire: Any) -> None:
    from tongban.apps.services import service as services
    from tongban.base.actor import Actor

    w = wire()
    item = services.get_item("food-licence")
    services.put_item(
        actor=Actor.system("test"),
        content={**item.content, "quantity_limit": {"zh": "没有限制"}},
        at=county.now,
    )
    told = contents(w, "item")[-1]
    assert told["implementation_code"] == "11532399MB0C0003694000131020001"
    assert (told["promised_limit"], told["promised_unit"]) == ("5", "工作日")
    assert (told["type"], told["level"], told["body_nature"]) == ("行政许可", "县级", "法定机关")
    assert told["target_code"] == "2,3,6"
    assert len(told["materials"]) == len(item.materials)


def test_a_warning_that_a_limit_is_near_or_over_is_a_card(county: Any, wire: Any) -> None:
    from tongban.kernel.calendars import service as calendars

    w = wire()
    county.accept(county.submit())
    county.go_to("2026-06-09")
    calendars.give_warnings(at=county.now)
    cards = contents(w, "supervision")
    seen = {(card["rule"], card["warning_code"], card["result"]) for card in cards}
    assert seen == {("due-soon", "1", "黄牌"), ("overdue", "2", "红牌")}
    assert all(violations(tables()["supervision"], card) == [] for card in cards)


def test_a_letter_is_a_consultation_and_a_complaining_one_a_complaint(county: Any, wire: Any) -> None:
    w = wire()
    write(county, "question")
    write(county, "complaint")
    question, complaint = contents(w, "interaction")
    assert question["question"].startswith("书院街") and "complaint" not in question
    assert complaint["complaint_title"] == "路灯坏了半个月没人来修" and "question" not in complaint


def test_an_answered_letter_goes_again_with_its_answer(county: Any, wire: Any) -> None:
    w = wire()
    letter = write(county, "question")
    county.do("mailbox", letter, "assign", "assign", {"unit": "cgj"})
    county.do("bureau2", letter, "answer", "answer", {"text": ANSWER})
    county.do("mailbox", letter, "check", "keep_private")
    county.drain()
    told = contents(w, "interaction")[-1]
    assert (told["answer"], told["answered_at"]) == (ANSWER, "20260601100000")


def write(county: Any, kind: str) -> Any:
    from tongban.apps.voice import service as voice
    from tongban.kernel.cases import service as cases

    values = {
        "kind": kind,
        "title": "路灯坏了半个月没人来修",
        "body": "书院街的路灯坏了半个月，晚上看不见路，请派人来修一修，谢谢。",
        "may_publish": False,
    }
    sent = voice.write_letter(
        actor=county.actor("citizen"), mailbox="county-head", values=values, at=county.now
    )
    return cases.find_by_number(sent.number)


def test_a_code_that_the_item_lacked_is_taken_from_the_item_of_today(
    county: Any, wire: Any, monkeypatch: Any
) -> None:
    real = exchange.facts_of

    def without_code(ref: Any) -> Any:
        told = real(ref)
        return {**told, "implementation_code": "", "handling_code": ""} if ref.kind == "case-item" else told

    w = wire()
    county.submit()
    monkeypatch.setattr(exchange, "facts_of", without_code)
    assert one(w, "application")["implementation_code"] == "11532399MB0C0003694000131020001"


def test_what_a_destination_does_not_want_is_not_made(county: Any, wire: Any) -> None:
    w = wire(tables=["acceptance"])
    county.accept(county.submit())
    w.follow()
    assert {record.table for record in w.records()} == {"acceptance"}


def test_every_rule_names_a_table_and_a_verb_of_the_ledger() -> None:
    from tongban.kernel.ledger import service as ledger

    known = {*ledger.verbs(), "cases.change_state"}
    assert {rule.verb for rule in making.RULES} <= known
    assert {rule.table for rule in making.RULES} == set(tables())
