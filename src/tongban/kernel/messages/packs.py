"""The words of messages in a pack: ``messages.yaml``."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from tongban.base.actor import Actor
from tongban.base.bringing import bring
from tongban.base.packs import Pack, section
from tongban.base.text import LocalizedText
from tongban.kernel.messages.models import MessageTemplate
from tongban.kernel.messages.operations.send import put_template

__all__ = ["load_messages"]


@section("messages", order=40)
def load_messages(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Keep every text of the list ``messages``: key, subject, body."""
    rows = {row["key"]: row for row in pack.yaml("messages.yaml", "messages")}

    def put(key: str) -> None:
        subject, body = (LocalizedText.of(rows[key][name]) for name in ("subject", "body"))
        put_template(key=key, subject=subject, body=body, at=at)

    bring(pack, "message", rows, standing=_standing, put=put, at=at)


def _standing(keys: Collection[str]) -> dict[str, Any]:
    return {row.key: [row.subject, row.body] for row in MessageTemplate.objects.filter(pk__in=keys)}
