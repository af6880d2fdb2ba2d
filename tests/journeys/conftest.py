"""One installation for all journeys, one Chromium for each file, a fresh browser for each person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.browser import Devices, chromium
from tests.support.site import Site

SEEN = Path(__file__).resolve().parents[2] / "screens" / "failed"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of a file. Playwright's loop keeps Django's database away from other tests, so it ends with the file."""
    with chromium() as running:
        yield running


@pytest.fixture
def devices(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Devices]:
    """Devices for the people of one test; what they saw is kept when it fails (``screens/failed``)."""
    devices = Devices(browser, site.base)
    before = request.session.testsfailed
    yield devices
    if request.session.testsfailed > before:
        devices.screenshot_all(SEEN, request.node.name)
    devices.close()
