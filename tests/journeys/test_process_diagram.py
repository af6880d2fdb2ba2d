"""The process diagram opens in a window of its own, shows where the case is, and says who did a step."""

from __future__ import annotations

import pytest

from tests.journeys.acts import open_case
from tests.support.browser import Devices
from tests.support.scenes import ACCEPTED, Scenes

pytestmark = pytest.mark.browser


def test_an_official_moves_about_in_the_diagram_and_asks_who_did_a_step(
    devices: Devices, scenes: Scenes
) -> None:
    officer = devices.new().sign_in("officer1")
    number, _ = scenes.brought_to(ACCEPTED)
    open_case(officer, number)
    page = officer.page
    page.get_by_role("button", name="放大看").click()
    page.wait_for_selector(".djs-element.is-current")
    assert page.locator(".djs-element.is-done[data-element-id=receive]").count() == 1
    assert page.locator(".bjs-powered-by").is_visible()
    page.locator("[data-element-id=receive]").click()
    told = page.locator("[data-flow-told]")
    assert "收件核对" in told.inner_text() and "杨雪梅" in told.inner_text()
    before = page.locator(".djs-container .viewport").get_attribute("transform")
    page.get_by_role("button", name="放大", exact=True).click()
    page.wait_for_function(
        "before => document.querySelector('.djs-container .viewport').getAttribute('transform') !== before",
        arg=before,
    )
    page.get_by_role("button", name="关上").click()
    assert not page.locator("dialog.pd-window").is_visible()
    assert officer.errors == []
