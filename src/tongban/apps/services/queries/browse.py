"""Browsing the catalogue: by theme, life event, department, kind; main items with what is handled under them; limits compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Count
from django.urls import reverse

from tongban.apps.services.models import Item, ItemVersion
from tongban.apps.services.rules.elements import LEGAL_THEMES, LIFE_EVENTS, PERSON_THEMES, TYPES
from tongban.apps.services.rules.quality import days_of
from tongban.base import published
from tongban.base.text import LocalizedText as T
from tongban.design.paging import Page, paginate
from tongban.kernel.identity import service as identity

__all__ = [
    "Compared",
    "Departments",
    "Filter",
    "Group",
    "Tile",
    "Totals",
    "browse",
    "compare_limits",
    "departments",
    "every_comparison",
    "filter_of",
    "life_events",
    "list_filtered",
    "main_item_of",
    "themes",
    "totals",
    "types",
]

PAGE = 30


@dataclass(frozen=True, slots=True)
class Tile:
    """A way into the catalogue: what it is called, how many items it leads to, where."""

    key: str
    label: T
    count: int
    url: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked at: facets that must hold, and a unit."""

    facets: tuple[str, ...] = ()
    unit: Any = None
    labels: tuple[T, ...] = ()

    @property
    def title(self) -> T:
        """What the page is called."""
        if not self.labels:
            return T("全部事项", "All services")
        return T("、".join(one.zh for one in self.labels), ", ".join(one.en or one.zh for one in self.labels))


@dataclass(slots=True)
class Group:
    """A main item with the items that are handled under it; one without a name for those that have none."""

    name: T
    items: list[Item] = field(default_factory=list)


def filter_of(query: Mapping[str, str]) -> Filter:
    """Read a filter from an address; what does not exist is left out."""
    facets: list[str] = []
    labels: list[T] = []
    unit = None
    if code := query.get("unit", "")[:60]:
        unit = next((each for each in identity.list_units(with_closed=True) if each.code == code), None)
        if unit is not None:
            labels.append(unit.name)
    for name, known in KNOWN.items():
        value = query.get(name, "")[:300]
        label = known(value)
        if value and label is not None:
            facets.append(f"{name}:{value}")
            labels.append(label)
    if query.get("online") == "1":
        facets.append("online")
        labels.append(T("能在网上办", "Online"))
    return Filter(tuple(facets), unit, tuple(labels))


EVENTS = {event.key: event.label for event in LIFE_EVENTS}
KNOWN: dict[str, Callable[[str], T | None]] = {
    "type": TYPES.get,
    "person": lambda value: T(value, PERSON_THEMES[value]) if value in PERSON_THEMES else None,
    "legal": lambda value: T(value, LEGAL_THEMES[value]) if value in LEGAL_THEMES else None,
    "event": EVENTS.get,
    "for": {"person": T("个人办事", "For people"), "legal": T("法人办事", "For businesses")}.get,
    "main": lambda value: T(value) if value else None,
}


def browse(wanted: Filter, *, number: int) -> tuple[Page[Item], list[Group]]:
    """Return a page of items, what can be applied for here first, and the same by main item."""
    page = paginate(list_filtered(wanted), number=number, size=PAGE)
    groups: list[Group] = []
    for item in page:
        name = T.of(item.content.get("main_item"))
        if not groups or groups[-1].name != name:
            groups.append(Group(name))
        groups[-1].items.append(item)
    return page, groups


def list_filtered(wanted: Filter) -> Any:
    """Return the items in force that a filter leaves, online ones first, then by main item and name."""
    items = Item.objects.filter(is_in_force=True).select_related("unit")
    if wanted.facets:
        items = items.filter(facets__contains=list(wanted.facets))
    if wanted.unit is not None:
        items = items.filter(unit__in=_with_predecessors(wanted.unit))
    return items.order_by("order", "content__main_item__zh", "name__zh", "key")


def main_item_of(item: Item) -> Tile | None:
    """Return the main item under which an item is handled, with the way to its siblings; None when it stands alone."""
    name = T.of(item.content.get("main_item"))
    return Tile(name.zh, name, 0, _to(main=name.zh)) if name else None


def life_events() -> list[Tile]:
    """Return the life events that have items, in their order."""
    return [
        Tile(event.key, event.label, count, _to(event=event.key), event.icon)
        for event in LIFE_EVENTS
        if (count := _counts.get("facets").get(f"event:{event.key}", 0))
    ]


def themes(kind: str) -> list[Tile]:
    """Return the themes for people ("person") or businesses ("legal") that have items."""
    known = {"person": PERSON_THEMES, "legal": LEGAL_THEMES}[kind]
    return [
        Tile(zh, T(zh, en), count, _to(**{kind: zh}))
        for zh, en in known.items()
        if (count := _counts.get("facets").get(f"{kind}:{zh}", 0))
    ]


def types() -> list[Tile]:
    """Return the kinds of item that there are."""
    return [
        Tile(code, label, count, _to(type=code))
        for code, label in TYPES.items()
        if (count := _counts.get("facets").get(f"type:{code}", 0))
    ]


@dataclass(frozen=True, slots=True)
class Departments:
    """Our own units that have items, and those that an imported catalogue brought."""

    ours: list[Tile]
    imported: list[Tile]


def departments() -> Departments:
    """Return the units that have items; one that was merged counts for its successor."""
    counts: Counter[int] = Counter(_counts.get("units"))
    units = identity.list_units(with_closed=True)
    by_pk = {unit.pk: unit for unit in units}
    for unit in units:
        if unit.closed_at is not None and counts.get(unit.pk):
            heir = unit
            while heir.closed_at is not None:
                heir = by_pk[heir.successor_id]
            counts[heir.pk] += counts.pop(unit.pk)
    tiles = [
        (unit.kind == "imported", Tile(unit.code, unit.name, counts[unit.pk], _to(unit=unit.code)))
        for unit in units
        if counts.get(unit.pk)
    ]
    return Departments(
        [tile for foreign, tile in tiles if not foreign], [tile for foreign, tile in tiles if foreign]
    )


