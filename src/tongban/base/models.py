"""The few tables that every module may need: counters, the outbox, idempotency keys, what packs brought, the demo's time."""

from __future__ import annotations

from django.db import models

from tongban.base import work
from tongban.base.veiled import VeiledJSON

__all__ = ["Brought", "BuiltIn", "Counter", "Event", "EventReceipt", "IdempotencyKey", "Stamp", "TimeOffset"]


class Counter(models.Model):
    """The last number given for a key, for numbers that may have no gaps (papers, documents, certificates)."""

    key = models.CharField(max_length=200, primary_key=True)
    last = models.BigIntegerField(default=0)


@work.numbered
class Event(models.Model):
    """Something that happened, written in the transaction in which it happened, handled after commit."""

    name = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=64)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(done_at__isnull=True), name="base_event_open")
        ]


class EventReceipt(models.Model):
    """One handler has handled one event: the pair is unique, so a handler that is called again knows."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="receipts")
    handler = models.CharField(max_length=120)
    handled_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "handler"], name="base_receipt_once")]


class IdempotencyKey(models.Model):
    """The answer already given to a creating request, so that its repetition creates nothing."""

    account_id = models.BigIntegerField()
    key = models.CharField(max_length=200)
    operation = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    answer = VeiledJSON(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "key"], name="base_idempotency_once")]


class TimeOffset(models.Model):
    """How far the demo's time source has been moved forward; at most one row, never outside the demo."""

    seconds = models.BigIntegerField(default=0)


class Stamp(models.Model):
    """The present stamp of a table of published content; a trigger changes it with the table (see ``published``)."""

    key = models.CharField(max_length=80, primary_key=True)
    value = models.UUIDField()


class Brought(models.Model):
    """What a pack brought last under a key: digests of what the pack said, and of how the thing stood right afterwards."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    pack = models.CharField(max_length=80)
    said = models.CharField(max_length=64)
    stood = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="base_brought_once")]


class BuiltIn(models.Model):
    """Which version of a content the program itself put last (see ``builtin``): a later one is somebody else's."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="base_builtin_once")]
