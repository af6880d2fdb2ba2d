"""The mailboxes of a pack: every ``mailbox.yaml``. Its forms, papers, texts and process load with their own
sections.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from tongban.apps.voice.models import Mailbox
from tongban.apps.voice.operations.mailboxes import put_mailbox
from tongban.base.actor import Actor
from tongban.base.bringing import bring
from tongban.base.packs import Pack, section

__all__ = ["load_mailboxes"]


@section("mailboxes", order=60)
def load_mailboxes(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Set up every mailbox."""
    said = {content["key"]: content for content in map(pack.yaml, pack.files("**/mailbox.yaml"))}

    def put(key: str) -> None:
        put_mailbox(actor=actor, content=said[key], at=at)

    bring(pack, "mailbox", said, standing=_standing, put=put, at=at)


def _standing(keys: Collection[str]) -> dict[str, Any]:
    return {str(row["key"]): row for row in Mailbox.objects.filter(pk__in=keys).values()}
