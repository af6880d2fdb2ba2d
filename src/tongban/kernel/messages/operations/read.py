"""Marking messages as read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tongban.base.actor import Actor
from tongban.kernel.messages.errors import MessageNotFound
from tongban.kernel.messages.models import Message

__all__ = ["mark_all_read", "mark_read"]


def mark_read(*, actor: Actor, message_id: UUID, at: datetime) -> Message:
    """Note when the person first read a message. Raises MessageNotFound for anybody else's."""
    if actor.person_id is None:
        raise MessageNotFound
    message = Message.objects.filter(pk=message_id, person_id=actor.person_id).first()
    if message is None:
        raise MessageNotFound
    if message.read_at is None:
        Message.objects.filter(pk=message_id, read_at__isnull=True).update(read_at=at)
        message.read_at = at
    return message


def mark_all_read(*, actor: Actor, at: datetime) -> int:
    """Note that the person has read everything in the box; return how many that were."""
    if actor.person_id is None:
        return 0
    return Message.objects.filter(person_id=actor.person_id, read_at__isnull=True).update(read_at=at)
