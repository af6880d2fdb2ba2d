"""Processes with their versions, and what runs by each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.processes.drawing import Drawing, draw
from tongban.kernel.processes.engine import State
from tongban.kernel.processes.errors import DefinitionNotFound
from tongban.kernel.processes.models import Definition, Instance
from tongban.kernel.processes.operations.binding import graph_of

__all__ = [
    "MissingStep",
    "ProcessRow",
    "VersionRow",
    "blank_drawing",
    "get_process",
    "list_processes",
    "missing_steps",
    "running_instances",
]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version and how many instances run by it."""

    version: int
    published_at: datetime
    is_current: bool
    running: int


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One process with its versions, the newest first."""

    key: str
    name: LocalizedText
    versions: tuple[VersionRow, ...]

    @property
    def current(self) -> VersionRow:
        """Return the version that new instances take."""
        return next((version for version in self.versions if version.is_current), self.versions[0])

    @property
    def running_elsewhere(self) -> int:
        """Return how many instances run by versions that are not current any more."""
        return sum(version.running for version in self.versions if not version.is_current)


@dataclass(frozen=True, slots=True)
class MissingStep:
    """A step where a token can rest, which another version lacks; ``options`` are the steps of that kind there."""

    node: str
    name: LocalizedText
    options: list[tuple[str, LocalizedText]]


def list_processes() -> list[ProcessRow]:
    """Return every process with its versions, by name, with two statements."""
    running = dict(
        Instance.objects.filter(status=Instance.ACTIVE)
        .values_list("definition")
        .annotate(Count("pk"))
        .order_by("definition")
    )
    of_key: dict[str, list[Definition]] = {}
    for definition in Definition.objects.defer("xml").order_by("key", "-version"):
        of_key.setdefault(definition.key, []).append(definition)
    return [_row(versions, running) for versions in of_key.values()]


def get_process(key: str) -> ProcessRow:
    """Return one process with its versions. Raises DefinitionNotFound."""
    found = next((row for row in list_processes() if row.key == key), None)
    if found is None:
        raise DefinitionNotFound(key=key)
    return found


def running_instances(key: str, version: int, *, limit: int) -> list[tuple[UUID, Ref]]:
    """Return active instances of one version with what they belong to, the oldest first."""
    rows = Instance.objects.filter(
        definition__key=key, definition__version=version, status=Instance.ACTIVE
    ).order_by("started_at", "pk")
    return [
        (pk, Ref(kind, id_)) for pk, kind, id_ in rows.values_list("pk", "owner_kind", "owner_id")[:limit]
    ]


def missing_steps(key: str, from_version: int, to_version: int) -> list[MissingStep]:
    """Return where a token can rest in one version and not in the other. Raises DefinitionNotFound."""
    old, new = graph_of(_definition(key, from_version).pk), graph_of(_definition(key, to_version).pk)
    return [
        MissingStep(
            node.id,
            LocalizedText(*node.label),
            [(other.id, LocalizedText(*other.label)) for other in new.of_kind(node.kind)],
        )
        for node in old.nodes.values()
        if (node.kind.waits or node.is_join) and node.id not in new.nodes
    ]


def blank_drawing(key: str, version: int) -> Drawing:
    """Return the drawing of a version that nothing runs in. Raises DefinitionNotFound."""
    return draw(graph_of(_definition(key, version).pk), State(), key=f"v{version}")


def _definition(key: str, version: int) -> Definition:
    found = Definition.objects.defer("xml").filter(key=key, version=version).first()
    if found is None:
        raise DefinitionNotFound(key=key, version=version)
    return found


def _row(versions: list[Definition], running: dict[int, int]) -> ProcessRow:
    current = next((definition for definition in versions if definition.is_current), versions[0])
    return ProcessRow(
        key=current.key,
        name=current.name,
        versions=tuple(
            VersionRow(d.version, d.published_at, d.is_current, running.get(d.pk, 0)) for d in versions
        ),
    )
