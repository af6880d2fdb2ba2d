"""The whole life of a letter through the doors."""

from __future__ import annotations

from datetime import date

import pytest

from tongban.apps.voice import service as voice
from tongban.apps.voice.models import Letter
from tongban.apps.voice.tests.world import ANSWER, LETTER, World, code_actor, on
from tongban.base.models import Event
from tongban.kernel.cases import service as cases
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes
from tongban.kernel.search import service as search


def test_a_letter_is_returned_once_answered_by_another_reopened_answered_again_and_closed(
    world: World,
) -> None:
    sent = world.write(at="2026-03-02")
    number, writer = sent.number, code_actor(sent.case_id)
    assert number.startswith("LX-2026-0302-")
    assert len(sent.code) == 10
    case = cases.find_by_code(number, sent.code)
    assert case.state == "assigning"

    # The office has one working day (local rule); the housing bureau gives the letter back with a reason,
    # once.
    assert cases.clock_of(case, "assignment").due_on == date(2026, 3, 3)
    world.act(world.office, number, "assign", "2026-03-02", {"unit": "zjj", "note": "请核实"})
    case.refresh_from_db()
    assert (case.state, case.unit_id) == ("answering", world.units["zjj"])
    assert cases.clock_of(case, "answer").due_on == date(2026, 3, 5)
    world.act(
        world.housing, number, "return_once", "2026-03-03", {"reason": "路灯由城管局管护，建议转城管局办理。"}
    )
    case.refresh_from_db()
    assert (case.state, case.unit_id) == ("assigning", world.units["xzfb"])
    assert cases.clock_of(case, "answer").state == "stopped"

    # Another bureau answers; a complex matter has ten working days.
    world.act(world.office, number, "assign", "2026-03-03", {"unit": "cgj", "complexity": "complex"})
    assert cases.clock_of(case, "answer").due_on == date(2026, 3, 17)
    world.act(world.urban, number, "answer", "2026-03-05", {"text": ANSWER})
    world.act(world.office, number, "publish", "2026-03-05")
    case.refresh_from_db()
    assert case.state == "answered"
    assert cases.clock_of(case, "answer").met is True

    # The answer is a paper of the bureau, numbered, with the way to ask again in it.
    [paper] = instruments.papers_of(case.ref)
    assert paper.number == "澄城信复〔2026〕1号"

    # What is public is masked, and can be found.
    public = voice.public_letter(number)
    shown = public.title + public.question + public.answers[0].text
    for secret in ("木易生", "13812344471", "501"):
        assert secret not in shown
    assert "0889-621 0422" in public.answers[0].text
    assert [hit.ref.id for hit in search.search("文昌路路灯", kinds=["letter"])] == [number]

    # She is not satisfied: with the query code she has it taken up again, once.
    world.act(writer, number, "reopen", "2026-03-06", {"reason": "只修了一盏，还有两盏不亮。"})
    case.refresh_from_db()
    assert case.state == "assigning"
    world.act(world.office, number, "assign", "2026-03-06", {"unit": "cgj"})
    world.act(
        world.urban,
        number,
        "answer",
        "2026-03-09",
        {"text": "另外两盏也修好了，对不起，让您费心了，谢谢您。"},
    )
    world.act(world.office, number, "keep_private", "2026-03-09")
    [task] = [t for t in processes.tasks_of(case.instance_id) if t.state == "open"]
    assert [outcome.key for outcome in task.outcomes if outcome.allowed] == ["satisfied"]
    world.act(writer, number, "satisfied", "2026-03-10", {"text": "谢谢"})

    case.refresh_from_db()
    assert case.state == "closed"
    assert case.closed_at == on("2026-03-10")
    assert Letter.objects.get(pk=case.pk).outcome == "satisfied"
    assert [p.number for p in instruments.papers_of(case.ref)] == [
        "澄城信复〔2026〕1号",
        "澄城信复〔2026〕2号",
    ]
    assert all(view.state == "stopped" for view in cases.progress_of(case, at=on("2026-03-10")).clocks)
    verbs = [act.verb for act in ledger.acts_of(case=case.ref) if act.verb.startswith("voice.")]
    assert verbs == [
        "voice.assign",
        "voice.take_back",
        "voice.assign",
        "voice.publish",
        "voice.deliver_answer",
        "voice.reopen",
        "voice.assign",
        "voice.deliver_answer",
        "voice.close",
    ]
    assert Event.objects.filter(name="voice.closed", subject_id=str(case.pk)).count() == 1


