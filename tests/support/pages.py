"""The pages that are looked at: one list for the pictures (``make screens``) and for the tests of every page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.scenes import ACCEPTED, GRANTED, LETTER, SUBMITTED_LETTER, Scenes, good
from tests.support.site import a_pdf

__all__ = ["PAGES", "LookedAt", "Stage", "set_stage"]


@dataclass(frozen=True, slots=True)
class Stage:
    """The cases that the pages show."""

    draft: str
    waiting: str
    waiting_task: int
    running: str
    done: str
    certificate: str
    paper: str
    letter: str
    answered: str
    letter_task: int


@dataclass(frozen=True, slots=True)
class LookedAt:
    """One page: its name, whose it is ("" for everybody) and where."""

    name: str
    who: str
    address: Callable[[Stage], str]
    status: int = 200
    has_picture: bool = True


def page(name: str, who: str, address: str, status: int = 200, has_picture: bool = True) -> LookedAt:
    """Describe a page; the address may name things of the stage in braces."""

    def fill(stage: Stage) -> str:
        return address.format(**{key: getattr(stage, key) for key in Stage.__slots__})

    return LookedAt(name, who, fill, status, has_picture)


PAGES = (
    page("home", "", "/"),
    page("senior", "", "/display/senior/?next=/"),
    page("search", "", "/services/?q=小吃店"),
    page("search-nothing", "", "/services/?q=zzzz", has_picture=False),
    page("services", "", "/services/"),
    page("catalogue", "", "/services/catalogue/?event=open"),
    page("departments", "", "/services/departments/", has_picture=False),
    page("limits", "", "/services/limits/"),
    page("guidance", "", "/services/find/open-snack-bar/?area=80"),
    page("guide", "", "/services/items/food-licence/"),
    page("guide-small", "", "/services/items/small-catering/", has_picture=False),
    page("notices", "", "/services/notices/", has_picture=False),
    page("sign-in", "", "/sign-in/"),
    page("apply", "citizen", "/services/items/food-licence/apply/", has_picture=False),
    page("form-known", "citizen", "/services/applications/{draft}/page/applicant/"),
    page("form", "citizen", "/services/applications/{draft}/page/business/"),
    page(
        "form-wrong", "citizen", "/services/applications/{draft}/wrong/applicant_address/", has_picture=False
    ),
    page("materials", "citizen", "/services/applications/{draft}/materials/"),
    page("check-answers", "citizen", "/services/applications/{draft}/check/"),
    page("submitted", "citizen", "/my/cases/{running}/", has_picture=False),
    page("my-space", "citizen", "/my/"),
    page("messages", "citizen", "/my/messages/"),
    page("my-certificates", "citizen", "/my/certificates/"),
    page("my-reads", "citizen", "/my/reads/"),
    page("progress", "citizen", "/progress/{running}/"),
    page("progress-done", "citizen", "/progress/{done}/"),
    page("progress-search", "", "/progress/"),
    page("withdraw", "citizen", "/progress/{running}/actions/withdraw/", has_picture=False),
    page("rate", "citizen", "/services/rate/{done}/"),
    page("certificate", "", "/certificates/verify/{certificate}/"),
    page("certificate-check", "", "/certificates/verify/", has_picture=False),
    page("paper", "", "/papers/verify/{paper}/"),
    page("paper-check", "", "/papers/verify/", has_picture=False),
    page("desk", "window", "/desk/"),
    page("desk-done", "window", "/desk/list/done/"),
    page("rules", "window", "/desk/rules/", has_picture=False),
    page("rule", "window", "/desk/rules/small-catering-eligibility/"),
    page("expression", "window", "/desk/rules/expression/", has_picture=False),
    page("desk-letters", "mailbox", "/desk/", has_picture=False),
    page("desk-search", "window", "/desk/search/?q={running}", has_picture=False),
    page("case", "officer1", "/desk/cases/{running}/"),
    page("case-waiting", "window", "/desk/cases/{waiting}/"),
    page("case-done", "chief", "/desk/cases/{done}/", has_picture=False),
    page("correction", "window", "/desk/tasks/{waiting_task}/request_correction/"),
    page("extend", "chief", "/desk/cases/{running}/actions/extend/", has_picture=False),
    page("letters", "", "/letters/"),
    page("letter", "", "/letters/{answered}/"),
    page("letter-write", "", "/letters/write/"),
    page("letter-progress", "citizen", "/progress/{answered}/"),
    page("letter-case", "mailbox", "/desk/cases/{letter}/"),
    page("letter-assign", "mailbox", "/desk/tasks/{letter_task}/assign/", has_picture=False),
    page("docking", "sysadmin", "/desk/docking/"),
    page("docking-records", "sysadmin", "/desk/docking/province/"),
    page("docking-days", "sysadmin", "/desk/docking/province/days/", has_picture=False),
    page("docking-new", "sysadmin", "/desk/docking/new/", has_picture=False),
    page("studio", "studio1", "/desk/studio/"),
    page("studio-items", "studio1", "/desk/studio/item/", has_picture=False),
    page("studio-item", "studio1", "/desk/studio/item/of/food-licence/"),
    page("studio-copy", "studio1", "/desk/studio/item/of/food-licence/copy/"),
    page("not-found", "", "/services/items/nothing-here/", status=404),
)
"""Names are those of the pictures: ``screens/<name>-<width>-<language>.png``."""


def set_stage(scenes: Scenes) -> Stage:
    """Bring some cases to where the pages show something worth looking at; wait for what the worker makes."""
    done, _ = scenes.brought_to(GRANTED)
    running, _ = scenes.brought_to(ACCEPTED)
    waiting, _ = scenes.submitted()
    draft = scenes.draft()
    good(
        scenes.as_("citizen").upload(
            f"/applications/{draft}/materials/equipment", "设备清单.pdf", a_pdf("Equipment")
        ),
        201,
    )
    answered = scenes.letter(**{**LETTER, "title": "文昌路路灯坏了半个月"})
    for who, node, outcome, data in SUBMITTED_LETTER:
        scenes.step(who, answered, node, outcome, data)
    letter = scenes.letter(title="想问小吃店要不要装油烟净化器", kind="question")
    api = scenes.as_("citizen")
    scenes.until(lambda: good(api.get(f"/cases/{done}"))["state"] == "delivered")
    certificate = scenes.until(lambda: [c for c in good(api.get("/certificates")) if c["verify_code"]])
    papers = scenes.until(
        lambda: [p for p in good(api.get(f"/cases/{done}"))["papers"] if p["state"] == "rendered"]
    )
    return Stage(
        draft=draft,
        waiting=waiting,
        waiting_task=scenes.task("window", waiting, "receive"),
        running=running,
        done=done,
        certificate=certificate[0]["verify_code"],
        paper=papers[0]["verify_code"],
        letter=letter,
        answered=answered,
        letter_task=scenes.task("mailbox", letter, "assign"),
    )
