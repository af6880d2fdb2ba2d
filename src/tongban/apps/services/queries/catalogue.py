"""Reads for the public: finding an item, its guide, its rating."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Avg, Count, Q
from django.urls import reverse

from tongban.apps.services.errors import ItemNotFound
from tongban.apps.services.models import Guidance, Item, ItemVersion, PublicNotice, Rating
from tongban.apps.services.rules.listing import material_facts
from tongban.base import published
from tongban.base.text import LocalizedText
from tongban.kernel.decisions import service as decisions
from tongban.kernel.decisions.errors import NoRuleApplies
from tongban.kernel.search import service as search

__all__ = [
    "Answer",
    "Found",
    "GuideMaterial",
    "NoticeView",
    "RatingSummary",
    "answer_guidance",
    "find_items",
    "get_guidance",
    "guide_materials",
    "list_items",
    "list_notices",
    "list_suggestions",
    "rating_of",
    "satisfaction",
    "validity_of",
]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave: guidances first (they ask one question), then items, then anything else public."""

    guidances: list[Guidance]
    items: list[Item]
    others: list[Any]
    is_guess: bool = False

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was found."""
        return not (self.guidances or self.items or self.others)


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a guidance leads: the item and why."""

    item: Item
    reason: LocalizedText


@dataclass(frozen=True, slots=True)
class GuideMaterial:
    """A material on the guide: where it comes from and what the applicant has to do about it."""

    name: LocalizedText
    note: LocalizedText
    source: LocalizedText
    is_upload: bool
    is_optional: bool
    is_conditional: bool
    may_follow: bool
    sample: LocalizedText
    template: LocalizedText
    facts: list[tuple[LocalizedText, LocalizedText]]


@dataclass(frozen=True, slots=True)
class RatingSummary:
    """The ratings of an item: how many, and the mean as stars (5 best)."""

    count: int
    stars: float
    recent: list[Rating]


def find_items(query: str) -> Found:
    """Search in the visitor's own words. Everything comes from the index; at most 3 queries."""
    hits = search.search(query, limit=20)
    items = {
        item.key: item
        for item in Item.objects.filter(is_in_force=True)
        .select_related("unit")
        .filter(key__in=[hit.ref.id for hit in hits if hit.ref.kind == "item"])
    }
    guidances = {
        g.key: g
        for g in Guidance.objects.filter(key__in=[h.ref.id for h in hits if h.ref.kind == "guidance"])
    }
    return Found(
        guidances=[guidances[h.ref.id] for h in hits if h.ref.kind == "guidance" and h.ref.id in guidances],
        items=[items[h.ref.id] for h in hits if h.ref.kind == "item" and h.ref.id in items],
        others=[hit for hit in hits if hit.ref.kind not in ("item", "guidance")],
        is_guess=any(hit.is_guess for hit in hits),
    )


def list_items(*, online: bool = False) -> list[Item]:
    """Return all items in force, in their order; with ``online`` only those that can be applied for here."""
    items = Item.objects.filter(is_in_force=True).select_related("unit")
    return list(items.exclude(form_key="") if online else items)


@dataclass(frozen=True, slots=True)
class NoticeView:
    """An application on public notice, masked, and where to object."""

    name: LocalizedText
    unit: LocalizedText
    lines: list[dict[str, LocalizedText]]
    since: datetime
    until: date
    phone: str


def list_notices(limit: int = 100) -> list[NoticeView]:
    """Return what is on public notice now, newest first; a case that has ended meanwhile is not shown any more."""
    notices = PublicNotice.objects.filter(ended_at=None, case__closed_at=None).select_related("unit", "case")
    found = list(notices[:limit])
    items = {item.key: item for item in Item.objects.filter(key__in={notice.item_key for notice in found})}
    return [
        NoticeView(
            name=notice.case.title,
            unit=notice.unit.name,
            lines=[
                {word: LocalizedText.of(line[word]) for word in ("label", "value")} for line in notice.lines
            ],
            since=notice.published_at,
            until=notice.until,
            phone=items[notice.item_key].content["phones"]["complaint"],
        )
        for notice in found
    ]


def get_guidance(key: str) -> Guidance:
    """Return a guidance. Raises ItemNotFound."""
    guidance = Guidance.objects.filter(key=key).first()
    if guidance is None:
        raise ItemNotFound(guidance=key)
    return guidance


def answer_guidance(guidance: Guidance, data: dict[str, Any], *, at: datetime) -> Answer | None:
    """Return the item that the decision table names for these answers, None when no rule fits."""
    try:
        decision = decisions.decide(guidance.table_key, data, on=at)
    except NoRuleApplies:  # a gap in the table: the page says whom to ask
        return None
    key = decision.result.get("item")
    item = Item.objects.select_related("unit").filter(key=key, is_in_force=True).first()
    return Answer(item, LocalizedText.of(decision.because)) if item is not None else None


def guide_materials(item: Item) -> list[GuideMaterial]:
    """Return the materials as the guide shows them: those to upload first."""
    rows = [
        GuideMaterial(
            name=LocalizedText.of(m["name"]),
            note=LocalizedText.of(m.get("note")),
            source=LocalizedText.of(m["source"]["text"]),
            is_upload=m.get("action") == "upload",
            is_optional=not m.get("required", True),
            is_conditional=bool(m.get("when")),
            may_follow=bool(m.get("tolerable")),
            sample=LocalizedText.of(m.get("sample")),
            template=LocalizedText.of(m.get("template")),
            facts=material_facts(m),
        )
        for m in item.materials
    ]
    return sorted(rows, key=lambda row: not row.is_upload)


def validity_of(item: Item) -> tuple[date | None, date | None]:
    """Return from when the version in force is valid and, when a later one waits already, until when."""
    return _validity.get((item.pk, item.version))


def _load_validity(named: tuple[int, int]) -> tuple[date | None, date | None]:
    found = ItemVersion.objects.filter(item_id=named[0], version=named[1])
    return found.values_list("valid_from", "valid_to").first() or (None, None)


_validity = published.Kept(("services_itemversion",), _load_validity)


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """How many rated in a period, and the share of the three satisfied levels (1 to 3), 0 to 100."""

    count: int
    percent: float


def satisfaction(*, since: datetime) -> Satisfaction:
    """Return the satisfaction of all who rated of themselves; silence is not counted as praise."""
    numbers = Rating.objects.filter(at__gte=since).aggregate(
        n=Count("pk"), satisfied=Count("pk", filter=Q(level__lte=3))
    )
    return Satisfaction(numbers["n"], 100 * numbers["satisfied"] / numbers["n"] if numbers["n"] else 0.0)


def list_suggestions(limit: int = 4) -> list[tuple[LocalizedText, str]]:
    """Return the titles of guidances with the addresses that answer them."""
    return [
        (guidance.title, reverse("services:guidance", args=[guidance.key]))
        for guidance in Guidance.objects.order_by("key")[:limit]
    ]


def rating_of(item: Item) -> RatingSummary:
    """Return the ratings of an item (two queries). A rater is never named."""
    numbers = Rating.objects.filter(item_key=item.key).aggregate(n=Count("pk"), mean=Avg("level"))
    recent = list(Rating.objects.filter(item_key=item.key).exclude(text="").order_by("-at")[:3])
    return RatingSummary(numbers["n"], round(6 - numbers["mean"], 1) if numbers["mean"] else 0.0, recent)
