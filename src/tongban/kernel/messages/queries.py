"""Reads of messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.statements import Text
from tongban.base.text import LocalizedText
from tongban.design.counts import Rows, count_together
from tongban.design.paging import Page, paginate
from tongban.kernel.messages.models import Delivery, Message

__all__ = [
    "DeliveryRow",
    "FailedDelivery",
    "MessageRow",
    "box_for",
    "deliveries_of",
    "failed_deliveries",
    "inbox_of",
    "unread",
    "unread_count",
]


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as the box shows it."""

    id: UUID
    subject: LocalizedText
    body: LocalizedText
    link: str
    occasion: Ref
    created_at: datetime
    is_read: bool


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """How one message about something travels. The address is not shown here."""

    channel: str
    state: str
    attempts: int
    last_error: str
    created_at: datetime
    sent_at: datetime | None
    subject: LocalizedText


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """A message that did not get through, as who runs the machines sees it: neither to whom nor what it says."""

    id: int
    channel: str
    occasion: Ref
    created_at: datetime
    attempts: int
    error: str


def failed_deliveries(*, limit: int = 100) -> list[FailedDelivery]:
    """Return the deliveries that were given up, oldest first. Who may see them is the caller's question."""
    rows = Delivery.objects.filter(state=Delivery.State.FAILED).select_related("message").order_by("pk")
    return [
        FailedDelivery(
            id=row.pk,
            channel=row.channel,
            occasion=Ref(row.message.occasion_kind, row.message.occasion_id),
            created_at=row.message.created_at,
            attempts=row.attempts,
            error=row.last_error,
        )
        for row in rows[:limit]
    ]


def inbox_of(person_id: UUID, *, limit: int = 20) -> list[MessageRow]:
    """Return a person's newest messages."""
    return [_row(message) for message in _messages(person_id)[:limit]]


def box_for(actor: Actor, *, number: int = 1, size: int = 20) -> Page[MessageRow]:
    """Return a page of the actor's own messages, newest first; an empty one for who is no person."""
    if actor.person_id is None:
        return Page(items=[])
    page = paginate(_messages(actor.person_id), number=number, size=size)
    return Page(items=[_row(row) for row in page], number=page.number, has_next=page.has_next)


def unread_count(actor: Actor) -> int:
    """Return how many messages wait unread, at most 99 (the sign on the bell shows no more)."""
    return count_together({"unread": unread(actor)})["unread"]


def unread(actor: Actor) -> Rows:
    """Return the messages that ``unread_count`` counts, for who counts several things together."""
    return _UNREAD.of(person_id=actor.person_id) if actor.person_id else Message.objects.none()


_UNREAD = Text(
    lambda person_id: (
        Message.objects.filter(person_id=person_id, read_at__isnull=True)
        .values_list("pk")[:99]
        .query.sql_with_params()
    )
)


def deliveries_of(occasion: Ref) -> list[DeliveryRow]:
    """Return how the messages about something travelled, oldest first."""
    rows = Delivery.objects.filter(message__occasion_kind=occasion.kind, message__occasion_id=occasion.id)
    return [
        DeliveryRow(
            channel=row.channel,
            state=row.state,
            attempts=row.attempts,
            last_error=row.last_error,
            created_at=row.message.created_at,
            sent_at=row.sent_at,
            subject=row.message.subject,
        )
        for row in rows.select_related("message").order_by("message__created_at", "id")
    ]


def _messages(person_id: UUID) -> QuerySet[Message]:
    return Message.objects.filter(person_id=person_id).order_by("-created_at", "id")


def _row(message: Message) -> MessageRow:
    return MessageRow(
        id=message.id,
        subject=message.subject,
        body=message.body,
        link=message.link,
        occasion=Ref(message.occasion_kind, message.occasion_id),
        created_at=message.created_at,
        is_read=message.read_at is not None,
    )
