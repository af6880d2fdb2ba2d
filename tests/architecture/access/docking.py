"""Access: who runs the machines sees what went to upper platforms, with everything personal covered."""

from __future__ import annotations

from collections.abc import Iterator

from tests.architecture.walk.probe import GO, Probe, World


def probes(w: World) -> Iterator[Probe]:
    machines = {"owner": "sysadmin", "method": "POST"}
    docking = "/desk/docking/"
    yield Probe("docking:home", docking, owner="sysadmin")
    yield Probe("docking:new", f"{docking}new/", owner="sysadmin")
    yield Probe(
        "docking:new",
        f"{docking}new/",
        body={"key": "city", "name_zh": "市平台"},
        answers=frozenset({422}),
        **machines,
    )
    yield Probe("docking:destination", f"{docking}province/", owner="sysadmin")
    yield Probe("docking:edit", f"{docking}province/edit/", owner="sysadmin")
    yield Probe("docking:switch", f"{docking}province/switch/", body={"on": "0"}, answers=GO, **machines)
    again = {"state": "dead", "reason": "网络修好了"}
    yield Probe("docking:resend", f"{docking}province/resend/", body=again, answers=GO, **machines)
    yield Probe("docking:items", f"{docking}province/items/", owner="sysadmin")
    yield Probe("docking:days", f"{docking}province/days/", owner="sysadmin")
    yield Probe("docking:day", f"{docking}province/days/2026-06-01/", owner="sysadmin")
    yield Probe(
        "docking:day",
        f"{docking}province/days/2026-06-01/",
        body={"way": "resend", "reason": "对账"},
        answers=GO,
        **machines,
    )
    none = frozenset({404})
    yield Probe("docking:record", f"{docking}records/0/", owner="sysadmin", answers=none)
    yield Probe("docking:repair", f"{docking}records/0/repair/", body=again, answers=none, **machines)
