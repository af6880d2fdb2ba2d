"""What people do again and again in the journeys, each act as they do it: on the pages."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from tests.support.browser import Visitor
from tests.support.site import a_pdf, a_picture

__all__ = [
    "ANSWERS", "begin", "bring_materials", "complete", "fill_everything", "fill_pages", "form_address", "is_intact", "look_up",
    "open_case", "open_do_form", "paper_text", "pdf_of", "receipt_of", "submit", "text_of",
]  # fmt: skip

ANSWERS = {
    "premises": {"premises_same": True, "area": "80", "kitchen_area": "20", "seats": "30"},
    "business": {
        "format": "catering",
        "projects": ["hot", "cold"],
        "network": False,
        "central_delivery": False,
    },
    "safety": {"manager_name": "李秀英", "staff": "3", "trained": True, "health_promise": True},
    "delivery": {"delivery": "electronic", "truth": True},
}
"""What the owner of the noodle shop answers, page by page."""

PASSED = {
    f"c_{key}": "pass"
    for key in ("place", "layout", "water", "washing", "cold", "pest", "waste", "staff", "rules")
}
INSPECTION = {
    **PASSED,
    "inspected_on": datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat(),
    "measured_area": "79.5",
    "photos": "门头、操作间各 1 张",
    "present": "李秀英",
    "advice": "meets",
}
HANDLING = {
    "accept": {"checked": ["competence", "applicant", "complete", "form"]},
    "document_review": {"complete": True, "consistent": True, "layout_ok": True, "advice": "meets"},
    "grant": {"conditions_met": True},
}


def begin(visitor: Visitor, item: str = "food-licence", firm: str = "") -> str:
    """Begin an application for the (named) firm as who is signed in; return its address."""
    visitor.open(f"/services/items/{item}/apply/")
    if firm:
        visitor.page.get_by_label(firm).check()
    visitor.press("开始填写")
    found = re.match(r"/services/applications/[0-9a-f-]{36}/", visitor.path)
    assert found, visitor.path
    return found[0]


def form_address(application: str, page: str) -> str:
    """Return the address of one page of an application's form."""
    return f"{application}page/{page}/"


def fill_pages(visitor: Visitor, application: str, *pages: str) -> None:
    """Fill in pages of the form and save each."""
    for page in pages or ANSWERS:
        visitor.open(form_address(application, page))
        visitor.answer(**visitor.asked(ANSWERS[page])).press("保存，下一步")
        if form_address(application, page) == visitor.path:  # without script, what an answer raises comes now
            visitor.answer(**visitor.asked(ANSWERS[page])).press("保存，下一步")
        assert form_address(application, page) != visitor.path, visitor.text


def bring_materials(visitor: Visitor, application: str) -> None:
    """Upload a picture or a PDF for each material that must be there."""
    visitor.open(f"{application}materials/")
    boxes = visitor.page.locator("main input[type=file]")
    for number in range(boxes.count()):
        name = boxes.nth(number).get_attribute("name") or ""
        picture = number % 2 == 0
        boxes.nth(number).set_input_files(
            {
                "name": f"{name.removeprefix('material-')}.{'jpg' if picture else 'pdf'}",
                "mimeType": "image/jpeg" if picture else "application/pdf",
                "buffer": a_picture() if picture else a_pdf(),
            }
        )
    visitor.press("上传，下一步")
    assert visitor.path == f"{application}check/", visitor.text


def fill_everything(visitor: Visitor) -> str:
    """Begin an application and bring it to check-answers; return its address."""
    application = begin(visitor)
    fill_pages(visitor, application)
    bring_materials(visitor, application)
    return application


def submit(visitor: Visitor) -> tuple[str, str]:
    """Submit from check-answers; return number and query code."""
    visitor.press("确认，提交申请").sees("申请已提交")
    return receipt_of(visitor)


def receipt_of(visitor: Visitor) -> tuple[str, str]:
    """Read number and query code from a confirmation."""
    figures = visitor.page.locator("main .facts .num").all_inner_texts()
    assert len(figures) == 2, visitor.text
    return figures[0].strip(), figures[1].strip()


def look_up(visitor: Visitor, number: str, code: str) -> Visitor:
    """Ask for the progress with number and query code, without signing in."""
    visitor.open("/progress/")
    visitor.page.fill("main [name=number]", number)
    visitor.page.fill("main [name=code]", code)
    return visitor.press("查一查")


def open_case(visitor: Visitor, number: str) -> Visitor:
    """Open a case from the desk."""
    assert visitor.open(f"/desk/cases/{number}/") == 200, visitor.text
    return visitor


def open_do_form(visitor: Visitor, number: str, outcome: str, opinion: str = "") -> Visitor:
    """Choose an outcome on the case page; its form follows where it has one."""
    open_case(visitor, number)
    button = visitor.page.locator(".do .moves button").filter(
        has_text=re.compile(rf"^\s*{re.escape(outcome)}…?\s*$")
    )
    form = visitor.page.locator("form.do-grid").filter(has=button)
    if opinion:
        form.locator("[name=opinion]").fill(opinion)
    with visitor.page.expect_navigation(wait_until="load"):
        button.click()
    return visitor


def complete(visitor: Visitor, number: str, outcome: str, opinion: str = "", **answers: object) -> Visitor:
    """Complete a task: choose the outcome, fill in its form, send it."""
    open_do_form(visitor, number, outcome, opinion)
    if re.search(r"/desk/tasks/\d+/", visitor.path):
        visitor.answer(**answers)
        with visitor.page.expect_navigation(wait_until="load"):
            visitor.page.locator(
                "main form.sheet button.primary, main form.sheet button.danger"
            ).first.click()
    assert visitor.path.startswith(f"/desk/cases/{number}/") or visitor.path.startswith("/desk/"), (
        visitor.text
    )
    assert not re.search(r"/desk/tasks/\d+/", visitor.path), visitor.text
    return visitor


def pdf_of(visitor: Visitor, paper: str, *, latest: bool = False) -> bytes:
    """Open a paper from the page where the visitor is; wait until the worker has made it."""
    links = visitor.page.locator("main").get_by_role("link", name=paper)
    address = (links.last if latest else links.first).get_attribute("href") or ""
    for _ in range(180):
        answer = visitor.page.request.get(visitor.base + address)
        if answer.headers["content-type"].startswith("application/pdf"):
            return answer.body()
        assert answer.status == 202, f"{answer.status} for {address}"
        visitor.page.wait_for_timeout(500)
    raise AssertionError(f"{paper} was not made")


def text_of(pdf: bytes) -> str:
    """Return the words of a PDF, without the spaces and line ends of its layout."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def paper_text(visitor: Visitor, paper: str, *, latest: bool = False) -> str:
    """Return the words of a paper as PDF."""
    return text_of(pdf_of(visitor, paper, latest=latest))


def is_intact(pdf: bytes, root: Path) -> bool:
    """True when the file is signed and every signature covers it unchanged and was made under this root."""

    def look() -> bool:
        trusted = ValidationContext(trust_roots=[load_cert_from_pemder(str(root))], allow_fetching=False)
        signatures = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        found = [validate_pdf_signature(each, signer_validation_context=trusted) for each in signatures]
        return bool(found) and all(each.intact and each.trusted for each in found)

    with ThreadPoolExecutor(
        1
    ) as pool:  # pyHanko wants a thread without a running loop; Playwright has one here
        return pool.submit(look).result()
