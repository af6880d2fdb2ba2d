"""Access: who keeps the calendar."""

from __future__ import annotations

from collections.abc import Iterator

from tests.architecture.walk.probe import Probe, World

OWN = {
    "calendars:year": "/desk/calendar/",
}


def probes(w: World) -> Iterator[Probe]:
    machines = {"owner": "sysadmin", "method": "POST"}
    yield Probe("calendars:import", "/desk/calendar/import/", owner="sysadmin")
    yield Probe(
        "calendars:import",
        "/desk/calendar/import/",
        body={"year": "2030", "notice": "n", "text": "一、元旦：1月1日放假1天。"},
        **machines,
    )
    yield Probe("calendars:day", "/desk/calendar/days/2030-01-02/", owner="sysadmin")
    yield Probe(
        "calendars:day",
        "/desk/calendar/days/2030-01-02/",
        body={"kind": "off", "name_zh": "县庆", "reason": ""},
        answers=frozenset({422}),
        **machines,
    )
    yield Probe(
        "calendars:change",
        "/desk/calendar/changes/0/",
        owner="sysadmin",
        answers=frozenset({404}),
    )
