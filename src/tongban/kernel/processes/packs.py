"""The processes of a pack: every ``process.bpmn``, published under the id of its process element."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tongban.base.actor import Actor
from tongban.base.bringing import bring
from tongban.base.packs import Pack, PackError, section
from tongban.kernel.processes.calls import called_keys
from tongban.kernel.processes.errors import DefinitionRefused
from tongban.kernel.processes.graph import Graph
from tongban.kernel.processes.models import Definition
from tongban.kernel.processes.operations.publish import check_definition, publish

__all__ = ["load_processes", "register"]


def load_processes(pack: Pack, *, actor: Actor, at: datetime) -> int:
    """Publish every BPMN file of the pack, unless the office has changed it; return how many there are.

    What another file calls is published before it. Raises PackError.
    """
    files = {}
    for path in pack.files("**/*.bpmn"):
        with _telling(pack, path):
            files[path] = check_definition(path.read_bytes())
    paths: dict[str, Path] = {}
    said: dict[str, list[str]] = {}
    for path, graph in _called_first(files):
        paths[graph.key] = path
        # What it calls is a part of what is said: a caller is published anew when that changed.
        called = [word for key in called_keys(graph) for word in said.get(key, ())]
        said[graph.key] = [hashlib.sha256(path.read_bytes()).hexdigest(), *called]

    def put(key: str) -> None:
        with _telling(pack, paths[key]):
            publish(actor=actor, key=key, xml=paths[key].read_bytes(), at=at)

    bring(pack, "process", said, standing=_standing, put=put, at=at)
    return len(files)


def _standing(keys: Collection[str]) -> dict[str, str]:
    newest = Definition.objects.filter(key__in=keys).order_by("key", "-version").distinct("key")
    return dict(newest.values_list("key", "digest"))


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
