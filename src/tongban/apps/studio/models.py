"""Changes of what the office publishes, and the drafts that each consists of."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tongban.base.editables import Link
from tongban.base.text import LocalizedTextField

__all__ = ["Change", "Draft"]


class Change(models.Model):
    """A change is a case; this is its own row. ``editors`` are the ids of everybody who saved a draft of it: none of them may
    approve it. ``publish_on`` is the day from which it counts, None for at once.
    """

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, primary_key=True, related_name="+")
    reviewing = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    editors = models.JSONField(default=list)
    publish_on = models.DateField(null=True)
    published_at = models.DateTimeField(null=True)


class Draft(models.Model):
    """One thing that a change changes. Its content is the mapping that its kind publishes.

    ``base_version`` is the version it began from, 0 for something new. ``revision`` counts the savings, to tell two windows
    apart. ``faults`` is what the check said to this revision. While a change is open nobody else changes the same thing.
    """

    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=80)
    title = LocalizedTextField()
    content = models.JSONField()
    base_version = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(default=1)
    faults = models.JSONField(default=list)
    saved_at = models.DateTimeField()
    saved_by = models.CharField(max_length=120, blank=True)
    is_open = models.BooleanField(default=True)
    published_version = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"], condition=Q(is_open=True), name="studio_one_open_draft"
            ),
            models.UniqueConstraint(fields=["change", "kind", "key"], name="studio_draft_once_in_a_change"),
        ]

    @property
    def link(self) -> Link:
        """What it is a draft of."""
        return Link(self.kind, self.key)

    @property
    def is_new(self) -> bool:
        """True when nothing of this key was published before; the words that a program brought are version 0 of a message."""
        return self.base_version == 0 and self.kind != "message"

    @property
    def errors(self) -> int:
        """How many faults keep it from being published."""
        return sum(1 for fault in self.faults if fault["level"] == "error")
