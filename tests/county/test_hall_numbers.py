"""The hall of the demo county: numbers, windows, the screen, the kiosk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tests.support.county import County, on
from tests.support.hall import WEDNESDAY_9, book, number, service, window_of
from tongban.apps.hall import errors, rules
from tongban.apps.hall import service as hall
from tongban.apps.hall.models import Ticket
from tongban.apps.hall.views.kiosk import COOKIE


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
