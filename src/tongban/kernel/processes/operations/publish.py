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
from tongban.kernel.calendars.service import Limit
from tongban.kernel.decisions.errors import ExpressionError
from tongban.kernel.decisions.service import check_expression
from tongban.kernel.identity.service import require_duty
from tongban.kernel.ledger.service import record
from tongban.kernel.processes import bpmn, structure
from tongban.kernel.processes.errors import DefinitionRefused
from tongban.kernel.processes.graph import Graph, Problem
from tongban.kernel.processes.models import Definition
from tongban.kernel.processes.registry import operations

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
    try:
        xml.decode()
        graph = bpmn.parse(xml)
    except UnicodeDecodeError:
        raise DefinitionRefused(
            [Problem("definitions", "", "文件要用 UTF-8 编码", "the file must be UTF-8")]
        ) from None
    except bpmn.Refused as refused:
        raise DefinitionRefused(refused.problems) from None
    problems = [*structure.check(graph), *_unknown_words(graph)]
    if problems:
        raise DefinitionRefused(problems)
    return graph


@lru_cache(maxsize=256)
def graph_of(definition_id: int) -> Graph:
    """Return the compiled graph of a definition. Definitions never change, so it is compiled once a process."""
    return bpmn.parse(Definition.objects.values_list("xml", flat=True).get(pk=definition_id).encode())


def _unknown_words(graph: Graph) -> Iterator[Problem]:
    """What other modules must know: expressions, limits, operations."""
    for element, key, expression in structure.expressions(graph):
        try:
            check_expression(expression)
        except ExpressionError as error:
            words = LocalizedText.of(error.detail) if error.detail else error.title
            yield Problem(element, key, f"“{expression}”：{words.zh}", f"{expression!r}: {words.en}")
    for node in graph.nodes.values():
        if node.limit:
            try:
                Limit.parse(node.limit)
            except ValueError as error:
                yield Problem(node.kind.value, node.id, f"期限写法不对：“{node.limit}”", str(error))
        if node.operation and node.operation not in operations:
            yield Problem(
                node.kind.value,
                node.id,
                f"没有登记这个操作：“{node.operation}”",
                f"no operation is registered as {node.operation!r}",
            )
