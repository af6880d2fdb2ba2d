"""What was said to whom, and how it travelled."""

from __future__ import annotations

import uuid

from django.db import models

from tongban.base import work
from tongban.base.text import LocalizedTextField
from tongban.base.veiled import VeiledLocalizedText

__all__ = ["Delivery", "Message", "MessageTemplate", "MessageVersion"]


class MessageTemplate(models.Model):
    """Words with {places}, kept as content: changing them needs no programmer."""

    key = models.CharField(max_length=80, primary_key=True)
    subject = LocalizedTextField()
    body = LocalizedTextField()


class MessageVersion(models.Model):
    """The words of a message as they were from a moment on: what was said to whom can be told years later."""

    key = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    subject = LocalizedTextField()
    body = LocalizedTextField()
    put_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="messages_version_once"),
        ]


class Message(models.Model):
    """One message to one person, with the words as they were when it was sent.

    ``person`` is None for somebody without an account, who gets e-mail only.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey("identity.Person", null=True, on_delete=models.PROTECT, related_name="+")
    template = models.CharField(max_length=80)
    subject = VeiledLocalizedText()
    body = VeiledLocalizedText()
    link = models.CharField(max_length=300, blank=True)
    occasion_kind = models.CharField(max_length=40)
    occasion_id = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-created_at"], name="messages_inbox"),
            models.Index(fields=["person"], condition=models.Q(read_at__isnull=True), name="messages_unread"),
            models.Index(fields=["occasion_kind", "occasion_id"], name="messages_by_occasion"),
        ]


@work.numbered
class Delivery(models.Model):
    """One way by which a message travels, and how far it has come."""

    class State(models.TextChoices):
        CREATED = "created", "待发送"
        SENT = "sent", "已发送"
        RETRIED = "retried", "重试中"
        FAILED = "failed", "发送失败"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=254, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CREATED)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "channel"], name="messages_once_a_channel"),
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False)
                | (~models.Q(state="sent") & models.Q(sent_at__isnull=True)),
                name="messages_sent_has_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["state"], condition=~models.Q(state="sent"), name="messages_delivery_open")
        ]
