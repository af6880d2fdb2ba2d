"""The processes of a pack: every ``process.bpmn``, published under the id of its process element."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tongban.base.actor import Actor
from tongban.base.packs import Pack, PackError, section
from tongban.kernel.processes.calls import called_keys
from tongban.kernel.processes.errors import DefinitionRefused
from tongban.kernel.processes.graph import Graph
from tongban.kernel.processes.operations.publish import check_definition, publish, was_replaced

__all__ = ["load_processes", "register"]


def load_processes(pack: Pack, *, actor: Actor, at: datetime) -> int:
    """Publish every BPMN file of the pack; return how many there are. The same file makes no new version, and one that the
    office has replaced since by another stays replaced.

    What another file calls is published before it.
    """
    files = {}
    for path in pack.files("**/*.bpmn"):
        with _telling(pack, path):
            files[path] = check_definition(path.read_bytes())
    for path, graph in _called_first(files):
        if was_replaced(key=graph.key, xml=path.read_bytes()):
            continue
        with _telling(pack, path):
            publish(actor=actor, key=graph.key, xml=path.read_bytes(), at=at)
    return len(files)


def _called_first(files: Mapping[Path, Graph]) -> Iterator[tuple[Path, Graph]]:
    """Order by calls. A circle is left as it is: publishing refuses it."""
    by_key = {graph.key: path for path, graph in files.items()}
    seen: set[Path] = set()

    def walk(path: Path) -> Iterator[tuple[Path, Graph]]:
        if path in seen:
            return
        seen.add(path)
        for key in called_keys(files[path]):
            if key in by_key:
                yield from walk(by_key[key])
        yield path, files[path]

    for path in files:
        yield from walk(path)


@contextmanager
def _telling(pack: Pack, path: Path) -> Iterator[None]:
    """Say in which file of the pack the fault is."""
    try:
        yield
    except DefinitionRefused as refused:
        raise PackError(f"{path.relative_to(pack.path)}: {refused.detail}") from refused


def register() -> None:
    """Make the section known."""
    section("processes", order=45)(load_processes)
