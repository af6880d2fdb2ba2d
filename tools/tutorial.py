"""Walk the tutorial in a browser as its reader does, and take its pictures: ``docs/tutorial/pictures/<moment>.<language>.png``.

    python tools/tutorial.py           against a demo of its own, in both languages
    python tools/tutorial.py --fresh   clones the last commit, runs ``make run`` there, walks in English; takes no pictures

Prints after how many seconds each part was done: what the program and its pages take when nobody stops to read. It presses what
the tutorial says to press, found by its words; when a button is called otherwise, the walk ends there and names it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.journeys import acts  # noqa: E402
from tests.support.browser import CHINESE, ENGLISH, Devices, Visitor, chromium  # noqa: E402
from tests.support.installation import free_port  # noqa: E402
from tests.support.site import a_pdf, running_site  # noqa: E402
from tools import smoke  # noqa: E402

PICTURES = ROOT / "docs" / "tutorial" / "pictures"
COLOURS = 64
WORDS = {
    "答一个问题，找到该办哪个": "Answer one question to find the right one",
    "看看该办哪个": "Show which one",
    "看怎么办": "See how",
    "开始办理": "Apply now",
    "开始填写": "Start",
    "保存，下一步": "Save and continue",
    "上传，下一步": "Upload and continue",
    "确认，提交申请": "Confirm and submit",
    "一次告知补正": "Ask for correction",
    "现在去补正": "Correct it now",
    "补正完毕，交上去": "Hand in the correction",
    "受理": "Accept",
    "提交审查意见": "Submit the review",
    "核查完成，请第二人签字": "Done, to the second officer",
    "签字确认": "Sign",
    "准予许可": "Grant",
    "验真页": "Verification page",
    "评价这次服务": "Rate this service",
    "提交评价": "Send the rating",
    "寄出": "Send",
    "转办": "Assign",
    "送审答复": "Send the answer for checking",
    "答复并公开": "Deliver and publish",
    "开小吃店": "snack bar",
}
"""What the tutorial says to press, in both languages."""


def main() -> int:
    """Walk; 0 when the last page was reached."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--fresh", action="store_true", help="from git clone on, without pictures")
    chosen = options.parse_args()
    began = time.monotonic()
    if chosen.fresh:
        with cloned(began) as base, chromium() as browser:
            Walk(Devices(browser, base), "en", began, takes_pictures=False).go()
        return 0
    PICTURES.mkdir(parents=True, exist_ok=True)
    with running_site(with_past=True) as site, chromium() as browser:
        for language in ("zh", "en"):
            Walk(Devices(browser, site.base), language, time.monotonic(), takes_pictures=True).go()
    return 0


@contextlib.contextmanager
def cloned(began: float) -> Iterator[str]:
    """Clone the last commit and start it as the README says; give its address."""
    with tempfile.TemporaryDirectory(prefix="tongban-newcomer-") as directory:
        Path(directory).chmod(0o755)
        place, port = Path(directory) / "tongban", free_port()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(place)], check=True)
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TONGBAN_", "DATABASE_"))
        }
        process = subprocess.Popen(
            ["make", "run"], cwd=place, env={**kept, "TONGBAN_PORT": str(port)}, stdout=subprocess.DEVNULL
        )
        try:
            if not smoke.wait(process, f"http://127.0.0.1:{port}/healthz"):
                raise SystemExit("make run did not come up")
            told(began, "make run has answered")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def told(began: float, what: str) -> None:
    """Say what is done, and after how many seconds."""
    sys.stdout.write(f"{time.monotonic() - began:7.1f} s  {what}\n")
    sys.stdout.flush()


