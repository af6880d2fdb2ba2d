"""Only masked texts become public, only with the writer's consent, and they can be taken off again."""

from __future__ import annotations

from typing import Any

import pytest

from tongban.apps.voice import queries
from tongban.apps.voice import service as voice
from tongban.apps.voice.errors import LetterNotFound, PersonalDataLeft, UnitDoesNotAnswer
from tongban.apps.voice.models import Answer, Letter
from tongban.apps.voice.tests.world import ANSWER, LETTER, World, on
from tongban.base.errors import Invalid, TongbanError
from tongban.base.models import Event
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.processes import service as processes
from tongban.kernel.search import service as search


def ready_to_check(world: World, **changes: Any) -> voice.Sent:
    sent = world.write(**changes)
    world.act(world.office, sent.number, "assign", "2026-03-02", {"unit": "zjj"})
    world.act(world.housing, sent.number, "answer", "2026-03-03", {"text": ANSWER})
    return sent


@pytest.mark.parametrize(
    ("data", "field", "named"),
    [
        ({"body": "打我电话13812344471"}, "body", "138****4471"),
        ({"title": "木易生反映路灯"}, "title", "木某"),
        ({"answer": "请联系小王 13987654321"}, "answer", "139****4321"),
    ],
)
def test_what_still_holds_personal_data_is_not_published_nor_delivered(
    world: World, data: dict[str, str], field: str, named: str
) -> None:
    sent = ready_to_check(world)
    case = cases.find_by_number(sent.number)
    before = Event.objects.count()
    with pytest.raises(PersonalDataLeft) as refused:
        world.act(world.office, sent.number, "publish", "2026-03-04", data)
    [error] = refused.value.data["errors"]
    assert error["field"] == field
    assert named in error["message"]["zh"]
    assert "13812344471" not in str(refused.value.data)
    case.refresh_from_db()
    assert case.state == "checking"
    assert not Answer.objects.exists()
    assert not instruments.papers_of(case.ref)
    assert Event.objects.count() == before
    assert search.search("文昌路", kinds=["letter"]) == []


def test_the_office_begins_with_a_masked_text_and_may_edit_it(world: World) -> None:
    sent = ready_to_check(world)
    case = cases.find_by_number(sent.number)
    [task] = [t for t in processes.tasks_of(case.instance_id) if t.state == "open"]
    begin = queries.outcome_data(case, task, "publish")
    assert begin["title"] == LETTER["title"]
    assert begin["body"].startswith("我叫木某，住文昌小区*幢*单元***室，电话138****4471。")
    assert begin["answer"].startswith("木某您好")
    world.act(
        world.office, sent.number, "publish", "2026-03-04", {**begin, "body": "家门口的路灯坏了一个多月。"}
    )
    assert voice.public_letter(sent.number).question == "家门口的路灯坏了一个多月。"


def test_without_consent_publishing_is_neither_offered_nor_possible(world: World) -> None:
    sent = ready_to_check(world, may_publish=False)
    case = cases.find_by_number(sent.number)
    [task] = [t for t in processes.tasks_of(case.instance_id) if t.state == "open"]
    assert [o.key for o in task.outcomes if o.allowed] == ["keep_private", "send_back"]
    with pytest.raises(TongbanError):
        world.act(world.office, sent.number, "publish", "2026-03-04")
    world.act(world.office, sent.number, "keep_private", "2026-03-04")
    assert Answer.objects.get().published_at is None
    with pytest.raises(LetterNotFound):
        voice.public_letter(sent.number)
    assert not voice.answered_letters().items


def test_an_answer_sent_back_is_rewritten(world: World) -> None:
    sent = ready_to_check(world)
    with pytest.raises(Invalid):
        world.act(world.office, sent.number, "send_back", "2026-03-04")  # the reason is required
    world.act(world.office, sent.number, "send_back", "2026-03-04", opinion="请写明什么时候修好。")
    better = "您好，路灯3月3日已经全部修好，今后每周三巡查一次，谢谢您。"
    world.act(world.housing, sent.number, "answer", "2026-03-04", {"text": better})
    world.act(world.office, sent.number, "keep_private", "2026-03-05")
    assert [answer.text for answer in Answer.objects.all()] == [better]


def test_a_published_letter_can_be_taken_off_by_the_office_only(world: World) -> None:
    sent = world.answered()
    case = cases.find_by_number(sent.number)
    with pytest.raises(TongbanError):
        cases.run_action(
            actor=world.housing,
            case_id=case.pk,
            key="unpublish",
            data={"reason": "试一试撤下来"},
            at=on("2026-03-05"),
        )
    assert voice.public_letter(sent.number)
    cases.run_action(
        actor=world.office,
        case_id=case.pk,
        key="unpublish",
        data={"reason": "漏遮了一个小名"},
        at=on("2026-03-05"),
    )
    with pytest.raises(LetterNotFound):
        voice.public_letter(sent.number)
    assert search.search("文昌路", kinds=["letter"]) == []
    assert Answer.objects.get().text == ANSWER


def test_a_unit_where_nobody_answers_is_refused(world: World) -> None:
    sent = world.write()
    with pytest.raises(Invalid):
        world.act(world.office, sent.number, "assign", "2026-03-02", {"unit": "xzfb"})
    assert Letter.objects.get().bureau_id is None
    assert UnitDoesNotAnswer.code == "unit-does-not-answer"


def test_each_does_only_what_is_in_his_hands(world: World) -> None:
    sent = world.write()
    for actor in (world.housing, world.other, world.stranger, world.citizen):
        with pytest.raises(TongbanError):
            world.act(actor, sent.number, "assign", "2026-03-02", {"unit": "zjj"})
    world.act(world.office, sent.number, "assign", "2026-03-02", {"unit": "zjj"})
    for actor in (world.urban, world.office):
        with pytest.raises(TongbanError):
            world.act(actor, sent.number, "answer", "2026-03-03", {"text": ANSWER})
    case = cases.find_by_number(sent.number)
    assert case.state == "answering"
    assert not cases.may_see(world.urban, case)
    assert not cases.may_see(identity.actor_for_code("00000000-0000-0000-0000-000000000000"), case)


def test_a_letter_answered_twice_stands_once_in_the_list_with_both_answers(world: World) -> None:
    sent = world.answered(actor=world.citizen)
    world.act(world.citizen, sent.number, "reopen", "2026-03-05", {"reason": "还有一盏没修好。"})
    world.act(world.office, sent.number, "assign", "2026-03-05", {"unit": "zjj"})
    world.act(
        world.housing,
        sent.number,
        "answer",
        "2026-03-06",
        {"text": "剩下的一盏也修好了，谢谢您提醒，给您添麻烦了。"},
    )
    world.act(world.office, sent.number, "publish", "2026-03-06")
    assert [row.number for row in voice.answered_letters()] == [sent.number]
    assert len(voice.public_letter(sent.number).answers) == 2


def test_the_list_is_found_by_words_and_by_topic_in_few_queries(
    world: World, django_assert_max_num_queries: Any
) -> None:
    first = world.answered()
    second = world.answered(
        title="书院街公交车太少了", kind="suggestion", body="早上等车要四十分钟，建议高峰加开两班。"
    )
    assert [row.number for row in voice.answered_letters(query="公交")] == [second.number]
    assert [row.number for row in voice.answered_letters(topic="complaint")] == [first.number]
    assert not voice.answered_letters(query="公交", topic="complaint").items
    with django_assert_max_num_queries(1):
        assert len(voice.answered_letters()) == 2
    counted = voice.figures(at=on("2026-03-10"))
    assert (counted.received, counted.answered, counted.rate) == (2, 2, 100)
