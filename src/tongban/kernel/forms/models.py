"""Published form definitions and what people filled in."""

from __future__ import annotations

import uuid

from django.db import models

from tongban.base.text import LocalizedTextField
from tongban.base.veiled import VeiledJSON

__all__ = ["Entry", "FormDef"]


class FormDef(models.Model):
    """One published version of a form. Never changed: a correction is a new version, and running work keeps its own."""

    key = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    name = LocalizedTextField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    valid_from = models.DateField()
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="forms_version_once"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="forms_version_positive"),
        ]


class Entry(models.Model):
    """The answers to one form by one person for one purpose, from the first word typed to the submission.

    ``data`` holds every answer ever typed on a page, also to questions that are not asked any more: who changes back finds
    them again. What *counts* is decided when the entry is read (``answers_of``) and is all that remains once it is closed.
    ``provenance`` keeps, beside a bound answer, what the register said: value, source, as of, read at.
    ``page_saves`` says for each page at which revision and when it was last saved, to tell two devices apart.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    form = models.ForeignKey(FormDef, on_delete=models.PROTECT, related_name="entries")
    data = VeiledJSON(default=dict)
    provenance = VeiledJSON(default=dict)
    page_saves = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["updated_at"], condition=models.Q(closed_at__isnull=True), name="forms_entry_draft"
            )
        ]
