"""The hall of the demo county: appointments, the day, cases that need somebody to come."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from tests.support.county import County, on
from tests.support.hall import WEDNESDAY_9, book, marriage, told
from tongban.apps.hall import errors, rules
from tongban.apps.hall import service as hall
from tongban.apps.hall.models import Appointment, OddDay, Slot
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL

PAGE = "/appointments/county-hall/market/"


def test_a_citizen_books_moves_and_cancels_on_the_pages_and_is_told(county: County) -> None:
    client = county.client("citizen")
    assert "选时间" in client.get("/appointments/").content.decode()
    page = client.get(f"{PAGE}?day=2026-06-03").content.decode()
    assert 'value="2026-06-03T09:00' in page
    booked = client.post(PAGE, {"slot": "2026-06-03T09:00:00+08:00"})
    found = Appointment.objects.get()
    assert booked["Location"] == f"/appointments/mine/{found.pk}/"
    assert found.code[:4] in client.get(booked["Location"]).content.decode()
    assert client.post(f"{booked['Location']}move/", {"slot": "2026-06-04T14:10:00+08:00"}).status_code == 302
    found.refresh_from_db()
    assert found.starts_at == datetime(2026, 6, 4, 14, 10, tzinfo=LOCAL)
    assert client.post(f"{booked['Location']}cancel/").status_code == 302
    found.refresh_from_db()
    assert found.state == rules.CANCELLED
    assert set(Slot.objects.values_list("taken", flat=True)) == {0}
    assert {subject[:2] for subject in told(county, "citizen")[:3]} == {"已取", "已改", "约好"}


def test_what_is_not_offered_cannot_be_booked(county: County) -> None:
    for moment in (
        on("2026-06-03", 8),  # before it opens
        WEDNESDAY_9 + timedelta(minutes=5),  # not a beginning
        on("2026-06-19", 10),  # the Dragon Boat Festival, and too far ahead
        on("2026-06-01", 9),  # over
        on("2026-06-07", 10),  # Sunday
    ):
        with pytest.raises(errors.SlotNotOffered):
            book(county, starts_at=moment)
    assert not Appointment.objects.exists()
    assert not Slot.objects.exists()


def test_one_person_has_one_open_appointment_for_a_service(county: County) -> None:
    book(county)
    with pytest.raises(errors.AlreadyBooked):
        book(county, starts_at=on("2026-06-04", 9))
    assert Appointment.objects.count() == 1
    assert Slot.objects.count() == 1
    book(county, starts_at=on("2026-06-04", 9), key="marriage")


def test_a_full_time_is_refused_and_shown_as_full(county: County) -> None:
    book(county)
    book(county, "villager")
    with pytest.raises(errors.SlotFull):
        book(county, "elder")
    assert Appointment.objects.count() == 2
    answer = county.client("elder").post(PAGE, {"slot": "2026-06-03T09:00:00+08:00"})
    assert answer.status_code == 409
    assert "刚刚约满" in answer.content.decode()


def test_shortly_before_only_the_hall_can_change_it(county: County) -> None:
    found = book(county)
    county.go_to(WEDNESDAY_9 - timedelta(minutes=90))
    with pytest.raises(errors.TooLate):
        hall.cancel(actor=county.actor("citizen"), appointment_id=found.pk, at=county.now)
    with pytest.raises(errors.AppointmentNotFound):
        hall.cancel(actor=county.actor("villager"), appointment_id=found.pk, at=county.now)
    found.refresh_from_db()
    assert found.state == rules.BOOKED


def test_the_calendar_file_says_when_and_where_and_nobodys_name(county: County) -> None:
    found = book(county)
    answer = county.client("citizen").get(f"/appointments/mine/{found.pk}/calendar.ics")
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/calendar")
    assert "DTSTART:20260603T010000Z" in text
    assert "SEQUENCE:0" in text
    assert "李秀英" not in text
    assert county.client("villager").get(f"/appointments/mine/{found.pk}/calendar.ics").status_code == 404


def test_everybody_is_reminded_once_the_day_before(county: County) -> None:
    book(county)
    assert hall.remind(at=county.now) == 0
    county.go_to(WEDNESDAY_9 - timedelta(hours=20))
    assert hall.remind(at=county.now) == 1
    assert hall.remind(at=county.now) == 0
    assert told(county, "citizen")[0].startswith("提醒")


def test_who_misses_three_in_ninety_days_cannot_book_for_thirty(county: County) -> None:
    for day in ("2026-06-03", "2026-06-08", "2026-06-10"):
        found = book(county, starts_at=on(day, 9))
        county.go_to(day)
        hall.mark(actor=county.actor("window"), appointment_id=found.pk, act="missed", at=county.now)
    with pytest.raises(errors.Barred) as barred:
        book(county, starts_at=on("2026-06-12", 9))
    assert barred.value.data["until"] == "2026-07-10"
    assert "2026年7月10日" in county.client("citizen").get(PAGE).content.decode()
    county.go_to("2026-07-11")
    book(county, starts_at=on("2026-07-13", 9))


def test_nobody_is_missed_before_the_time_or_by_another_unit(county: County) -> None:
    found = book(county)
    county.go_to(WEDNESDAY_9 - timedelta(minutes=1))
    with pytest.raises(errors.AppointmentState):
        hall.mark(actor=county.actor("window"), appointment_id=found.pk, act="missed", at=county.now)
    county.go_to(WEDNESDAY_9)
    with pytest.raises(errors.AppointmentNotFound):
        hall.mark(actor=county.actor("officer1"), appointment_id=found.pk, act="missed", at=county.now)
    with pytest.raises(errors.AppointmentNotFound):
        hall.mark(actor=county.actor("mzj.window"), appointment_id=found.pk, act="missed", at=county.now)
    found.refresh_from_db()
    assert found.state == rules.BOOKED


def test_what_nobody_settled_counts_for_nothing(county: County) -> None:
    left, came = book(county), book(county, "villager")
    county.go_to(WEDNESDAY_9)
    hall.receive(actor=county.actor("window"), appointment_id=came.pk, at=county.now)
    county.go_to("2026-06-04")
    assert hall.close_days(at=county.now) == 2
    left.refresh_from_db()
    came.refresh_from_db()
    assert (left.state, came.state) == (rules.LAPSED, rules.DONE)


def test_closing_a_day_tells_everybody_and_keeps_another_time(county: County) -> None:
    found = book(county)
    client = county.client("hall")
    form = {"day": "2026-06-03", "closed": "1", "reason_zh": "停电检修", "reason_en": "Power works"}
    asked = client.post("/desk/halls/county-hall/days/", form).content.decode()
    assert "有 1 个预约要改时间" in asked
    assert not OddDay.objects.exists()
    done = client.post("/desk/halls/county-hall/days/", {**form, "sure": "1"})
    assert done["Location"].endswith("moved=1")
    found.refresh_from_db()
    assert found.starts_at == on("2026-06-02", 9)
    assert found.offered_at is not None
    assert any(subject.startswith("您的预约要改时间") for subject in told(county, "citizen"))
    county.go_to(found.starts_at - timedelta(minutes=30))
    hall.cancel(actor=county.actor("citizen"), appointment_id=found.pk, at=county.now)


def test_only_who_looks_after_the_hall_sets_its_hours(county: County) -> None:
    for who in ("window", "sysadmin", "studio1"):
        with pytest.raises(errors.NotYours):
            hall.set_day(
                actor=county.actor(who), key="county-hall", day=date(2026, 6, 3), hours=None,
                reason=LocalizedText("x"), at=county.now,
            )  # fmt: skip
    assert not OddDay.objects.exists()
    manager = county.actor("hall")
    moved = hall.set_hours(
        actor=manager, key="county-hall", weekly={2: [(time(13), time(16))]}, at=county.now
    )
    assert moved == 0
    with pytest.raises(errors.SlotNotOffered):
        book(county)
    with pytest.raises(errors.HoursInvalid):
        hall.set_hours(actor=manager, key="county-hall", weekly={2: [(time(16), time(13))]}, at=county.now)


def test_the_day_shows_masked_names_and_marks_are_taken_back(county: County) -> None:
    found = book(county)
    county.go_to(WEDNESDAY_9)
    client = county.client("window")
    page = client.get("/desk/appointments/").content.decode()
    assert "李*英" in page
    assert "李秀英" not in page
    assert client.post(f"/desk/appointments/{found.pk}/arrived/").status_code == 302
    assert client.post(f"/desk/appointments/{found.pk}/undo/").status_code == 302
    assert client.post(f"/desk/appointments/{found.pk}/done/").status_code == 302
    found.refresh_from_db()
    assert found.state == rules.DONE
    assert "没有预约" in county.client("mzj.window").get("/desk/appointments/").content.decode()


def test_the_time_of_an_application_is_chosen_moved_and_chosen_again(county: County) -> None:
    case = marriage(county)
    client = county.client("villager")
    page = client.get(f"/progress/{case.number}/").content.decode()
    assert f"/appointments/case/{case.number}/" in page
    form = {"slot": "2026-06-03T09:00:00+08:00"}
    assert client.post(f"/appointments/case/{case.number}/", form).status_code == 302
    case = county.again(case)
    found = Appointment.objects.get(case=case)
    assert (case.state, found.starts_at) == ("expected", WEDNESDAY_9)
    assert "6月3日" in county.client("mzj.window").get(f"/desk/cases/{case.number}/").content.decode()
    hall.cancel(actor=county.actor("villager"), appointment_id=found.pk, at=county.now)
    assert (
        client.post(f"/appointments/case/{case.number}/", {"slot": "2026-06-04T09:00:00+08:00"}).status_code
        == 302
    )
    assert Appointment.objects.filter(case=case, state=rules.BOOKED).count() == 1
    assert county.client("citizen").get(f"/appointments/case/{case.number}/").status_code == 404


def test_a_full_time_leaves_the_step_of_the_process_open(county: County) -> None:
    case = marriage(county)
    book(county, "citizen", key="marriage")
    book(county, "elder", key="marriage")
    answer = county.client("villager").post(
        f"/appointments/case/{case.number}/", {"slot": "2026-06-03T09:00:00+08:00"}
    )
    assert answer.status_code == 409
    assert county.again(case).state == "choosing"
    assert not Appointment.objects.filter(case=case).exists()


def test_who_is_too_young_is_told_before_handing_in(county: County) -> None:
    from tongban.apps.services import errors as refusals

    with pytest.raises(refusals.NotYetComplete):
        marriage(county, partner_birth_on="2008-01-01")


def test_who_withdraws_the_application_gives_the_place_back(county: County) -> None:
    case, found = county.submit(), book(county)
    Appointment.objects.filter(pk=found.pk).update(case=case)
    county.act("citizen", case, "withdraw", {"reason": "不办了"})
    county.drain()
    found.refresh_from_db()
    assert found.state == "cancelled"
    assert Slot.objects.get(service=found.service, starts_at=WEDNESDAY_9).taken == 0
