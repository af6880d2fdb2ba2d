"""Rules that an office has put, cards, how far the watch has come, and inspections."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tongban.base.text import LocalizedTextField

__all__ = ["Card", "Inspection", "Place", "Rule"]


class Rule(models.Model):
    """A version of a rule that an office has put. The program's own rules are version 0 and stand in no table."""

    key = models.SlugField(max_length=60)
    version = models.PositiveIntegerField()
    content = models.JSONField()
    put_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="oversight_rule_version")]


class Card(models.Model):
    """A card is a case of its own; here is what it is about.

    ``rule_name`` and ``source`` are what the rule said when the card was given. ``occasion`` is what was found
    ("clock:17:2026-03-02"): each is found once. ``unit`` has to answer, ``supervisor`` decides. ``person_id`` is who had the step
    in hands, if anybody.
    """

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, primary_key=True, related_name="+")
    rule_key = models.CharField(max_length=60)
    rule_version = models.PositiveIntegerField()
    rule_name = LocalizedTextField()
    source = LocalizedTextField()
    says = LocalizedTextField()
    level = models.CharField(max_length=8)
    about = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    occasion = models.CharField(max_length=120)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    supervisor = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    person_id = models.UUIDField(null=True)
    given_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="told")
    plea = models.TextField(blank=True)
    accepts = models.BooleanField(null=True)
    pleaded_at = models.DateTimeField(null=True)
    escalated = models.PositiveSmallIntegerField(default=0)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule_key", "occasion"], name="oversight_card_once"),
            models.CheckConstraint(
                condition=Q(level__in=["warning", "yellow", "red"]), name="oversight_card_level"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["upheld", "withdrawn"], decided_at__isnull=False)
                | (~Q(state__in=["upheld", "withdrawn"]) & Q(decided_at__isnull=True)),
                name="oversight_card_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["-given_at"], name="oversight_card_newest"),
            models.Index(fields=["unit", "-given_at"], name="oversight_card_unit"),
            models.Index(fields=["about"], name="oversight_card_about"),
        ]


class Place(models.Model):
    """How far the watch has come: the place in the ledger, or the last step that it judged as taken in time or not.

    What happened before ``since`` is passed by: the rules do not look back.
    """

    key = models.CharField(max_length=10, primary_key=True)
    since = models.DateTimeField()
    xid = models.BigIntegerField(default=0)
    act = models.BigIntegerField(default=0)
    task = models.BigIntegerField(default=0)


class Inspection(models.Model):
    """An inspector opened a case of another unit: in which post, why, and until when it stays open to that post."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    holder = models.ForeignKey("identity.Holder", on_delete=models.PROTECT, related_name="+")
    person_id = models.UUIDField(null=True)
    reason = models.TextField()
    at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["until"], condition=Q(ended_at__isnull=True), name="oversight_inspect_open"),
            models.Index(fields=["holder", "-at"], name="oversight_inspect_mine"),
        ]
