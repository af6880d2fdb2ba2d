"""Saying something to somebody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.base import published, work
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.messages.errors import MessagePlaceMissing
from tongban.kernel.messages.models import Delivery, Message, MessageTemplate, MessageVersion
from tongban.kernel.messages.words import words_of

__all__ = ["put_template", "send"]


def put_template(
    *, key: str, subject: LocalizedText, body: LocalizedText, at: datetime | None = None
) -> MessageTemplate:
    """Keep the words of a message; other words than before become its next version. Messages already sent keep theirs."""
    with transaction.atomic():
        last = MessageVersion.objects.select_for_update().filter(key=key).order_by("-version").first()
        if last is None or (last.subject, last.body) != (subject, body):
            number = last.version + 1 if last else 1
            MessageVersion.objects.create(key=key, version=number, subject=subject, body=body, put_at=at)
        row, _ = MessageTemplate.objects.update_or_create(
            key=key, defaults={"subject": subject, "body": body}
        )
    published.forget()
    return row


def send(
    *,
    to_person: UUID | None,
    template: str,
    context: Mapping[str, Any],
    occasion: Ref,
    at: datetime,
    to_email: str | None = None,
    link: str = "",
) -> Message | None:
    """Put a message into the person's box and, where there is an address, on its way by e-mail.

    ``to_email`` None means the person's own address; "" means no e-mail. Without person and address there is nobody to tell: the
    answer is None. The e-mail leaves by a job after commit. ``link`` is a path of this site. Raises MessageTemplateUnknown,
    MessagePlaceMissing.
    """
    if to_person is None and not to_email:
        return None
    with work.unit():
        subject, body = _words(template, context)
        message = Message(
            person_id=to_person,
            template=template,
            subject=subject,
            body=body,
            link=link,
            occasion_kind=occasion.kind,
            occasion_id=occasion.id,
            created_at=at,
        )
        if to_email is None and message.person is not None:
            to_email = message.person.email
        work.add(message)
        if to_person is not None:
            # The box is ours: what is in it has arrived (Electronic Signature Law art. 11).
            work.add(
                Delivery(message=message, channel="in_app", state=Delivery.State.SENT, attempts=1, sent_at=at)
            )
        if to_email:
            delivery = work.add(work.number(Delivery(message=message, channel="email", address=to_email)))
            work.defer("messages.deliver", delivery_id=delivery.pk)
    return message


def _words(template: str, context: Mapping[str, Any]) -> tuple[LocalizedText, LocalizedText]:
    subject, body = words_of(template)
    try:
        return subject.format(**context), body.format(**context)
    except (KeyError, IndexError) as missing:
        raise MessagePlaceMissing(template=template, place=str(missing)) from missing
