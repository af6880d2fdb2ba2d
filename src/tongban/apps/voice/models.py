"""Mailboxes, letters and their answers. A letter is a case; only what a letter has beyond a case stands
here.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from tongban.base.text import LocalizedTextField
from tongban.base.veiled import VeiledText

__all__ = ["Answer", "Letter", "Mailbox"]


class Mailbox(models.Model):
    """Somebody who can be written to: which office sorts the letters, by which form and process, within
    which limits.

    ``limits`` is content: ``{"assignment": {...}, "general": {...}, "complex": {...}}``, each with ``limit``
    ("3wd"), ``label``, ``legal_source`` and ``confidence``. ``reopen_days`` is what papers tell of the timer
    in the process.
    """

    key = models.SlugField(max_length=40, primary_key=True)
    name = LocalizedTextField()
    intro = LocalizedTextField()
    office = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    form = models.CharField(max_length=80)
    process = models.CharField(max_length=80)
    paper = models.CharField(max_length=60)
    limits = models.JSONField(default=dict)
    reopen_days = models.PositiveSmallIntegerField(default=15)
    is_open = models.BooleanField(default=True)


class Letter(models.Model):
    """A letter. ``send_key`` makes sending the same page twice one letter; ``email`` is that of a writer
    without account.

    ``bureau`` is the unit that answers now; ``outcome`` is how the writer felt in the end: satisfied,
    silent, or empty.
    """

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, primary_key=True, related_name="+")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="letters")
    send_key = models.CharField(max_length=40, unique=True, null=True)  # noqa: DJ001 - "" is not unique
    topic = models.CharField(max_length=20)
    may_publish = models.BooleanField(default=False)
    email = models.EmailField(blank=True)
    bureau = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+", null=True)
    complexity = models.CharField(max_length=10, blank=True)
    rounds = models.PositiveSmallIntegerField(default=0)
    declined_because = models.TextField(blank=True)
    outcome = models.CharField(max_length=12, blank=True)

    class Meta:
        indexes = [models.Index(fields=["topic"], name="voice_letter_topic")]


class Answer(models.Model):
    """What the writer was told, round by round, and what of it the public may read (masked, and only
    then).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="answers")
    round = models.PositiveSmallIntegerField()
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    text = VeiledText()
    delivered_at = models.DateTimeField()
    paper_id = models.UUIDField(null=True)
    public_title = models.CharField(max_length=120, blank=True)
    public_question = models.TextField(blank=True)
    public_answer = models.TextField(blank=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "round"], name="voice_answer_round_once"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True)
                | (~Q(public_title="") & ~Q(public_question="") & ~Q(public_answer="")),
                name="voice_published_has_texts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-published_at"],
                condition=Q(published_at__isnull=False),
                name="voice_answer_published",
            )
        ]
