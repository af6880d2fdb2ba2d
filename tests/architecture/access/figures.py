"""Access: who leads sees figures without people; some are public."""

from __future__ import annotations

from collections.abc import Iterator

from tests.architecture.walk.probe import Probe, World

PUBLIC = {
    "figures:public": "/figures/",
    "figures:download": "/figures/year/units.csv",
}


def probes(w: World) -> Iterator[Probe]:
    yield Probe("figures:overview", "/desk/overview/", owner="countyhead")
    yield Probe("figures:list", "/desk/overview/list/open/", owner="countyhead")