def _to(**query: str) -> str:
    return f"{reverse('services:catalogue')}?{urlencode(query)}"


def _with_predecessors(unit: Any) -> list[int]:
    """Return the unit and all that were merged into it."""
    found, todo = [], [unit]
    units = identity.list_units(with_closed=True)
    while todo:
        one = todo.pop()
        found.append(one.pk)
        todo += [each for each in units if each.successor_id == one.pk]
    return found


def _load_counts(what: str) -> dict[Any, int]:
    if what == "units":
        rows = Item.objects.filter(is_in_force=True).values_list("unit_id").annotate(n=Count("pk")).order_by()
        return dict(rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT facet, count(*) FROM services_item, unnest(facets) AS facet "
            "WHERE is_in_force AND facet NOT LIKE 'main:%' GROUP BY facet"
        )
        return dict(cursor.fetchall())


_counts: published.Kept[str, dict[Any, int]] = published.Kept(
    ("services_item", "identity_unit"), _load_counts
)


# --- limits ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compared:
    """The limits of an item: what the law gives, what was promised before, what is promised now and since when.

    ``saved`` is how much shorter than the law the promise is, in percent; None where the two cannot be compared.
    """

    item: Item
    statutory: T
    before: T | None
    promised: T | None
    since: date | None
    saved: int | None


@dataclass(frozen=True, slots=True)
class Totals:
    """The usual measures over all items that state limits. Shares are of ``count``, in percent."""

    count: int
    saved: int | None
    at_once: int
    no_visit: int
    online: int


def compare_limits(wanted: Filter, *, number: int) -> Page[Compared]:
    """Return a page of items with their limits before and after. Three queries."""
    page = paginate(_with_limits(wanted), number=number, size=PAGE)
    return Page(items=_compared(page.items), number=page.number, has_next=page.has_next)


def every_comparison(wanted: Filter) -> Iterator[Compared]:
    """Yield all of them, some hundred at a time."""
    number = 1
    while True:
        page = paginate(_with_limits(wanted), number=number, size=300)
        yield from _compared(page.items)
        if not page.has_next:
            return
        number += 1


def _with_limits(wanted: Filter) -> Any:
    return list_filtered(Filter((*wanted.facets, "limits"), wanted.unit, wanted.labels))


def _compared(items: Sequence[Item]) -> list[Compared]:
    rows = (
        ItemVersion.objects.filter(item__in=items)
        .order_by("item_id", "version")
        .values_list("item_id", "version", "valid_from", "content__limits__promised")
    )
    history: dict[int, list[tuple[int, date, dict[str, Any]]]] = {}
    for pk, version, valid_from, promised in rows:
        history.setdefault(pk, []).append((version, valid_from, promised or {}))
    return [_one(item, history.get(item.pk, [])) for item in items]


def _one(item: Item, history: Sequence[tuple[int, date, dict[str, Any]]]) -> Compared:
    limits = item.content["limits"]
    statutory, promised = limits.get("statutory"), limits.get("promised")
    told: list[tuple[dict[str, Any], date]] = []
    for version, valid_from, past in history:
        if version <= item.version and (not told or told[-1][0].get("limit") != past.get("limit")):
            told.append((past, valid_from))
    earlier = told[-2][0] if len(told) > 1 else None
    return Compared(
        item=item,
        statutory=_words(statutory),
        before=_words(earlier) if earlier else None,
        promised=_words(promised) if promised else None,
        since=told[-1][1] if earlier else None,
        saved=saved_percent(statutory, promised),
    )


def saved_percent(statutory: Mapping[str, Any] | None, promised: Mapping[str, Any] | None) -> int | None:
    """Return (statutory - promised) / statutory in percent, None where there is nothing to compare."""
    law, word = days_of(statutory), days_of(promised)
    if not law or not word or not law[0] or (law[1] != word[1] and word[0]):
        return None
    return round(100 * (law[0] - word[0]) / law[0])


UNITS = {
    "wd": T("{n} 个工作日", "{n} working days"),
    "d": T("{n} 日", "{n} days"),
    "h": T("{n} 小时", "{n} hours"),
}


def _words(limit: Mapping[str, Any] | None) -> T:
    """Return a limit in a few words: "5 working days"."""
    found = days_of(limit)
    if found is None:
        return T("—", "—")
    return UNITS[found[1]].format(n=found[0]) if found[0] else T("当场办结", "On the spot")


def totals() -> Totals:
    """Return the measures over all items in force that state limits."""
    return _totals.get("all")


def _load_totals(_: str) -> Totals:
    rows = Item.objects.filter(is_in_force=True, facets__contains=["limits"]).values_list(
        "content__limits", "content__visits__count", "content__mode__online"
    )
    saved: list[int] = []
    count = at_once = no_visit = online = 0
    for limits, visits, is_online in rows.iterator(chunk_size=1000):
        count += 1
        percent = saved_percent(limits.get("statutory"), limits.get("promised"))
        saved += [percent] if percent is not None else []
        at_once += days_of(limits.get("promised")) in ((0, "wd"), (0, "d"), (0, "h"))
        no_visit += visits == 0
        online += bool(is_online)

    def share(number: int) -> int:
        return round(100 * number / count) if count else 0

    mean = round(sum(saved) / len(saved)) if saved else None
    return Totals(count, mean, share(at_once), share(no_visit), share(online))


_totals: published.Kept[str, Totals] = published.Kept(("services_item",), _load_totals)
