"""The stage of the pages that are looked at: cases, charges, appointments, changes, made by the people who would make them."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.support.scenes import ACCEPTED, GRANTED, LETTER, REVIEWED, SUBMITTED_LETTER, Scenes, good
from tests.support.site import Forms, a_pdf

__all__ = ["Stage", "set_stage"]


@dataclass(frozen=True, slots=True)
class Stage:
    """The cases that the pages show."""

    draft: str
    waiting: str
    waiting_task: int
    running: str
    running_task: int
    testing: str
    deciding: str
    deciding_task: int
    signed_task: int
    leaver: str
    heir: str
    done: str
    certificate: str
    certificate_id: str
    paper: str
    letter: str
    answered: str
    letter_task: int
    act: int
    change: int
    unsigned: str
    owed: str
    payment: str
    paid: str
    paid_payment: str
    lent: str
    asked: str
    together: str
    entered: str
    entered_draft: str
    appointment: str
    system: str
    authorize: str
    edited: str


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
    testing, _ = scenes.in_testing()
    deciding, signed_task = _deciding(scenes)
    colleagues = good(scenes.as_("chief").get("/colleagues"))
    officers = {each["name"]: each["key"] for each in reversed(colleagues)}  # who has two posts: the first
    scenes.as_("chief").post(
        f"/cases/{deciding}/readings", {"to": [officers["周敏"]], "reason": "请看核查照片。"}
    )
    answered = scenes.letter(**{**LETTER, "title": "文昌路路灯坏了半个月"})
    for who, node, outcome, data in SUBMITTED_LETTER:
        scenes.step(who, answered, node, outcome, data)
    letter = scenes.letter(title="想问小吃店要不要装油烟净化器", kind="question")
    money, people, counter = _money(scenes), _people(scenes), _counter(scenes)
    api = scenes.as_("citizen")
    scenes.until(lambda: good(api.get(f"/cases/{done}"))["state"] == "delivered")
    certificate = scenes.until(
        lambda: [
            each
            for each in good(api.get("/certificates"))
            if each["verify_code"] and each["type"] == "food-licence"
        ]
    )
    papers = scenes.until(
        lambda: [p for p in good(api.get(f"/cases/{done}"))["papers"] if p["state"] == "rendered"]
    )
    return Stage(
        draft=draft,
        waiting=waiting,
        waiting_task=scenes.task("window", waiting, "receive"),
        running=running,
        running_task=scenes.task("officer1", running, "inspect"),
        testing=testing,
        deciding=deciding,
        deciding_task=scenes.task("chief", deciding, "decide"),
        signed_task=signed_task,
        leaver=officers["罗建平"],
        heir=officers["周敏"],
        done=done,
        certificate=certificate[0]["verify_code"],
        certificate_id=certificate[0]["id"],
        paper=papers[0]["verify_code"],
        letter=letter,
        answered=answered,
        letter_task=scenes.task("mailbox", letter, "assign"),
        act=scenes.until(lambda: _sealed_act(scenes, done)),
        change=1,
        unsigned=scenes.filled("construction-permit"),
        appointment=_appointment(scenes),
        edited=_edited(scenes),
        **money,
        **people,
        **counter,
        **_system(scenes),
    )


def _deciding(scenes: Scenes) -> tuple[str, int]:
    """Bring a case to its decision; return its number and the step that the second officer did last."""
    number, _ = scenes.submitted()
    *steps, (who, node, outcome, data) = REVIEWED
    for step in steps:
        scenes.step(step[0], number, *step[1:])
    signed = scenes.task(who, number, node)
    scenes.step(who, number, node, outcome, data)
    return number, signed


def _sealed_act(scenes: Scenes, number: str) -> int:
    """Return an act of a case that is sealed; 0 while there is none."""
    acts = good(scenes.as_("auditadmin").get(f"/audit/acts?case={number}"))["acts"]
    return next((int(act["id"]) for act in acts if act["batch"]), 0)


def _money(scenes: Scenes) -> dict[str, str]:
    """Bring two roads to their fee: one is owed, its payment begun; one is paid, a part is to be given back."""
    api = scenes.as_("citizen")
    (_, owed), (_, paid) = scenes.charged(), scenes.charged()
    begun = [good(api.post(f"/fees/charges/{charge}/payments"), 201)["number"] for charge in (owed, paid)]
    Forms(scenes.site.base).visit(f"/demo-bank/{begun[1]}/").send(f"/demo-bank/{begun[1]}/", act="pay")
    scenes.until(lambda: good(api.get(f"/fees/payments/{begun[1]}"))["state"] == "succeeded")
    scenes.forms("finance1").send(
        f"/desk/fees/payments/{begun[1]}/refund/", amount="30", reason="提前十天撤场，多收的退回。"
    )
    return {"owed": owed, "payment": begun[0], "paid": paid, "paid_payment": begun[1]}


def _people(scenes: Scenes) -> dict[str, str]:
    """Let the village agent apply for a senior, and a villager together with her: both ask her first."""
    senior = {"name": "字玉珍", "citizen_id": "53239919430411128X"}
    agent, villager = scenes.as_("village"), scenes.as_("villager")
    lent = scenes.begun("senior-allowance", by="village", on_behalf={**senior, "basis": "village"})
    together = scenes.filled("tree-felling")
    if not good(villager.get(f"/applications/{together}"))["consents"]:
        good(villager.post(f"/applications/{together}/applicants", senior), 201)
    asked = good(agent.get(f"/applications/{lent}"))["consents"][0]
    return {"lent": lent, "asked": asked["id"], "together": together}


def _counter(scenes: Scenes) -> dict[str, str]:
    """Let the clerk enter two applications of people who are present; one is submitted."""
    entered = scenes.at_counter()
    return {"entered": entered, "entered_draft": scenes.at_counter(is_submitted=False)}


def _appointment(scenes: Scenes) -> str:
    """Let the citizen book advice at the hall, or find what she has booked; return the appointment."""
    citizen = scenes.forms("citizen")
    mine = re.compile(r"/appointments/mine/([0-9a-f-]{36})/")
    if found := mine.search(citizen.visit("/appointments/").said):
        return found[1]
    service = "/appointments/county-hall/market/"
    free = re.search(r'name="slot" value="([^"]+)"', citizen.visit(service).said)
    assert free, "the hall has no free time"
    booked = mine.match(citizen.send(service, slot=free[1]).path)
    assert booked, citizen.path
    return booked[1]


def _system(scenes: Scenes) -> dict[str, str]:
    """Register a system that lets people sign in with their account here; return it and where it sends them."""
    key, back = f"museum-{secrets.token_hex(4)}", "https://museum.example/back"
    said = {
        "name_zh": "县博物馆预约",
        "name_en": "County museum booking",
        "client_id": key,
        "redirect_uris": back,
    }
    choices = {"scopes": ["profile", "phone"], "kinds": ["citizen", "official"], "algorithm": "RS256"}
    scenes.forms("sysadmin").send("/desk/admin/systems/new/", **said, **choices)
    asked = {"client_id": key, "response_type": "code", "scope": "openid profile phone", "redirect_uri": back}
    proof = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
    return {"system": key, "authorize": urlencode({**asked, **proof, "state": "stage", "nonce": "stage"})}


def _edited(scenes: Scenes) -> str:
    """Let an editor change the lead of an item, without handing the change in; return the change."""
    clerk = scenes.forms("studio1")
    place = clerk.send("/desk/studio/item/of/tree-felling/change/").path
    number = place.removeprefix("/desk/studio/changes/").partition("/")[0]
    here = f"/desk/studio/changes/{number}/item/tree-felling/content/"
    draft = json.loads(clerk.visit(here).said)
    lead = {"zh": "砍自己山上的树，先办这个证。", "en": "To fell your own trees you need this permit first."}
    clerk.save(here, {"content": {**draft["content"], "lead": lead}, "revision": draft["revision"]})
    return number
