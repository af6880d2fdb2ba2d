"""The processes of a pack: every ``process.bpmn``, published under the id of its process element."""

from __future__ import annotations

from datetime import datetime

from tongban.base.actor import Actor
from tongban.base.packs import Pack, PackError, section
from tongban.kernel.processes.errors import DefinitionRefused
from tongban.kernel.processes.operations.publish import check_definition, publish

__all__ = ["load_processes", "register"]


def load_processes(pack: Pack, *, actor: Actor, at: datetime) -> int:
    """Publish every BPMN file of the pack; return how many there are. The same file makes no new version."""
    files = pack.files("**/*.bpmn")
    for path in files:
        xml = path.read_bytes()
        try:
            publish(actor=actor, key=check_definition(xml).key, xml=xml, at=at)
        except DefinitionRefused as refused:
            raise PackError(f"{path.relative_to(pack.path)}: {refused.detail}") from refused
    return len(files)


def register() -> None:
    """Make the section known."""
    section("processes", order=45)(load_processes)
