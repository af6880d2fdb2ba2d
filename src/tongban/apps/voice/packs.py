"""The mailboxes of a pack: every ``mailbox.yaml``. Its forms, papers, texts and process load with their own
sections.
"""

from __future__ import annotations

from datetime import datetime

from tongban.apps.voice.operations.mailboxes import put_mailbox
from tongban.base.actor import Actor
from tongban.base.packs import Pack, section

__all__ = ["load_mailboxes"]


@section("mailboxes", order=60)
def load_mailboxes(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Set up every mailbox."""
    for file in pack.files("**/mailbox.yaml"):
        put_mailbox(actor=actor, content=pack.yaml(file), at=at)
