"""Publishing a process: a file becomes a version that instances can be started from."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import connection, transaction

from tongban.base import published
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.identity.service import require_duty
from tongban.kernel.ledger.service import record
from tongban.kernel.processes.errors import DefinitionRefused
from tongban.kernel.processes.examination import examine
from tongban.kernel.processes.graph import Graph
from tongban.kernel.processes.models import Definition
from tongban.kernel.processes.operations.binding import bind

__all__ = ["check_definition", "current_definition", "publish"]


def publish(
    *, actor: Actor, key: str, xml: str | bytes, at: datetime, name: LocalizedText | None = None
) -> Definition:
    """Publish a BPMN file as the next version of ``key`` and return it. Raises DefinitionRefused.

    What it calls is bound to it as it stands now. The very file that is current already, bound to the same, makes no
    new version. Running instances keep theirs.
    """
    require_duty(actor, "admin.system")
    content = xml.encode() if isinstance(xml, str) else xml
    graph = check_definition(content)
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        _one_at_a_time(key)
        calls = bind(key, graph)
        latest = Definition.objects.filter(key=key).order_by("-version").first()
        if latest and latest.is_current and (latest.digest, latest.calls) == (digest, calls):
            return latest
        Definition.objects.filter(key=key, is_current=True).update(is_current=False)
        definition = Definition.objects.create(
            key=key,
            version=latest.version + 1 if latest else 1,
            name=name or LocalizedText(*graph.label) or LocalizedText(key),
            xml=content.decode(),
            digest=digest,
            calls=calls,
            published_at=at,
        )
        published.forget()
        record(
            actor=actor,
            verb="processes.publish",
            subject=Ref.to("process", key),
            payload={"sha256": digest, "calls": calls},
            facts={"version": definition.version},
            at=at,
        )
    return definition


def _one_at_a_time(key: str) -> None:
    """Let a second publication of this key wait for the first, also where there is no version to lock yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"process:{key}"])


def check_definition(xml: bytes) -> Graph:
    """Read and judge a file as publishing does. Raises DefinitionRefused with every problem found."""
    examined = examine(xml)
    if examined.graph is None or examined.refusals or examined.fault:
        raise DefinitionRefused(examined.refusals, examined.fault)
    return examined.graph


def current_definition(key: str) -> int | None:
    """Return the id of the current version, None when there is none of that key."""
    return _current.get(key)


_current: published.Kept[str, int | None] = published.Kept(
    ("processes_definition",),
    lambda key: Definition.objects.filter(key=key, is_current=True).values_list("pk", flat=True).first(),
)
