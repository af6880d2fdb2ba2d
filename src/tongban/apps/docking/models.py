"""Destinations, the records that go to them in order, what happened to each record, and what they say they have."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from tongban.apps.docking import rules
from tongban.apps.docking.rendering import Style
from tongban.base.ref import Ref
from tongban.base.text import LocalizedTextField
from tongban.base.veiled import VeiledJSON

__all__ = ["Destination", "Passed", "Record", "Statement", "Trace"]


class Destination(models.Model):
    """An upper platform to which records go: a directory (``drop``) or an address (``http``).

    ``address`` is the directory below the exchange directory of the installation, or the URL. ``settings`` holds the
    rest (``SETTINGS``), never a secret: that is a file. ``at_xid`` and ``at_act`` say up to where in the ledger it
    was followed, ``last_sequence`` is the last number given to a record. ``uid`` makes its idempotency keys its own.
    ``failures``, ``trouble`` and ``retry_at`` say that it cannot be reached at present, since how many tries, why,
    and when it is tried again.
    """

    DROP, HTTP = "drop", "http"

    key = models.SlugField(max_length=40, unique=True)
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    name = LocalizedTextField()
    kind = models.CharField(max_length=10)
    address = models.CharField(max_length=300)
    settings = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    at_xid = models.BigIntegerField(default=0)
    at_act = models.BigIntegerField(default=0)
    last_sequence = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=200, blank=True)
    failures = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["drop", "http"]), name="docking_destination_kind")
        ]

    SETTINGS: dict[str, Any] = {
        "form": "json",
        "names": "chinese",
        "with_t": False,
        "widths": "wide",
        "tables": [],
        "batch": 50,
        "timeout": 10,
        "attempts": 12,
        "receipt_hours": 24,
        "keep_days": 90,
        "demo_peer": False,
    }
    """The settings and their defaults. An empty ``tables`` means all."""

    def setting(self, name: str) -> Any:
        """Return a setting or its default."""
        return self.settings.get(name, self.SETTINGS[name])

    @property
    def style(self) -> Style:
        """How records are written for it."""
        return Style(
            form=self.setting("form"), names=self.setting("names"), with_t=bool(self.setting("with_t"))
        )

    @property
    def ref(self) -> Ref:
        """The destination as others know it."""
        return Ref.to("destination", self.key)

    def wants(self, table: str) -> bool:
        """Say whether records of a table go there."""
        return not self.setting("tables") or table in self.setting("tables")


class Record(models.Model):
    """One record on its way to one destination. ``content`` is forgotten some time after its acceptance; its digest stays.

    ``key`` names what it is about within its table (a case number, a step of it); ``subject`` is the thing whose
    records must arrive in order; ``act_id`` the act of the ledger that made it. ``idempotency`` is the key by which
    the other side lets it have one effect: it stays the same however often the same content is sent.
    """

    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="records")
    sequence = models.BigIntegerField()
    table = models.CharField(max_length=20)
    key = models.CharField(max_length=120)
    subject = models.CharField(max_length=80)
    case_number = models.CharField(max_length=40, blank=True)
    act_id = models.BigIntegerField()
    day = models.DateField()
    content = VeiledJSON(null=True)
    digest = models.CharField(max_length=80)
    idempotency = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=10, default=rules.WAITING)
    faults = models.JSONField(default=list)
    reason = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    package = models.CharField(max_length=80, blank=True)
    claimed_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    receipt = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["destination", "sequence"], name="docking_record_sequence"),
            models.UniqueConstraint(
                fields=["destination", "act_id", "table", "key"], name="docking_record_once_an_act"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=sorted({*rules.TROUBLE, *rules.OVER, rules.WAITING, rules.SENDING, rules.SENT})
                ),
                name="docking_record_state",
            ),
            models.CheckConstraint(
                condition=~Q(state=rules.SENDING) | Q(claimed_until__isnull=False),
                name="docking_record_claimed",
            ),
            models.CheckConstraint(
                condition=Q(content__isnull=False) | Q(state__in=sorted(rules.OVER)),
                name="docking_record_content",
            ),
        ]
        indexes = [
            models.Index(
                fields=["destination", "sequence"],
                condition=Q(state="waiting"),
                name="docking_record_waiting",
            ),
            models.Index(
                fields=["destination", "subject", "sequence"],
                condition=~Q(state__in=["accepted", "skipped"]),
                name="docking_record_in_order",
            ),
            models.Index(fields=["destination", "state", "-sequence"], name="docking_record_states"),
            models.Index(fields=["destination", "day", "table"], name="docking_record_day"),
            models.Index(fields=["case_number"], name="docking_record_case"),
        ]

    @property
    def ref(self) -> Ref:
        """The record as others know it."""
        return Ref.to("docking-record", self.pk)


class Trace(models.Model):
    """One thing that happened to a record: made, sent, an answer, a receipt, what a person did about it."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="traces")
    at = models.DateTimeField()
    what = models.CharField(max_length=14)
    text = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["record", "id"], name="docking_trace_record")]


class Statement(models.Model):
    """What a destination says it has of one day: ``{key: {"table", "digest"}}``. A later one replaces it."""

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="statements")
    day = models.DateField()
    taken_at = models.DateTimeField()
    content = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["destination", "day"], name="docking_statement_day")]


class Passed(models.Model):
    """A transaction whose acts are told to nobody, up to its last one: it loaded cases that are made up (``demo cases``)."""

    xid = models.BigIntegerField(primary_key=True)
    last_act = models.BigIntegerField()
    at = models.DateTimeField()
