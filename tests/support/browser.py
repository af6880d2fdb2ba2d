"""People at their devices: a real Chromium, one context for each, and what went wrong in it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tools import browser as installed

__all__ = ["CHINESE", "ENGLISH", "Devices", "Visitor", "chromium"]

CHINESE, ENGLISH = "zh-CN", "en-GB"
PATIENCE = 20_000
"""Milliseconds that a page, a button or a text may take on a busy machine."""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start the machine's Chromium. Not for a whole session: while it runs, Django's database is out of reach."""
    path = installed.find()
    if path is None:
        raise RuntimeError(
            "the browser tests need Chromium: apt-get install chromium, or set TONGBAN_CHROMIUM"
        )
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """One person at one device: opens pages, reads, fills in, presses. ``errors`` are those of the browser's console."""

    def __init__(self, page: Page, base: str, has_script: bool = True) -> None:
        self.page, self.base, self.has_script = page, base, has_script
        self.errors: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _listen(self, message: Any) -> None:
        # A refusal (404, 409, 422) is an answer that the test judges; the browser also notes it in the console.
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            self.errors.append(f"{message.text} ({self.page.url})")

    def open(self, path: str) -> int:
        """Go to an address of the site; return the status."""
        answer = self.page.goto(path if path.startswith("http") else self.base + path)
        return answer.status if answer else 0

    def go(self, path: str) -> Visitor:
        """Go to an address that is there."""
        assert self.open(path) == 200, f"{path}:\n{self.text}"
        return self

    @property
    def path(self) -> str:
        """Where the visitor is now."""
        return self.page.url.removeprefix(self.base)

    @property
    def text(self) -> str:
        """What the page says (its main part)."""
        return self.page.locator("main").inner_text()

    def sign_in(self, username: str, password: str = "demo") -> Visitor:
        """Sign in with name and password on the page that asks for it, or on the sign-in page."""
        if "/sign-in/" not in self.page.url:
            self.open("/sign-in/")
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", password)
        with self.page.expect_navigation(wait_until="load"):
            self.page.locator("main form:has(input[name=password]) button").click()
        assert "/sign-in/" not in self.path, self.text
        return self

    def press(self, name: str, within: str = "main") -> Visitor:
        """Press the button of this name and wait for the page that follows."""
        button = self.page.locator(within).get_by_role("button", name=name).first
        with self.page.expect_navigation(wait_until="load"):
            button.click()
        return self

    def follow(self, name: str, within: str = "main") -> Visitor:
        """Follow the link of this name and wait for the page."""
        link = self.page.locator(within).get_by_role("link", name=name).first
        with self.page.expect_navigation(wait_until="load"):
            link.click()
        return self

    def sees(self, *texts: str) -> Visitor:
        """Assert that the page says all of this."""
        said = self.page.locator("body").inner_text()
        for text in texts:
            assert text in said, f"no {text!r} at {self.path}:\n{self.text}"
        return self

    def sees_not(self, *texts: str) -> Visitor:
        """Assert that the page says none of this."""
        said = self.page.locator("body").inner_text()
        for text in texts:
            assert text not in said, f"{text!r} at {self.path}"
        return self

    def waits_for(self, text: str, patience: float = 90) -> Visitor:
        """Load the page again and again until it says this; a job of the worker makes it."""
        waited = 0.0
        while text not in self.page.locator("body").inner_text():
            assert waited < patience, f"no {text!r} at {self.path} within {patience:.0f} s:\n{self.text}"
            self.page.wait_for_timeout(500)
            waited += 0.5
            self.page.reload()
        return self

    def answer(self, **values: Any) -> Visitor:
        """Fill in the fields of a form by their keys; a list ticks boxes, True and False choose yes and no."""
        for key, value in values.items():
            self._answer(key, value)
            # A deciding answer redraws its part of the page; going on before that would lose what is typed next.
            self.page.locator(".htmx-request").first.wait_for(state="detached")
        return self

    def asked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of the values whose questions stand on the page now or would come by script."""
        if self.has_script:
            return dict(values)
        return {
            key: value for key, value in values.items() if self.page.locator(f'main [name="{key}"]').count()
        }

    def _answer(self, key: str, value: Any) -> None:
        choices = self.page.locator(
            f'main input[name="{key}"][type=radio], main input[name="{key}"][type=checkbox]'
        )
        date = self.page.locator(f'main [name="{key}.year"]')
        if choices.count():
            for each in value if isinstance(value, list | tuple) else [value]:
                wanted = {True: "true", False: "false"}.get(each, each) if isinstance(each, bool) else each
                self.page.locator(f'main input[name="{key}"][value="{wanted}"]').check()
        elif date.count():
            for part, number in zip(("year", "month", "day"), str(value).split("-"), strict=True):
                self.page.fill(f'main [name="{key}.{part}"]', str(int(number)))
        else:
            box = self.page.locator(f'main [name="{key}"]:not([type=hidden])').first
            if box.evaluate("element => element.tagName") == "SELECT":
                box.select_option(str(value))
            else:
                box.fill(str(value))

    def fetch(self, path: str) -> bytes:
        """Download something with this visitor's cookies."""
        answer = self.page.request.get(path if path.startswith("http") else self.base + path)
        assert answer.ok, f"{answer.status} for {path}"
        return answer.body()

    def address_of(self, name: str, within: str = "main") -> str:
        """Return where the link of this name leads."""
        return (
            self.page.locator(within).get_by_role("link", name=name).first.get_attribute("href", timeout=5000)
            or ""
        )


class Devices:
    """Gives each visitor a browser of her own: nothing is shared between two of them but the site."""

    def __init__(self, browser: Browser, base: str) -> None:
        self.browser, self.base = browser, base
        self.visitors: list[Visitor] = []

    def new(self, lang: str = CHINESE, width: int = 1440, script: bool = True) -> Visitor:
        """Open a fresh browser, with or without JavaScript."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 900},
            locale=lang,
            java_script_enabled=script,
            has_touch=width < 500,
        )
        if lang != CHINESE:  # her own choice goes before the language of the account
            context.add_cookies([{"name": "django_language", "value": lang[:2], "url": self.base}])
        visitor = Visitor(context.new_page(), self.base, script)
        self.visitors.append(visitor)
        return visitor

    def close(self) -> None:
        """Close all of them."""
        for visitor in self.visitors:
            with contextlib.suppress(Exception):
                visitor.page.context.close()
        self.visitors.clear()

    def screenshot_all(self, directory: Path, name: str) -> None:
        """Keep what everybody sees, for whoever must find out why a journey failed."""
        directory.mkdir(parents=True, exist_ok=True)
        for number, visitor in enumerate(self.visitors):
            with contextlib.suppress(Exception):
                visitor.page.screenshot(path=directory / f"{name}-{number}.png", full_page=True)
