"""Service items, guided questions, ratings. Applications themselves are cases of the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models

from tongban.base.ref import Ref
from tongban.base.text import LocalizedText, LocalizedTextField
from tongban.kernel.calendars import service as calendars

__all__ = ["Guidance", "Item", "Rating"]


@dataclass(frozen=True, slots=True)
class ItemLimit:
    """A time limit of an item: "10wd", its wording, its legal source and how sure we are of it (S, M, m or L)."""

    value: str
    text: LocalizedText
    source: LocalizedText
    confidence: str


class Item(models.Model):
    """A handling item of the implementation list (业务办理项) with everything its guide shows.

    ``content`` holds the elements of GB/T 39554.2 as the pack wrote them (validated on loading); what is queried or decides
    is a column.
    """

    key = models.SlugField(max_length=60, unique=True)
    code = models.CharField(max_length=40, unique=True)
    name = LocalizedTextField()
    lead = LocalizedTextField()
    type_code = models.CharField(max_length=2)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    form_key = models.CharField(max_length=80)
    process_key = models.CharField(max_length=80)
    certificate_type = models.CharField(max_length=60, blank=True)
    content = models.JSONField()
    is_in_force = models.BooleanField(default=True)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["order", "key"]

    @property
    def ref(self) -> Ref:
        """The item as others know it."""
        return Ref.to("item", self.key)

    def text(self, name: str) -> LocalizedText:
        """Return a text element of the guide by name, empty when the item has none."""
        return LocalizedText.of(self.content.get(name))

    def limit(self, role: str) -> ItemLimit:
        """Return a time limit of the item: "statutory", "promised", "extension" or "delivery"."""
        row = self.content["limits"][role]
        return ItemLimit(
            value=row["limit"],
            text=LocalizedText.of(row["text"]),
            source=LocalizedText.of(row["source"]),
            confidence=row["confidence"],
        )

    def pause(self, reason: str) -> dict[str, Any]:
        """Return what the pack says of a special procedure beside its law: ``by`` whom it is done, a ``note`` for the paper."""
        found = (row for row in self.content.get("pauses") or () if isinstance(row, dict))
        return next((row for row in found if row["reason"] == reason), {})

    @property
    def terms(self) -> calendars.Terms:
        """What may happen to the limits of a decision: ``pauses`` and ``warnings`` of the content, the extension of its limits.

        Raises ValueError for what the Administrative Licensing Law does not know (``calendars.Terms``).
        """
        extension = self.content["limits"].get("extension")
        return calendars.Terms.of(
            {
                "pauses": self.content.get("pauses"),
                "warnings": self.content.get("warnings"),
                "extension": {"duty": "services.decide", "paper": "extension-notice", **extension}
                if extension
                else None,
            },
            paper="special-procedure-notice",
        )

    @property
    def applicant_kinds(self) -> list[str]:
        """Who may apply: "person", "entity" or both."""
        return self.content["applicant"]["kinds"]

    @property
    def materials(self) -> list[dict[str, Any]]:
        """The materials as the pack wrote them."""
        return self.content.get("materials", [])


class Guidance(models.Model):
    """A few questions that lead somebody who doesn't know the item's name to the right one, by a decision table."""

    key = models.SlugField(max_length=60, unique=True)
    title = LocalizedTextField()
    lead = LocalizedTextField()
    form_key = models.CharField(max_length=80)
    table_key = models.CharField(max_length=80)
    content = models.JSONField(default=dict)


class Rating(models.Model):
    """The applicant's word on how the case was handled. ``level`` follows GB/T 39046 A.8: 1 is best, 5 worst."""

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    item_key = models.CharField(max_length=60, db_index=True)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500, blank=True)
    channel = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level__gte=1, level__lte=5), name="services_rating_five_levels"
            ),
        ]