class Walk:
    """The tutorial in one language."""

    def __init__(self, devices: Devices, language: str, began: float, *, takes_pictures: bool) -> None:
        self.devices, self.language, self.began, self.takes_pictures = (
            devices,
            language,
            began,
            takes_pictures,
        )

    def go(self) -> None:
        """Walk both parts."""
        self.licence()
        self.letter()
        wrong = [error for visitor in self.devices.visitors for error in visitor.errors]
        self.devices.close()
        if wrong:
            raise SystemExit(f"the browser complained: {wrong[0]}")

    def word(self, chinese: str) -> str:
        """Return what is to be pressed as it is called in the language of the walk."""
        return chinese if self.language == "zh" else WORDS[chinese]

    def somebody(self, username: str = "") -> Visitor:
        """Open a browser, signed in when there is a name."""
        visitor = self.devices.new(lang=CHINESE if self.language == "zh" else ENGLISH, width=1100)
        visitor.page.set_viewport_size({"width": 1100, "height": 760})
        return visitor.sign_in(username) if username else visitor

    def picture(self, visitor: Visitor, moment: str, top: str = "") -> None:
        """Take a picture, small enough for a repository; ``top`` names what stands at its upper edge."""
        if not self.takes_pictures:
            return
        if top:
            visitor.page.locator(top).first.evaluate("e => { e.scrollIntoView(); window.scrollBy(0, -72) }")
        else:
            visitor.page.evaluate("window.scrollTo(0, 0)")
        taken = Image.open(io.BytesIO(visitor.page.screenshot(animations="disabled"))).convert("RGB")
        taken.quantize(COLOURS, dither=Image.Dither.NONE).save(
            PICTURES / f"{moment}.{self.language}.png", optimize=True
        )

    def licence(self) -> None:
        """Part 1, from the search box to the rating."""
        citizen = self.somebody()
        number = self._apply(citizen)
        told(self.began, f"submitted: {number}")
        window = self.somebody("window")
        window.open("/desk/")
        acts.open_case(window, number)
        self.picture(window, "case")
        acts.open_do_form(window, number, self.word("一次告知补正"))
        what = (
            "请写清谁负责消毒。" if self.language == "zh" else "Please say who is in charge of disinfection."
        )
        window.answer(missing=["safety_rules"], what=what)
        self.picture(window, "ask-for-correction")
        self._send(window)
        citizen.open(f"/progress/{number}/")
        self.picture(citizen, "what-to-correct")
        citizen.follow(self.word("现在去补正"))
        citizen.press(self.word("补正完毕，交上去"))
        acts.complete(window, number, self.word("受理"), **acts.HANDLING["accept"])
        acts.open_case(window, number)
        self.picture(window, "accepted", top="#where-h")
        told(self.began, "accepted")
        officer = self.somebody("officer1")
        acts.complete(officer, number, self.word("提交审查意见"), **acts.HANDLING["document_review"])
        acts.open_do_form(officer, number, self.word("核查完成，请第二人签字"))
        officer.answer(**acts.INSPECTION)
        self.picture(officer, "inspection")
        self._send(officer)
        acts.complete(self.somebody("officer2"), number, self.word("签字确认"), agrees=True)
        chief = self.somebody("chief")
        acts.open_case(chief, number)
        self.picture(chief, "decide", top="#do-h")
        acts.complete(chief, number, self.word("准予许可"), conditions_met=True)
        told(self.began, "granted")
        citizen.open("/my/certificates/")
        citizen.waits_for(self.word("验真页"))
        self.picture(citizen, "certificates")
        citizen.open(citizen.address_of(self.word("验真页")))
        citizen.open(f"/progress/{number}/")
        self.picture(citizen, "progress")
        citizen.follow(self.word("评价这次服务"))
        citizen.answer(level="1").press(self.word("提交评价"))
        told(self.began, "certificate received, service rated")

    def _apply(self, citizen: Visitor) -> str:
        citizen.open("/")
        citizen.page.fill("main input[name=q]", self.word("开小吃店"))
        self.picture(citizen, "home")
        with citizen.page.expect_navigation():
            citizen.page.press("main input[name=q]", "Enter")
        citizen.follow(self.word("答一个问题，找到该办哪个"))
        citizen.answer(area="80").press(self.word("看看该办哪个"))
        self.picture(citizen, "question")
        citizen.follow(self.word("看怎么办"))
        self.picture(citizen, "guide")
        citizen.follow(self.word("开始办理")).sign_in("citizen")
        told(self.began, "found the item, signed in")
        citizen.press(self.word("开始填写"))
        application = re.match(r"/services/applications/[0-9a-f-]{36}/", citizen.path)
        if not application:
            raise SystemExit(f"no application was begun: {citizen.path}")
        self.picture(citizen, "prefilled")
        for page, answers in acts.ANSWERS.items():
            citizen.open(acts.form_address(application[0], page))
            citizen.answer(**answers)
            if page == "business":
                self.picture(citizen, "form")
            citizen.press(self.word("保存，下一步"))
        citizen.open(f"{application[0]}materials/")
        boxes = citizen.page.locator("main input[type=file]")
        for index in range(boxes.count()):
            boxes.nth(index).set_input_files(
                {"name": f"{index + 1}.pdf", "mimeType": "application/pdf", "buffer": a_pdf()}
            )
        self.picture(citizen, "materials")
        citizen.press(self.word("上传，下一步"))
        self.picture(citizen, "check")
        citizen.press(self.word("确认，提交申请"))
        return acts.receipt_of(citizen)[0]

    def letter(self) -> None:
        """Part 2, as far as the published answer."""
        chinese = self.language == "zh"
        title = "文昌路的路灯坏了" if chinese else "The street lamps of Wenchang Road are out"
        body = "坏了半个月，电话19900000077。" if chinese else "For two weeks now. My number is 19900000077."
        writer = self.somebody()
        writer.open("/letters/write/")
        writer.answer(
            kind="complaint", title=title, body=body, may_publish=True, name="李秀英", phone="19900000077"
        )
        self.picture(writer, "write")
        writer.press(self.word("寄出"))
        number, code = acts.receipt_of(writer)
        office, urban = self.somebody("mailbox"), self.somebody("bureau2")
        acts.open_do_form(office, number, self.word("转办"))
        units = office.page.locator("main select[name=unit] option")
        wanted = ("城市管理", "Urban Management")[not chinese]
        label = next(text for text in units.all_inner_texts() if wanted in text)
        office.page.locator("main select[name=unit]").select_option(label=label)
        self._send(office)
        answer = (
            "经现场查看，三盏路灯的线路已经更换，当晚试灯正常，今后每周巡查一次。"
            if chinese
            else "We looked at it and replaced the wiring of three lamps. They were lit the same evening."
        )
        acts.complete(urban, number, self.word("送审答复"), text=answer)
        acts.open_do_form(office, number, self.word("答复并公开"))
        self.picture(office, "publish")
        self._send(office)
        writer.open("/progress/")
        writer.page.fill("main [name=number]", number)
        writer.page.fill("main [name=code]", code)
        with writer.page.expect_navigation():
            writer.page.press("main [name=code]", "Enter")
        writer.sees(answer)
        self.picture(writer, "answered")
        told(self.began, "letter answered and published")

    def _send(self, visitor: Visitor) -> None:
        """Send the form of an outcome."""
        with visitor.page.expect_navigation(wait_until="load"):
            visitor.page.locator(
                "main form.sheet button.primary, main form.sheet button.danger"
            ).first.click()
        if "/desk/tasks/" in visitor.path:
            raise SystemExit(f"not taken: {visitor.text}")


if __name__ == "__main__":
    raise SystemExit(main())
