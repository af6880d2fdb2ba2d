"""Processes as those see them who run the machines: versions, how many run, and what moving them over would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import service as processes

__all__ = [
    "DUTY",
    "Crossing",
    "MigrationPage",
    "Question",
    "ask_and_preview",
    "process_page",
    "process_rows",
    "refused_cases",
]

DUTY = "admin.system"
MOST = 100
"""How many instances one page looks at."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """One running instance with the number of its case, what moving it would do, and why not: at which step, what."""

    number: str
    view: processes.MigrationView
    faults: list[tuple[LocalizedText, LocalizedText]]


@dataclass(frozen=True, slots=True)
class Question:
    """A step of the old version that the new one lacks: where do those go who stand there?"""

    node: str
    name: LocalizedText
    options: list[tuple[str, LocalizedText]]
    chosen: str


@dataclass(frozen=True, slots=True)
class MigrationPage:
    """What the page of a migration shows. ``has_more`` when only the first hundred instances were looked at."""

    definition: processes.DefinitionView
    target: processes.DefinitionView
    questions: list[Question]
    crossings: list[Crossing]
    has_more: bool

    @property
    def ready(self) -> list[Crossing]:
        """Return those that can go over."""
        return [crossing for crossing in self.crossings if not crossing.view.problems]


def process_rows(actor: Actor) -> list[processes.ProcessRow]:
    """Return every process with its versions. Raises Forbidden."""
    identity.require_duty(actor, DUTY)
    return processes.list_processes()


def process_page(
    actor: Actor, key: str, version: int | None
) -> tuple[processes.ProcessRow, processes.Drawing, int]:
    """Return a process, the drawing of one of its versions (the current one) and its number. Raises Forbidden,
    DefinitionNotFound.
    """
    identity.require_duty(actor, DUTY)
    row = processes.get_process(key)
    definition = processes.get_definition(key, version)
    return row, processes.blank_drawing(key, definition.version), definition.version


def ask_and_preview(
    actor: Actor, key: str, *, from_version: int, to_version: int, mapping: Mapping[str, str]
) -> MigrationPage:
    """Return what moving the running instances of one version to another would do. Raises Forbidden, DefinitionNotFound."""
    identity.require_duty(actor, DUTY)
    definition = processes.get_definition(key, from_version)
    target = processes.get_definition(key, to_version)
    running = processes.running_instances(key, from_version, limit=MOST + 1)
    numbers = {
        case.pk: case.number or ""
        for case in cases.find_cases({UUID(o.id) for _, o in running if o.kind == "case"})
    }
    missing = processes.missing_steps(key, from_version, to_version)
    names = {step.node: step.name for step in missing}

    def crossing(instance: UUID, owner: Ref) -> Crossing:
        view = processes.preview_migration(
            actor=actor, instance_id=instance, version=to_version, mapping=mapping
        )
        number = numbers.get(UUID(owner.id), "") if owner.kind == "case" else ""
        return Crossing(
            number, view, [(names.get(node) or LocalizedText(node), text) for node, text in view.problems]
        )

    return MigrationPage(
        definition=definition,
        target=target,
        questions=[
            Question(step.node, step.name, step.options, mapping.get(step.node, "")) for step in missing
        ],
        crossings=[crossing(instance, owner) for instance, owner in running[:MOST]],
        has_more=len(running) > MOST,
    )


def refused_cases(done: processes.Migrated) -> list[tuple[str, LocalizedText]]:
    """Name what could not be moved: its case number (the id where there is none) and why."""
    owners = processes.owners_of(done.refused)
    wanted = {UUID(owner.id) for owner in owners.values() if owner.kind == "case"}
    numbers = {str(case.pk): case.number or "" for case in cases.find_cases(wanted)}
    found = []
    for instance, refusal in done.refused.items():
        owner = owners.get(instance)
        number = numbers.get(owner.id, "") if owner else ""
        found.append((number or str(instance), LocalizedText.of(refusal.detail or refusal.title)))
    return sorted(found, key=lambda row: row[0])
