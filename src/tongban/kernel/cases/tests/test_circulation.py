"""Circulation: who is sent a case may look at it and nothing more; reading leaves a mark."""

from __future__ import annotations

import pytest

from tests.support.county import County
from tongban.base.errors import Forbidden
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound, ColleagueNotFound, NobodyChosen
from tongban.kernel.cases.models import Reading
from tongban.kernel.ledger.models import Act
from tongban.kernel.messages.models import Message
from tongban.kernel.processes.errors import ReasonRequired


def key(county: County, who: str) -> str:
    actor = county.actor(who)
    return f"{actor.post_id}:{actor.person_id}"


def send(county: County, case: object, *to: str) -> None:
    cases.circulate(
        actor=county.actor("window"),
        case_id=case.pk,
        to=list(to),
        reason="请了解",
        at=county.now,  # type: ignore[attr-defined]
    )


def test_a_reader_finds_the_case_and_may_look(county: County) -> None:
    case = county.submit()
    send(county, case, key(county, "bureau"))
    reader = county.actor("bureau")
    [row] = cases.inbox(reader, view="copied", at=county.now).items
    assert (row.number, row.is_unread, cases.count_unread(reader)) == (case.number, True, 1)
    assert len(cases.inbox(reader, view="copied", mark="unread", at=county.now).items) == 1
    html = county.client("bureau").get("/desk/list/copied/").content.decode()
    assert f"/desk/cases/{case.number}/?copied=1" in html
    county.drain()
    assert Message.objects.filter(person_id=reader.person_id, template="moves.circulate").count() == 1
    assert Act.objects.filter(verb="cases.circulate", case=str(case.ref), reason="请了解").count() == 1


def test_opening_marks_it_read_and_the_sender_sees_it(county: County) -> None:
    case = county.submit()
    send(county, case, key(county, "bureau"))
    client = county.client("bureau")
    for _ in range(2):
        assert client.get(f"/desk/cases/{case.number}/?copied=1").status_code == 200
    reading = Reading.objects.get()
    assert (reading.read_at, reading.read_by) == (county.now, county.actor("bureau").person_id)
    assert cases.count_unread(county.actor("bureau")) == 0
    assert [row.is_unread for row in cases.inbox(county.actor("bureau"), view="copied", at=county.now)] == [
        False
    ]
    html = county.client("window").get(f"/desk/cases/{case.number}/moves/circulate/").content.decode()
    assert county.actor("bureau").name in html and "还没看" not in html


def test_a_unit_has_read_when_one_of_it_has(county: County) -> None:
    case = county.submit()
    send(county, case, f"unit:{county.actor('bureau').unit_id}")
    assert cases.mark_read(actor=county.actor("bureau2"), case_id=case.pk, at=county.now) == 0
    assert cases.mark_read(actor=county.actor("bureau"), case_id=case.pk, at=county.now) == 1
    assert Reading.objects.get().read_name == county.actor("bureau").name


def test_who_has_not_read_is_not_asked_twice(county: County) -> None:
    case = county.submit()
    send(county, case, key(county, "bureau"), key(county, "bureau"))
    send(county, case, key(county, "bureau"))
    assert Reading.objects.count() == 1
    cases.mark_read(actor=county.actor("bureau"), case_id=case.pk, at=county.now)
    send(county, case, key(county, "bureau"))
    assert Reading.objects.filter(read_at=None).count() == 1


def test_a_reader_only_looks(county: County) -> None:
    case = county.submit()
    send(county, case, key(county, "bureau"))
    reader = county.actor("bureau")
    page = cases.case_page(reader, case.number, at=county.now)
    assert (page.doable, page.moves) == ([], ())
    before = (Act.objects.count(), Reading.objects.count())
    with pytest.raises(Forbidden):
        cases.circulate(
            actor=reader, case_id=case.pk, to=[key(county, "bureau2")], reason="看看", at=county.now
        )
    with pytest.raises(Forbidden):
        cases.urge(actor=reader, task_id=county.task(case, "receive").id, reason="", at=county.now)
    assert (Act.objects.count(), Reading.objects.count()) == before


@pytest.mark.parametrize(
    ("to", "reason", "error"),
    [
        ([], "x", NobodyChosen),
        (["1:2"], "x", ColleagueNotFound),
        (["unit:999999"], "x", ColleagueNotFound),
        (["unit:x"], "x", ColleagueNotFound),
        (["unit:1"], " ", ReasonRequired),
    ],
)
def test_nobody_and_nothing_is_refused(
    county: County, to: list[str], reason: str, error: type[Exception]
) -> None:
    case = county.submit()
    before = (Act.objects.count(), Reading.objects.count())
    with pytest.raises(error):
        cases.circulate(actor=county.actor("window"), case_id=case.pk, to=to, reason=reason, at=county.now)
    with pytest.raises(CaseNotFound):
        cases.circulate(
            actor=county.actor("bureau"), case_id=case.pk, to=["unit:1"], reason="x", at=county.now
        )
    assert (Act.objects.count(), Reading.objects.count()) == before
