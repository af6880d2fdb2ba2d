"""The people around a mailbox: the office, two bureaus, a citizen; with the letters of the demo county's
pack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.support.database import as_owner
from tongban.apps.voice import service as voice
from tongban.apps.voice.packs import load_mailboxes
from tongban.base import builtin
from tongban.base.actor import Actor
from tongban.base.packs import Pack, sections
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL
from tongban.kernel.calendars.packs import load_calendar
from tongban.kernel.cases import service as cases
from tongban.kernel.forms.service import put_form
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import service as processes
from tongban.kernel.registers import service as registers

__all__ = ["LETTER", "PACK", "World", "build", "on"]

PACK = Pack(Path(__file__).resolve().parents[5] / "packs" / "chengxi")
SYSTEM = Actor.system("test")
CITIZEN_ID = "532399198510271020"
NAMES = {
    "xzfb": ("县政府办", "County Office"),
    "zjj": ("县住建局", "Housing"),
    "cgj": ("县城管局", "Urban Management"),
}
LETTER = {
    "kind": "complaint",
    "title": "文昌路路灯夜里不亮",
    "body": "我叫木易生，住文昌小区3幢2单元501室，电话13812344471。家门口的路灯坏了一个多月，老人出门不方便。",
    "may_publish": True,
    "name": "木易生",
    "phone": "13812344471",
}


def on(text: str, hour: int = 10) -> datetime:
    """Return that hour of a day in the county."""
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), LOCAL).replace(hour=hour)


@dataclass
class World:
    """Who acts, by name: ``office``, ``housing``, ``urban``, ``citizen``, ``other`` (another citizen),
    ``stranger``.
    """

    office: Actor
    housing: Actor
    urban: Actor
    citizen: Actor
    other: Actor
    stranger: Actor
    units: dict[str, int]

    def write(self, actor: Actor | None = None, at: str = "2026-03-02", **changes: Any) -> voice.Sent:
        """Send a letter (by a stranger unless said otherwise)."""
        values = {**LETTER, **changes}
        return voice.write_letter(
            actor=actor or self.stranger, mailbox="county-head", values=values, at=on(at)
        )

    def act(
        self,
        actor: Actor,
        number: str,
        outcome: str,
        at: str,
        data: Mapping[str, Any] | None = None,
        opinion: str = "",
    ) -> Any:
        """Let ``actor`` complete the one open task of a letter."""
        case = cases.find_by_number(number)
        [task] = [task for task in processes.tasks_of(case.instance_id) if task.state == "open"]
        return cases.complete_task(
            actor=actor, task_id=task.id, outcome=outcome, data=dict(data or {}), opinion=opinion, at=on(at)
        )

    def answered(self, at: str = "2026-03-04", **changes: Any) -> voice.Sent:
        """Return a letter that was written, assigned to housing, answered, checked and published."""
        sent = self.write(**changes)
        self.act(self.office, sent.number, "assign", "2026-03-02", {"unit": "zjj"})
        self.act(self.housing, sent.number, "answer", "2026-03-03", {"text": ANSWER})
        self.act(self.office, sent.number, "publish", at)
        return sent


ANSWER = "木易生您好，路灯已经修好，共换了三个灯头。再有不亮的，请打市政所电话 0889-621 0422。"


def build() -> World:
    """Make the world at the beginning of 2026."""
    at = on("2026-01-04")
    load_calendar(PACK, actor=SYSTEM, at=at)
    units = {}
    for code, (zh, en) in NAMES.items():
        unit = identity.put_unit(
            actor=SYSTEM,
            code=code,
            name=LocalizedText(zh=zh, en=en),
            short_name=LocalizedText(zh=zh, en=en),
            division_code="532399000000",
            level="4",
            kind="department",
            prefix=f"澄{zh[1]}",
            at=at,
        )
        units[code] = unit.pk
    _population(at)
    builtin.bring(at=at)
    for name in ("messages", "papers", "processes"):
        sections.get(name).load(PACK, actor=SYSTEM, at=at)
    for file in (PACK.path / "letters").rglob("*.yaml"):
        if file.name != "mailbox.yaml":
            put_form(actor=SYSTEM, content=PACK.yaml(file.relative_to(PACK.path)), at=at)
    load_mailboxes(PACK, actor=SYSTEM, at=at)
    return World(
        office=_official("office", "和丽娟", units["xzfb"], ["voice.office", "voice.check"], at),
        housing=_official("housing", "施文涛", units["zjj"], ["voice.answer"], at),
        urban=_official("urban", "高海燕", units["cgj"], ["voice.answer"], at),
        citizen=_citizen("citizen", "木易生", at),
        other=_citizen("other", "赵建国", at),
        stranger=Actor.stranger(),
        units=units,
    )


def _population(at: datetime) -> None:
    """Let the owner of the database make the population register; it holds the citizen who signs in."""
    [content] = [row for row in PACK.yaml("registers.yaml", "registers") if row["key"] == "population"]
    with as_owner():
        registers.define_register(
            actor=SYSTEM,
            key="population",
            name=LocalizedText.of(content["name"]),
            key_field=content["key_field"],
            fields=content["fields"],
            source=LocalizedText.of(content["source"]),
            at=at,
        )
    registers.put_record(
        actor=SYSTEM,
        register="population",
        key=CITIZEN_ID,
        values={"citizen_id": CITIZEN_ID, "name": "木易生", "phone": "13812344471"},
        source="test",
        at=at,
    )


def _official(username: str, name: str, unit_id: int, duties: list[str], at: datetime) -> Actor:
    person = identity.put_person(actor=SYSTEM, name=name, at=at)
    post = identity.put_post(
        actor=SYSTEM,
        unit_id=unit_id,
        code=f"{username}-post",
        name=LocalizedText(username),
        duties=duties,
        at=at,
    )
    identity.appoint(actor=SYSTEM, person_id=person.pk, post_id=post.pk, since=at, at=at)
    account = identity.put_account(
        actor=SYSTEM, username=username, kind="official", person_id=person.pk, password="demo", at=at
    )
    return identity.actor_for(account, at=on("2026-03-01"), channel="desk")


def _citizen(username: str, name: str, at: datetime) -> Actor:
    citizen_id = CITIZEN_ID if username == "citizen" else None
    person: Any = identity.put_person(actor=SYSTEM, name=name, citizen_id=citizen_id, at=at)
    account = identity.put_account(
        actor=SYSTEM, username=username, kind="citizen", person_id=person.pk, password="demo", at=at
    )
    return identity.actor_for(account, at=on("2026-03-01"), channel="web")


def code_actor(case_id: UUID) -> Actor:
    """Return somebody who showed the query code."""
    return identity.actor_for_code(case_id)
