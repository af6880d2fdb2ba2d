"""Named people for tests of processes: two clerks and a chief of one bureau, a citizen, a stranger, an administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.registry import operations, owners

__all__ = ["AT", "Notes", "World", "build", "notes", "publish", "start"]

AT = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
"""Monday, 9:00 in China."""
SYSTEM = Actor.system("test")


@dataclass(frozen=True)
class World:
    unit: int
    clerk: Actor
    other_clerk: Actor
    chief: Actor
    citizen: Actor
    stranger: Actor
    admin: Actor


class Notes:
    """What test operations and the test owner were told; ``failing`` makes an operation fail that many times."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.contexts: list[processes.OperationContext] = []
        self.advances: list[processes.Advance] = []
        self.locked: list[Ref] = []
        self.failing = 0

    def run(self, context: processes.OperationContext) -> dict[str, str]:
        self.contexts.append(context)
        if self.failing:
            self.failing -= 1
            raise RuntimeError("the printer is on fire")
        self.ran.append(context.node)
        return {f"noted_{context.node}": "yes"}

    def lock(self, owner: Ref) -> None:
        self.locked.append(owner)

    def on_advance(self, instance: object, advance: processes.Advance, *, actor: Actor, at: datetime) -> None:
        self.advances.append(advance)


notes = Notes()


def _note(context: processes.OperationContext) -> dict[str, str]:
    return notes.run(context)


def _issue(context: processes.OperationContext) -> dict[str, str]:
    return notes.run(context)


def register() -> None:
    """Make the test operations and the test owner known, once."""
    if "test.note" not in operations:
        processes.operation("test.note", pure_db=True)(_note)
        processes.operation("test.issue", pure_db=False)(_issue)
    if "test" not in owners:
        processes.register_owner("test", notes)


def build() -> World:
    """Make the people and forget what was noted before."""
    register()
    notes.__init__()  # type: ignore[misc]
    unit = identity.put_unit(
        actor=SYSTEM, code="scjg", name=LocalizedText("市场监管局"), division_code="532399000000", at=AT
    )

    def official(name: str, *duties: str) -> Actor:
        person = identity.put_person(actor=SYSTEM, name=name, at=AT)
        account = identity.put_account(
            actor=SYSTEM, username=f"u{person.pk}", kind="official", person_id=person.pk, at=AT
        )
        post = identity.put_post(
            actor=SYSTEM,
            unit_id=unit.pk,
            code=f"p{person.pk}"[:40],
            name=LocalizedText("科员"),
            duties=list(duties),
            at=AT,
        )
        identity.appoint(actor=SYSTEM, person_id=person.pk, post_id=post.pk, at=AT)
        return identity.actor_for(account, at=AT, channel="desk")

    person = identity.put_person(actor=SYSTEM, name="李秀英", at=AT)
    account = identity.put_account(
        actor=SYSTEM, username="citizen", kind="citizen", person_id=person.pk, at=AT
    )
    return World(
        unit=unit.pk,
        clerk=official("王敏", "services.window", "services.inspect"),
        other_clerk=official("赵强", "services.window", "services.inspect"),
        chief=official("周局", "services.decide"),
        citizen=identity.actor_for(account, at=AT, channel="web"),
        stranger=Actor.stranger(),
        admin=official("系统员", "admin.system"),
    )


def publish(xml: bytes, key: str = "p") -> None:
    processes.publish(actor=SYSTEM, key=key, xml=xml, at=AT)


def start(world: World, key: str = "p", **more: object) -> processes.Advance:
    applicant = identity.holder_id("person", world.citizen.person_id)
    return processes.start_instance(
        definition_key=key,
        owner=Ref("test", "1"),
        vars={"unit": world.unit, "applicant": applicant, **more},
        actor=world.citizen,
        at=AT,
    )
