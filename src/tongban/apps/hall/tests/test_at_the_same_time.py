"""Many at once, each through a connection of their own: the last place goes to one, a number to one window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from tongban.apps.hall import errors, rules
from tongban.apps.hall import service as hall
from tongban.apps.hall.models import Appointment, Kiosk, Opening, Point, Service, Slot, Ticket, Window
from tongban.apps.hall.policies import SERVE
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.base.time import LOCAL
from tongban.kernel.identity import service as identity

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 6, 1, 10, tzinfo=LOCAL)
WEDNESDAY_9 = datetime(2026, 6, 3, 9, tzinfo=LOCAL)
MANY = 20


@pytest.fixture
def service(transactional_db: None) -> Service:
    """Give a hall with one service of one place each half hour, and three windows."""
    unit = identity.put_unit(
        actor=Actor.system("test"), code="mzj", name=T("民政局"), division_code="532399000000", at=AT
    )
    point = Point.objects.create(key="hall", name=T("大厅"), place=T("文昌路"), unit=unit)
    for weekday in range(5):
        Opening.objects.create(point=point, weekday=weekday, opens=time(9), closes=time(17))
    for label in "123":
        Window.objects.create(point=point, label=label, unit=unit)
    Service.objects.create(
        point=point,
        key="one",
        name=T("登记"),
        unit=unit,
        prefix="A",
        bring=T(""),
        capacity=1,
        by_appointment=True,
    )
    return hall.find_service("hall", "one")


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run the acts in threads of their own, released together; return what each gave or raised."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            barrier.wait(30)
            return act()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(120) for future in [pool.submit(run, act) for act in acts]]


def citizen(number: int) -> Actor:
    """Return somebody who has signed in."""
    person = identity.put_person(actor=Actor.system("test"), name=f"人{number}", citizen_id=None, at=AT)
    return Actor(account_id=number + 1, person_id=person.pk, name=person.name)


def test_of_twenty_at_once_exactly_one_gets_the_last_place(service: Service) -> None:
    people = [citizen(number) for number in range(MANY)]

    def attempt(actor: Actor) -> Callable[[], Any]:
        return lambda: hall.book(actor=actor, service=service, starts_at=WEDNESDAY_9, at=AT)

    answers = at_once([attempt(actor) for actor in people])
    won = [each for each in answers if isinstance(each, Appointment)]
    lost = [each for each in answers if isinstance(each, errors.SlotFull)]
    assert (len(won), len(lost)) == (1, MANY - 1), answers
    assert Appointment.objects.count() == 1
    assert Slot.objects.get().taken == 1


def test_one_person_on_many_devices_books_once(service: Service) -> None:
    actor = citizen(1)
    moments = [WEDNESDAY_9 + timedelta(minutes=30 * number) for number in range(8)]

    def attempt(moment: datetime) -> Callable[[], Any]:
        return lambda: hall.book(actor=actor, service=service, starts_at=moment, at=AT)

    answers = at_once([attempt(moment) for moment in moments])
    assert sum(isinstance(each, Appointment) for each in answers) == 1
    assert sum(isinstance(each, errors.AlreadyBooked) for each in answers) == 7, answers
    assert sum(Slot.objects.values_list("taken", flat=True)) == 1


def test_a_place_given_back_and_one_taken_agree_with_the_appointments(service: Service) -> None:
    first, second = citizen(1), citizen(2)
    booked = hall.book(actor=first, service=service, starts_at=WEDNESDAY_9, at=AT)
    later = WEDNESDAY_9 + timedelta(hours=1)
    at_once(
        [
            lambda: hall.reschedule(actor=first, appointment_id=booked.pk, starts_at=later, at=AT),
            lambda: hall.cancel(actor=first, appointment_id=booked.pk, at=AT),
            lambda: hall.book(actor=second, service=service, starts_at=WEDNESDAY_9, at=AT),
            lambda: hall.book(actor=second, service=service, starts_at=later, at=AT),
        ]
    )
    for slot in Slot.objects.all():
        open_ones = Appointment.objects.filter(starts_at=slot.starts_at, state=rules.BOOKED)
        assert slot.taken == open_ones.count()


def test_windows_calling_at_once_never_get_the_same_number(service: Service) -> None:
    machine = Kiosk.objects.create(point=service.point, name="1", digest="x", put_up_at=AT)
    stranger = Actor.stranger("kiosk")
    taken = at_once(
        [lambda: hall.take_number(actor=stranger, service=service, at=AT, kiosk=machine) for _ in range(12)]
    )
    assert sorted(each.number for each in taken) == list(range(1, 13))
    clerk = Actor(
        account_id=1,
        person_id=citizen(1).person_id,
        post_id=1,
        unit_id=service.unit_id,
        duties=frozenset({SERVE}),
    )

    def caller(window: Window) -> Callable[[], Any]:
        return lambda: hall.call_next(actor=clerk, window_id=window.pk, at=AT)

    called: list[int] = []
    for _ in range(4):
        answers = at_once([caller(window) for window in Window.objects.all()])
        assert all(isinstance(each, Ticket) for each in answers), answers
        called += [each.number for each in answers]
    assert sorted(called) == list(range(1, 13))
    assert at_once([caller(window) for window in Window.objects.all()]) == [None, None, None]
    assert set(Ticket.objects.values_list("state", flat=True)) == {rules.DONE}
