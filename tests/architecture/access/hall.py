"""Access: who comes in person, and who receives them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.architecture.walk.probe import GO, OWNER, Probe, World
from tests.support.county import County

PUBLIC = {
    "hall:appointments": "/appointments/",
    "hall:choose": "/appointments/county-hall/market/",
    "hall:for-item": "/appointments/item/marriage-registration/",
    "hall:take": "/queue/county-hall/",
    "hall:number": "/queue/number/{ticket}/",
    "hall:screen": "/hall/county-hall/screen/",
    "hall:screen-now": "/hall/county-hall/screen/now/",
    "hall:kiosks": "/kiosk/",
    "hall:kiosk": "/kiosk/county-hall/",
    "hall:kiosk-items": "/kiosk/county-hall/items/?q=结婚",
    "hall:kiosk-item": "/kiosk/county-hall/items/marriage-registration/",
    "hall:kiosk-progress": "/kiosk/county-hall/progress/",
    "hall:kiosk-number": "/kiosk/county-hall/number/",
    "hall:kiosk-arrive": "/kiosk/county-hall/arrive/",
}
OWN = {
    "hall:kiosk-end": "",
}


def come_in_person(county: County) -> dict[str, Any]:
    """Let the owner have an appointment and a number; return what they are called."""
    from tongban.apps.hall import queries
    from tongban.apps.hall import service as hall

    market, owner = hall.find_service("county-hall", "market"), county.actor(OWNER)
    slot = hall.offered(market, at=county.now)[2].places[0].starts_at
    return {
        "appointment": hall.book(actor=owner, service=market, starts_at=slot, at=county.now).pk,
        "ticket": hall.take_number(actor=owner, service=market, at=county.now).pk,
        "hall_window": queries.windows_of(county.actor("window"))[0].pk,
    }


def probes(w: World) -> Iterator[Probe]:
    desk = {"owner": "window"}
    mine = f"/appointments/mine/{w.facts['appointment']}/"
    moved = {"slot": "2026-06-04T09:00:00+08:00"}
    yield Probe("hall:mine", mine)
    yield Probe("hall:move", f"{mine}move/")
    yield Probe("hall:move", f"{mine}move/", method="POST", body=moved, answers=GO)
    yield Probe("hall:cancel", f"{mine}cancel/", method="POST", answers=GO)
    yield Probe("hall:calendar", f"{mine}calendar.ics")
    number = f"/appointments/case/{w.waiting.number}/"
    yield Probe("hall:for-case", number, answers=frozenset({404}))  # nothing has to be chosen for it
    hall, manager = "/desk/halls/", {"owner": "hall"}
    yield Probe("hall:day", "/desk/appointments/?day=2026-06-03", **desk)
    marking = f"/desk/appointments/{w.facts['appointment']}/arrived/"
    yield Probe(
        "hall:mark", marking, method="POST", answers=frozenset({409}), **desk
    )  # it is for another day
    yield Probe("hall:queue", "/desk/queue/", answers=GO, **desk)
    yield Probe("hall:window", f"/desk/queue/{w.facts['hall_window']}/", **desk)
    yield Probe("hall:call", f"/desk/queue/{w.facts['hall_window']}/next/", method="POST", answers=GO, **desk)
    yield Probe("hall:manage", hall, answers=GO, **manager)
    yield Probe("hall:hours", f"{hall}county-hall/", **manager)
    closed = {"day": "2026-06-05", "closed": "1", "reason_zh": "检修"}
    yield Probe("hall:odd-day", f"{hall}county-hall/days/", method="POST", body=closed, answers=GO, **manager)
    yield Probe("hall:usual", f"{hall}county-hall/usual/", method="POST", body=closed, answers=GO, **manager)
    taken_down = f"{hall}county-hall/kiosks/0/"
    yield Probe("hall:kiosk-take-down", taken_down, method="POST", answers=frozenset({404}), **manager)
    yield Probe("hall:kiosk-put-up", f"{hall}county-hall/kiosks/", method="POST", answers=GO, **manager)
