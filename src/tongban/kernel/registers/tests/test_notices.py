"""“This is wrong”: said by those concerned, answered by the register's owner."""

import pytest

from tongban.base.actor import Actor
from tongban.base.errors import Conflict, Invalid, NotFound
from tongban.base.models import Event
from tongban.kernel.ledger.models import Act
from tongban.kernel.registers import service as registers
from tongban.kernel.registers.models import CorrectionNotice

from .conftest import AT, LI


def report(actor, note="名字里应是“瑛”", field="name", key=LI):
    return registers.report_error(actor=actor, register="people", key=key, field=field, note=note, at=AT)


def test_a_person_says_what_is_wrong_and_sees_her_notice(people, li, zhang):
    report(li)

    (notice,) = registers.correction_notices(actor=li)
    assert (notice.register.zh, notice.field.zh, notice.note) == ("人口", "姓名", "名字里应是“瑛”")
    assert registers.correction_notices(actor=zhang) == []
    act = Act.objects.get(verb="registers.report_error")
    assert "瑛" not in str(act.__dict__)
    assert Event.objects.filter(name="registers.error_reported").count() == 1


def test_saying_more_adds_to_the_open_notice(people, li):
    report(li)
    report(li)
    report(li, note="户口本上是对的")

    (notice,) = registers.correction_notices(actor=li)
    assert notice.note == "名字里应是“瑛”\n户口本上是对的"


def test_nobody_reports_on_anothers_record(people, zhang):
    for actor in (zhang, Actor.stranger()):
        with pytest.raises(NotFound):
            report(actor)
    assert CorrectionNotice.objects.count() == 0
    assert Event.objects.filter(name="registers.error_reported").count() == 0


def test_empty_words_are_refused(people, li):
    with pytest.raises(Invalid):
        report(li, note="  ")
    assert CorrectionNotice.objects.count() == 0


def test_the_owner_answers_once_and_another_unit_does_not_see_it(people, define, li, official):
    police, others = official("registers.correct"), official("services.window", unit="scjg")
    define(owner_unit="gaj")
    notice = report(li)

    assert registers.correction_notices(actor=others) == []
    with pytest.raises(NotFound):
        registers.answer_notice(actor=others, notice_id=notice.pk, outcome="corrected", answer="x", at=AT)

    assert len(registers.correction_notices(actor=police)) == 1
    registers.answer_notice(actor=police, notice_id=notice.pk, outcome="corrected", answer="已更正", at=AT)

    assert registers.correction_notices(actor=police) == []
    (closed,) = registers.correction_notices(actor=li, is_open=False)
    assert (closed.outcome, closed.answer) == ("corrected", "已更正")
    with pytest.raises(Conflict):
        registers.answer_notice(actor=police, notice_id=notice.pk, outcome="unchanged", answer="x", at=AT)