def test_a_second_return_is_not_offered_and_refused(world: World) -> None:
    sent = world.write()
    world.act(world.office, sent.number, "assign", "2026-03-02", {"unit": "zjj"})
    world.act(
        world.housing,
        sent.number,
        "return_once",
        "2026-03-03",
        {"reason": "不归本单位管，建议转城管局办理。"},
    )
    world.act(world.office, sent.number, "assign", "2026-03-03", {"unit": "cgj"})
    case = cases.find_by_number(sent.number)
    before = len(ledger.acts_of(case=case.ref))
    with pytest.raises(Exception, match=r"不能选|cannot end"):
        world.act(
            world.urban, sent.number, "return_once", "2026-03-04", {"reason": "也不归我们管，请另转他处。"}
        )
    case.refresh_from_db()
    assert case.state == "answering"
    assert len(ledger.acts_of(case=case.ref)) == before


def test_silence_of_fifteen_days_closes_the_letter(world: World) -> None:
    sent = world.answered()
    case = cases.find_by_number(sent.number)
    processes.fire_due_timers(at=on("2026-03-18"))
    case.refresh_from_db()
    assert case.state == "answered"
    processes.fire_due_timers(at=on("2026-03-20"))
    case.refresh_from_db()
    assert case.state == "closed"
    assert Letter.objects.get(pk=case.pk).outcome == "silent"


def test_a_declined_letter_tells_why_and_ends(world: World) -> None:
    sent = world.write()
    reason = "您反映的是正在法院审理的案件，请向县人民法院提出。"
    world.act(world.office, sent.number, "decline", "2026-03-02", {"reason": reason})
    case = cases.find_by_number(sent.number)
    assert case.state == "declined"
    assert case.closed_at is not None
    assert Letter.objects.get(pk=case.pk).declined_because == reason
    assert not [c for c in cases.progress_of(case, at=on("2026-03-03")).clocks if c.state != "stopped"]


def test_a_signed_in_writer_judges_the_answer_herself_and_gets_messages(world: World) -> None:
    from tongban.kernel.messages import service as messages

    sent = world.answered(actor=world.citizen)
    assert world.citizen.person_id is not None
    subjects = {row.subject.zh.split("：")[0] for row in messages.inbox_of(world.citizen.person_id)}
    assert subjects >= {"来信已收到", "来信已转办", "来信有答复了"}
    world.act(world.citizen, sent.number, "satisfied", "2026-03-05", {})
    assert cases.find_by_number(sent.number).state == "closed"


def test_a_writer_who_left_an_address_is_told_by_e_mail(world: World) -> None:
    from tongban.kernel.messages.models import Delivery

    world.write(email="yi@example.com")
    assert Delivery.objects.filter(channel="email", address="yi@example.com").count() == 1


def test_two_kinds_of_work_share_one_desk(world: World) -> None:
    sent = world.write()
    assert [row.number for row in cases.inbox(world.office, view="todo", at=on("2026-03-02"))] == [
        sent.number
    ]
    assert not list(cases.inbox(world.housing, view="todo", at=on("2026-03-02")))
    world.act(world.office, sent.number, "assign", "2026-03-02", {"unit": "zjj"})
    assert [row.number for row in cases.inbox(world.housing, view="todo", at=on("2026-03-02"))] == [
        sent.number
    ]
    assert not list(cases.inbox(world.urban, view="todo", at=on("2026-03-02")))
    page = cases.case_page(world.housing, sent.number, at=on("2026-03-03"))
    assert page.main_clock is not None and page.main_clock.key == "answer"
    assert page.panels[0].context["topic"].zh == "投诉"
    assert LETTER["title"] == page.case.title.zh
