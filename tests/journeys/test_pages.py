"""Every page made here: nothing serious for axe, no sideways scrolling, no word in the wrong language, no error, not heavy."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.support.browser import CHINESE, ENGLISH, Devices, Visitor
from tests.support.county import PACK
from tests.support.languages import VISIBLE_TEXTS, in_wrong_language
from tests.support.pages import PAGES, LookedAt, Stage, set_stage
from tests.support.scenes import Scenes
from tests.support.site import Site
from tongban.base.packs import Pack

WIDTHS = (390, 1440)
SERIOUS = ("serious", "critical")
OWN_NUMBERS = {"form-known": ("phone",)}
"""Pages on which people see a number of their own whole, in a field where they can change it."""
MAX_HTML = {"public": 40 * 1024, "desk": 60 * 1024}
"""A case page carries its whole record; a citizen on a telephone network must not."""


@pytest.fixture(scope="module")
def stage(scenes: Scenes) -> Stage:
    """The cases that the pages show."""
    return set_stage(scenes)


@pytest.fixture(scope="module")
def people(browser: Browser, site: Site) -> Iterator[People]:
    """Everybody whose page is looked at, each signed in once."""
    devices = Devices(browser, site.base)
    yield People(devices)
    devices.close()


class People:
    """Visitors by name and language."""

    def __init__(self, devices: Devices) -> None:
        self.devices = devices
        self.known: dict[tuple[str, str], Visitor] = {}

    def get(self, who: str, language: str) -> Visitor:
        """Return the visitor, signed in."""
        if (who, language) not in self.known:
            visitor = self.devices.new(lang=language)
            self.known[who, language] = visitor.sign_in(who) if who else visitor
        visitor = self.known[who, language]
        visitor.errors.clear()
        return visitor


@pytest.mark.parametrize("language", [CHINESE, ENGLISH], ids=["zh", "en"])
@pytest.mark.parametrize("looked_at", PAGES, ids=lambda page: page.name)
def test_page(people: People, stage: Stage, looked_at: LookedAt, language: str) -> None:
    visitor = people.get(looked_at.who, language)
    page = visitor.page
    status = visitor.open(looked_at.address(stage))
    assert status == looked_at.status, visitor.text
    assert page.evaluate("document.documentElement.lang").startswith(language[:2])
    html = visitor.page.request.get(page.url).body()
    weight = len(html)
    found = in_wrong_language(page.evaluate(VISIBLE_TEXTS), language[:2])
    said = [f"stands in the other language: {text!r}" for text in found]
    said += visitor.errors
    said += numbers_in(html.decode(), but=OWN_NUMBERS.get(looked_at.name, ()))
    if weight > MAX_HTML[str(page.evaluate("document.documentElement.dataset.face || 'public'"))]:
        said.append(f"{weight} bytes of HTML")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            said.append(f"{wide} wide at {width}: {widest(page, width)}")
        said += [f"{width}: {fault}" for fault in serious_faults(page)]
    if looked_at.name == "senior":
        visitor.open("/display/standard/")
    assert not said, "\n".join(said)


@cache
def numbers_of_people() -> dict[str, str]:
    """Return ID and telephone numbers of the demo county's people, with what to call them in a failure."""
    people = Pack(PACK).csv("people.csv")
    return {
        row[kind]: f"{kind} of {row['name']}"
        for row in people
        for kind in ("citizen_id", "phone")
        if row[kind]
    }


def numbers_in(html: str, *, but: Collection[str]) -> list[str]:
    """Return whose number stands on a page; only an act of reading shows one whole."""
    whole = set(re.findall(r"(?<![0-9])[0-9]{11}(?![0-9])|(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])", html))
    return [
        f"shows the {numbers_of_people()[number]}"
        for number in sorted(whole & numbers_of_people().keys())
        if numbers_of_people()[number].split()[0] not in but
    ]


def widest(page: Page, width: int) -> str:
    """Name what reaches beyond the right edge."""
    return str(
        page.evaluate(
            "width => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1)"
            ".slice(0, 3).map(e => e.tagName + '.' + e.className).join(', ')",
            width,
        )
    )


@cache
def axe() -> Axe:
    """Return the checker with its script."""
    return Axe()


def serious_faults(page: Page) -> list[str]:
    """Return what axe calls serious or critical."""
    options = {
        "resultTypes": ["violations"],
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    }
    answer = axe().run(page, options=options).response
    return [
        f"axe {fault['id']}: {', '.join(str(node['target'][0]) for node in fault['nodes'][:3])}"
        for fault in answer["violations"]
        if fault["impact"] in SERIOUS
    ]
