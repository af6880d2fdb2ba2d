"""What happens when nobody does anything: accepted by law, then overdue. Moves the installation's time, so it comes last."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.journeys import acts
from tests.support import scenes as scenes_of
from tests.support.browser import Devices
from tests.support.scenes import Scenes, good
from tests.support.site import Site


def test_five_days_of_silence_accept_and_ten_days_are_late(
    devices: Devices, scenes: Scenes, site: Site
) -> None:
    """Administrative Licensing Law art. 32(1)(4): accepted from the day of receipt; art. 42 counts from there."""
    silent, code = scenes.submitted()
    running, _ = scenes.brought_to(scenes_of.ACCEPTED)
    received = good(scenes.as_("citizen").get(f"/cases/{silent}"))["submitted_at"]
    received_on = datetime.fromisoformat(received).astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()

    site.advance("6wd")
    case = scenes.until(lambda: accepted(scenes, silent))
    clocks = {clock["key"]: clock for clock in case["clocks"]}
    assert clocks["statutory"]["started_on"] == received_on
    assert clocks["promised"]["started_on"] == received_on
    citizen = devices.new(width=390)
    acts.look_up(citizen, silent, code).sees("受理")
    notice = acts.paper_text(citizen, "受理通知书")
    assert silent in notice
    window = devices.new().sign_in("window")
    acts.open_case(window, silent)
    assert window.page.get_by_role("button", name="受理").count() == 0

    # Five promised days have passed too: the red card shows on the desk, on the case and to the API.
    officer = devices.new().sign_in("officer1")
    officer.go("/desk/?clock=red").sees("红牌，已超期", "超期 1 个工作日")
    officer.go(f"/desk/cases/{running}/").sees("超期 1 个工作日")
    site.advance("5wd")
    late = {clock["key"]: clock for clock in good(scenes.as_("citizen").get(f"/cases/{running}"))["clocks"]}
    assert late["statutory"]["mark"] == "red"
    assert late["statutory"]["remaining_days"] < 0


def accepted(scenes: Scenes, number: str) -> dict[str, Any] | None:
    """Return the case once the timer has accepted it."""
    case = good(scenes.as_("citizen").get(f"/cases/{number}"))
    return case if case["accepted_at"] else None
