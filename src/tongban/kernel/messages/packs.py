"""The words of messages in a pack: ``messages.yaml``."""

from __future__ import annotations

from datetime import datetime

from tongban.base.actor import Actor
from tongban.base.packs import Pack, section
from tongban.base.text import LocalizedText
from tongban.kernel.messages.operations.send import put_template

__all__ = ["load_messages"]


@section("messages", order=40)
def load_messages(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Keep every text of the list ``messages``: key, subject, body."""
    for row in pack.yaml("messages.yaml", "messages"):
        put_template(
            key=row["key"],
            subject=LocalizedText.of(row["subject"]),
            body=LocalizedText.of(row["body"]),
            at=at,
        )
