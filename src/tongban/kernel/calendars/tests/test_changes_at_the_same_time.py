"""The calendar changes while others work on the clocks: nobody waits for one another in two orders."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connections, transaction

from tongban.kernel.calendars import service as calendars
from tongban.kernel.calendars.models import Clock
from tongban.kernel.calendars.packs import load_calendar
from tongban.kernel.calendars.tests.test_changes import KEEPER, NEXT, SYSTEM
from tongban.kernel.calendars.tests.test_clocks import on, start
from tongban.kernel.calendars.tests.world import PACK

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def held(transactional_db: None) -> Iterator[tuple[Clock, Event]]:
    """A clock that somebody works on until the event is set."""
    load_calendar(PACK, actor=SYSTEM, at=on("2026-01-01"))
    clock, is_held, let_go = start("2026-12-21", "20wd"), Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            Clock.objects.select_for_update().get(pk=clock.pk)
            is_held.set()
            let_go.wait(30)
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert is_held.wait(10)
        yield clock, let_go
        let_go.set()
        holding.result(30)


def test_a_clock_that_somebody_works_on_is_left_to_the_next_watch(held: tuple[Clock, Event]) -> None:
    clock, let_go = held
    free = start("2026-12-22", "20wd")
    change = calendars.import_year(year=2027, notice="n", days=NEXT, actor=KEEPER, at=on("2026-12-23"))
    assert change is not None
    change = calendars.run_recompute(change_id=change.pk, at=on("2026-12-23"))
    assert (change.state, change.moved) == ("running", 1)
    assert Clock.objects.get(pk=clock.pk).provisional and not Clock.objects.get(pk=free.pk).provisional
    let_go.set()
    with transaction.atomic():  # waits until the other has let go
        Clock.objects.select_for_update().get(pk=clock.pk)
    assert calendars.recompute_all(at=on("2026-12-23", 11)) == 1
    change.refresh_from_db()
    assert (change.state, change.looked_at, change.moved) == ("done", 2, 2)
