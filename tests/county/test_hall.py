"""The hall of the demo county: appointments, the day, numbers, the kiosk."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.support.county import County, on
from tongban.apps.hall import errors, queries, rules
from tongban.apps.hall import service as hall
from tongban.apps.hall.models import Appointment, OddDay, Slot, Ticket, Window
from tongban.apps.hall.views.kiosk import COOKIE
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL

WEDNESDAY_9 = on("2026-06-03", 9)
PAGE = "/appointments/county-hall/market/"


def service(key: str = "market") -> Any:
    return hall.find_service("county-hall", key)


def book(
    county: County, who: str = "citizen", starts_at: datetime = WEDNESDAY_9, key: str = "market"
) -> Appointment:
    return hall.book(actor=county.actor(who), service=service(key), starts_at=starts_at, at=county.now)


def told(county: County, who: str) -> list[str]:
    from tongban.kernel.messages import service as messages

    return [row.subject.zh for row in messages.inbox_of(county.account(who).person_id)]


def window_of(county: County, who: str) -> Window:
    return queries.windows_of(county.actor(who))[0]


# appointments


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


# a case that needs somebody to come


def test_the_time_of_an_application_is_chosen_moved_and_chosen_again(county: County) -> None:
    case = _marriage(county)
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
    case = _marriage(county)
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
        _marriage(county, partner_birth_on="2008-01-01")


def _marriage(county: County, **more: Any) -> Any:
    import yaml
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.county.test_every_item import WALKS
    from tests.support.county import PNG
    from tongban.apps.services import service as services
    from tongban.apps.services.operations.apply import put_answers

    walk = yaml.safe_load((WALKS / "items" / "marriage-registration.yaml").read_text("utf-8"))
    actor = county.actor("villager")
    case = services.create_application(
        actor=actor, item_key="marriage-registration", entity_id=None, at=county.now
    )
    put_answers(actor=actor, case_id=case.pk, values={**walk["answers"], **more}, at=county.now)
    upload = SimpleUploadedFile("a.png", PNG)
    services.put_material(actor=actor, case_id=case.pk, key="partner_identity", upload=upload, at=county.now)
    made, _ = services.submit_application(actor=actor, case_id=case.pk, at=county.now)
    return made


# numbers


def number(county: County, key: str = "market") -> Ticket:
    """Take a number at a machine of the hall."""
    point = hall.find_point("county-hall")
    token = hall.put_up_kiosk(actor=county.actor("hall"), key=point.key, name="1", at=county.now)
    from tongban.apps.hall.operations.hours import kiosk_of

    return hall.take_number(
        actor=county.stranger, service=service(key), at=county.now, kiosk=kiosk_of(point, token)
    )


def test_numbers_begin_anew_every_day_and_are_called_in_order(county: County) -> None:
    assert [number(county).label, number(county).label, number(county, "health").label] == [
        "A001",
        "A002",
        "B001",
    ]
    window = window_of(county, "window")
    clerk = county.actor("window")

    def call() -> Ticket | None:
        return hall.call_next(actor=clerk, window_id=window.pk, at=county.now)

    assert str(call().label) == "A001"  # type: ignore[union-attr]
    hall.recall(actor=clerk, window_id=window.pk, at=county.now)
    hall.skip(actor=clerk, window_id=window.pk, at=county.now)
    assert str(call().label) == "A002"  # type: ignore[union-attr]
    skipped = Ticket.objects.get(state=rules.SKIPPED)
    hall.bring_back(actor=clerk, window_id=window.pk, ticket_id=skipped.pk, at=county.now)
    assert str(call().label) == "A001"  # type: ignore[union-attr]
    hall.finish(actor=clerk, window_id=window.pk, at=county.now)
    assert call() is None
    with pytest.raises(errors.TicketState):
        hall.recall(actor=clerk, window_id=window.pk, at=county.now)
    with pytest.raises(errors.PlaceNotFound):
        hall.call_next(actor=county.actor("mzj.window"), window_id=window.pk, at=county.now)
    county.go_to("2026-06-02")
    assert number(county).label == "A001"


def test_an_appointment_goes_first_from_its_time_on(county: County) -> None:
    found = book(county, starts_at=on("2026-06-02", 10))
    county.go_to("2026-06-02", 9)
    first, second = number(county), number(county)
    arrived = hall.check_in(point=service().point, code=found.code, at=county.now)
    assert hall.check_in(point=service().point, code=found.code, at=county.now) == arrived
    window, clerk = window_of(county, "window"), county.actor("window")
    assert hall.call_next(actor=clerk, window_id=window.pk, at=county.now) == first
    county.go_to("2026-06-02", 10)
    assert hall.call_next(actor=clerk, window_id=window.pk, at=county.now) == arrived
    assert hall.call_next(actor=clerk, window_id=window.pk, at=county.now) == second
    found.refresh_from_db()
    assert found.state == rules.DONE


def test_on_line_a_person_holds_one_number(county: County) -> None:
    client = county.client("citizen")
    address = client.post("/queue/county-hall/", {"service": "market"})["Location"]
    assert client.post("/queue/county-hall/", {"service": "market"})["Location"] == address
    assert Ticket.objects.count() == 1
    assert "A001" in Client().get(address).content.decode()
    assert Client().post("/queue/county-hall/", {"service": "market"})["Location"].startswith("/sign-in/")
    county.go_to("2026-06-01", 20)
    assert client.post("/queue/county-hall/", {"service": "market"}).status_code == 409


def test_the_screen_shows_numbers_and_answers_nothing_while_nothing_changes(county: County) -> None:
    number(county)
    window = window_of(county, "window")
    page = Client().get("/hall/county-hall/screen/").content.decode()
    seen = page.partition("?seen=")[2].partition('"')[0]
    assert Client().get(f"/hall/county-hall/screen/now/?seen={seen}").status_code == 204
    county.go_to(county.now + timedelta(minutes=4))
    assert county.client("window").post(f"/desk/queue/{window.pk}/next/").status_code == 302
    news = Client().get(f"/hall/county-hall/screen/now/?seen={seen}")
    assert news.status_code == 200
    assert "A001" in news.content.decode()


def test_the_average_is_of_those_called_last(county: County) -> None:
    for _ in range(3):
        number(county)
    window, clerk = window_of(county, "window"), county.actor("window")
    for minutes in (4, 4, 4):
        county.go_to(county.now + timedelta(minutes=minutes))
        hall.call_next(actor=clerk, window_id=window.pk, at=county.now)
    [queue] = [row for row in hall.queue_of(service().point, at=county.now) if row.service.key == "market"]
    assert (queue.waiting, queue.average) == (0, 8)


# the kiosk


def test_only_a_machine_of_the_hall_gives_numbers_without_a_name(county: County) -> None:
    stranger = Client()
    answer = stranger.post("/kiosk/county-hall/number/", {"service": "market"})
    assert answer.status_code == 403
    assert not Ticket.objects.exists()
    machine = county.client("hall")
    made = machine.post("/desk/halls/county-hall/kiosks/", {"name": "东门"})
    assert made["Location"] == "/kiosk/county-hall/"
    assert machine.cookies[COOKIE]["path"] == "/kiosk/"
    assert machine.get("/desk/appointments/").status_code == 302  # nobody is signed in any more
    given = machine.post("/kiosk/county-hall/number/", {"service": "market"})
    assert "A001" in given.content.decode()
    assert given["Cache-Control"] == "no-store"


def test_the_kiosk_shows_a_case_by_number_and_code_and_forgets_it(county: County) -> None:
    case = county.submit()
    client = Client()
    shown = client.post("/kiosk/county-hall/progress/", {"number": case.number, "code": case.code})
    assert "已收件" in shown.content.decode()
    assert "李秀英" not in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    assert case.number not in client.get("/kiosk/county-hall/progress/").content.decode()
    assert client.get(f"/progress/{case.number}/").status_code == 302
    wrong = client.post("/kiosk/county-hall/progress/", {"number": case.number, "code": "000000"})
    assert wrong.status_code in (403, 404)


def test_an_appointment_is_checked_in_by_its_code_on_its_day_only(county: County) -> None:
    found = book(county)
    client = Client()
    assert client.post("/kiosk/county-hall/arrive/", {"code": found.code}).status_code == 409
    county.go_to(WEDNESDAY_9 - timedelta(minutes=20))
    assert client.post("/kiosk/county-hall/arrive/", {"code": "00000000"}).status_code == 409
    given = client.post("/kiosk/county-hall/arrive/", {"code": found.code})
    assert "A001" in given.content.decode()
    assert "李" not in given.content.decode()
    found.refresh_from_db()
    assert found.state == rules.ARRIVED


def test_ending_signs_out_and_tells_the_machine_to_forget(county: County) -> None:
    client = county.client("citizen")
    page = client.get("/kiosk/county-hall/").content.decode()
    assert "李秀英" not in page
    assert "退出登录" in page
    ended = client.post("/kiosk/county-hall/end/")
    assert ended["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/my/").status_code == 302


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_the_kiosk_opens_in_both_languages(county: County, language: str) -> None:
    client = Client(headers={"accept-language": language})
    for rest in (
        "",
        "items/",
        "items/?q=结婚",
        "items/marriage-registration/",
        "progress/",
        "number/",
        "arrive/",
    ):
        answer = client.get(f"/kiosk/county-hall/{rest}")
        assert answer.status_code == 200, rest
        assert answer["Cache-Control"] == "no-store"
        assert 'autocomplete="off"' in answer.content.decode()


def test_who_withdraws_the_application_gives_the_place_back(county: County) -> None:
    case, found = county.submit(), book(county)
    Appointment.objects.filter(pk=found.pk).update(case=case)
    county.act("citizen", case, "withdraw", {"reason": "不办了"})
    county.drain()
    found.refresh_from_db()
    assert found.state == "cancelled"
    assert Slot.objects.get(service=found.service, starts_at=WEDNESDAY_9).taken == 0
