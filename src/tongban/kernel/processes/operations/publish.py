"""Publishing a process: a file becomes a version that instances can be started from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.identity.service import require_duty
from tongban.kernel.ledger.service import record
from tongban.kernel.processes import bpmn
from tongban.kernel.processes.errors import DefinitionRefused
from tongban.kernel.processes.examination import examine
from tongban.kernel.processes.graph import Graph, Kind, Problem
from tongban.kernel.processes.models import Definition

__all__ = ["check_definition", "graph_of", "publish"]


def publish(
    *, actor: Actor, key: str, xml: str | bytes, at: datetime, name: LocalizedText | None = None
) -> Definition:
    """Publish a BPMN file as the next version of ``key`` and return it. Raises DefinitionRefused.

    The very file that is current already makes no new version. Running instances keep theirs.
    """
    require_duty(actor, "admin.system")
    content = xml.encode() if isinstance(xml, str) else xml
    graph = check_definition(content)
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        latest = Definition.objects.select_for_update().filter(key=key).order_by("-version").first()
        if latest is not None and latest.digest == digest and latest.is_current:
            return latest
        Definition.objects.filter(key=key, is_current=True).update(is_current=False)
        definition = Definition.objects.create(
            key=key,
            version=latest.version + 1 if latest else 1,
            name=name or LocalizedText(*graph.label) or LocalizedText(key),
            xml=content.decode(),
            digest=digest,
            published_at=at,
        )
        record(
            actor=actor,
            verb="processes.publish",
            subject=Ref.to("process", key),
            payload={"sha256": digest},
            facts={"version": definition.version},
            at=at,
        )
    return definition


def check_definition(xml: bytes) -> Graph:
    """Read and judge a file as publishing does. Raises DefinitionRefused with every problem found."""
    examined = examine(xml)
    if examined.graph is None or examined.refusals or examined.fault:
        raise DefinitionRefused(examined.refusals, examined.fault)
    unwired = list(_not_yet_wired(examined.graph))
    if unwired:
        raise DefinitionRefused(unwired)
    return examined.graph


@lru_cache(maxsize=256)
def graph_of(definition_id: int) -> Graph:
    """Return the compiled graph of a definition. Definitions never change, so it is compiled once a process."""
    return bpmn.parse(Definition.objects.values_list("xml", flat=True).get(pk=definition_id).encode())


def _not_yet_wired(graph: Graph) -> Iterator[Problem]:
    """What the engine can do and this module cannot store yet."""
    for node in graph.nodes.values():
        if node.kind.is_scope or node.kind is Kind.RULE or node.repeat is not None or not node.interrupts:
            yield Problem(node.kind.value, node.id, "还不支持这种元素", "this element is not supported")
