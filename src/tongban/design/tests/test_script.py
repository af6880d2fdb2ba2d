"""What the script adds, in a real browser. The pages are served from memory, so no server runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).resolve().parents[1] / "static/design/tongban.js"
ADDRESS = "http://county.test"
BODY = '<body data-words-saved="已自动保存 {time}" data-words-kept="先留在这台机器上">'
FORM = """<form method="post" action="/apply/"{}><input name="csrfmiddlewaretoken" value="t" type="hidden">
<input name="area" id="area"><input type="checkbox" name="agree" id="agree" value="yes">
<span data-saved hidden></span><button id="go">提交</button></form>"""


class County:
    """A county whose pages are strings. ``posts`` holds what was sent to it."""

    def __init__(self, page: sync_api.Page) -> None:
        self.page = page
        self.pages: dict[str, str] = {}
        self.answers: dict[str, int] = {}
        self.posts: list[str] = []
        page.route("**/*", self._answer)

    def open(self, address: str) -> None:
        self.page.goto(ADDRESS + address)

    def send(self) -> None:
        """Press the button and wait until the answer's own script has run, as a person would."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.click("#go")

    def _answer(self, route: sync_api.Route) -> None:
        path = route.request.url.removeprefix(ADDRESS).split("?")[0]
        if path == "/tongban.js":
            route.fulfill(body=SCRIPT.read_text(encoding="utf-8"), content_type="text/javascript")
        elif route.request.method == "POST":
            self.posts.append(route.request.post_data or "")
            route.fulfill(status=self.answers.get(path, 200), body=self._html(path), content_type="text/html")
        else:
            route.fulfill(body=self._html(path), content_type="text/html")

    def _html(self, path: str) -> str:
        inner = self.pages.get(path, "")
        head = '<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><script src="/tongban.js" defer></script>'
        return f"{head}{'' if inner.startswith('<body') else BODY}{inner}"


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    own = os.environ.get("TONGBAN_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=own, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def county(browser: sync_api.Browser) -> Iterator[County]:
    context = browser.new_context(locale="zh-CN")
    yield County(context.new_page())
    context.close()


def test_what_was_typed_comes_back_after_signing_in_again(county: County) -> None:
    county.pages |= {
        "/form/": FORM.format(""),
        "/apply/": '<form method="post"><input type="password" name="p"></form>',
    }
    county.open("/form/")
    county.page.fill("#area", "62")
    county.page.check("#agree")
    county.send()  # the session has ended: the answer is the sign-in page
    county.open("/form/")
    assert county.page.input_value("#area") == "62"
    assert county.page.is_checked("#agree")


def test_what_was_typed_waits_until_its_page_is_open_again(county: County) -> None:
    county.pages |= {"/form/": FORM.format(""), "/apply/": "<body data-keeps-forms>", "/": "<h1>首页</h1>"}
    county.open("/form/")
    county.page.fill("#area", "62")
    county.send()
    county.open("/")
    county.open("/form/")
    assert county.page.input_value("#area") == "62"


def test_what_was_typed_never_reaches_the_next_visitor(county: County) -> None:
    county.pages |= {
        "/form/": '<body data-visitor="first">' + FORM.format(""),
        "/apply/": '<form method="post"><input type="password" name="p"></form>',
    }
    county.open("/form/")
    county.page.fill("#area", "62")
    county.send()
    county.pages["/form/"] = '<body data-visitor="second">' + FORM.format("")
    county.open("/form/")
    assert county.page.input_value("#area") == ""


def test_signing_out_forgets_what_was_typed(county: County) -> None:
    county.pages |= {
        "/form/": FORM.format("")
        + '<form method="post" action="/out/" data-signs-out><button id="out">退出</button></form>',
        "/apply/": "<body data-keeps-forms>",
        "/out/": "<h1>已退出</h1>",
    }
    county.open("/form/")
    county.page.fill("#area", "62")
    county.send()
    county.page.go_back()
    county.page.click("#out")
    assert county.page.evaluate("sessionStorage.length") == 0


def test_a_form_that_went_through_is_empty_next_time(county: County) -> None:
    county.pages |= {"/form/": FORM.format(""), "/apply/": "<h1>收到了</h1>"}
    county.open("/form/")
    county.page.fill("#area", "62")
    county.send()
    county.open("/form/")
    assert county.page.input_value("#area") == ""


def test_a_password_is_never_kept(county: County) -> None:
    county.pages["/in/"] = (
        '<form method="post" action="/in/"><input type="password" name="p" id="p"><button>登录</button></form>'
    )
    county.open("/in/")
    county.page.fill("#p", "secret")
    county.page.click("button")
    assert "secret" not in county.page.evaluate("JSON.stringify(Object.entries(sessionStorage))")


def test_a_draft_saves_itself_and_says_when(county: County) -> None:
    county.pages["/form/"] = FORM.format(' data-autosave="/draft/"')
    county.answers["/draft/"] = 204
    county.open("/form/")
    county.page.fill("#area", "48")
    county.page.dispatch_event("#area", "change")
    county.page.wait_for_selector("[data-saved]:not([hidden])")
    assert county.page.inner_text("[data-saved]").startswith("已自动保存 ")
    assert "48" in county.posts[0]


def test_a_draft_that_could_not_be_saved_stays_here(county: County) -> None:
    county.pages["/form/"] = FORM.format(' data-autosave="/draft/"')
    county.answers["/draft/"] = 403
    county.open("/form/")
    county.page.fill("#area", "48")
    county.page.dispatch_event("#area", "change")
    county.page.wait_for_selector(".unsaved")
    assert county.page.inner_text("[data-saved]") == "先留在这台机器上"
    county.page.reload()
    assert county.page.input_value("#area") == "48"


def test_a_second_click_sends_nothing_more(county: County) -> None:
    county.pages["/form/"] = FORM.format(' target="elsewhere"') + '<iframe name="elsewhere"></iframe>'
    county.open("/form/")
    with county.page.expect_response("**/apply/"):
        county.page.evaluate("() => { for (let n = 0; n < 3; n++) document.getElementById('go').click(); }")
    county.page.reload()
    assert len(county.posts) == 1


def test_an_act_that_asks_first_is_not_sent_on_no(county: County) -> None:
    county.pages["/form/"] = FORM.format("").replace("<button ", '<button data-confirm="真的撤回？" ')
    county.open("/form/")
    county.page.on("dialog", lambda dialog: dialog.dismiss())
    county.page.click("#go")
    county.page.reload()
    assert county.posts == []


def test_slash_goes_to_the_search_but_not_while_writing(county: County) -> None:
    county.pages["/"] = '<input id="q" data-slash><input id="other">'
    county.open("/")
    county.page.keyboard.press("/")
    assert county.page.evaluate("document.activeElement.id") == "q"
    county.page.focus("#other")
    county.page.keyboard.press("/")
    assert county.page.input_value("#other") == "/"


def test_escape_closes_a_menu_and_returns_to_its_button(county: County) -> None:
    county.pages["/"] = (
        '<details class="menu-box"><summary id="s">菜单</summary><nav><a href="/">首页</a></nav></details>'
    )
    county.open("/")
    county.page.click("#s")
    county.page.keyboard.press("Escape")
    assert county.page.evaluate("document.querySelector('details').open") is False
    assert county.page.evaluate("document.activeElement.id") == "s"
