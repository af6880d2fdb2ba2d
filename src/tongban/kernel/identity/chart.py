"""The organisation as those see it who administer it: the tree of units, posts with duties and holders, what was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tongban.base.errors import NotFound
from tongban.base.text import LocalizedText
from tongban.kernel.identity import rules
from tongban.kernel.identity.models import Holding, Post, Unit, UnitVersion
from tongban.kernel.identity.queries.holdings import held_at

__all__ = [
    "HoldingRow",
    "PostRow",
    "UnitPage",
    "UnitRow",
    "VersionRow",
    "get_post",
    "list_posts",
    "unit_choices",
    "unit_page",
    "unit_tree",
]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit in the tree: how deep it stands, how many posts it has and how many people hold them."""

    unit: Unit
    depth: int
    posts: int
    people: int
    successor: LocalizedText | None = None


@dataclass(frozen=True, slots=True)
class HoldingRow:
    """Who holds a post, from when; ``until`` lies in the future or is open."""

    holding_id: int
    person_id: UUID
    name: str
    since: datetime
    until: datetime | None
    has_begun: bool


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post with what its holder may do and who holds it."""

    post: Post
    duties: tuple[str, ...]
    holders: tuple[HoldingRow, ...]

    @property
    def is_admin(self) -> bool:
        """True for one of the three administrators' posts."""
        return bool(rules.ADMIN_DUTIES & set(self.duties))


@dataclass(frozen=True, slots=True)
class VersionRow:
    """What a unit was called and where it belonged in a period; ``since`` None: from before the record."""

    name: LocalizedText
    parent: LocalizedText | None
    change: str
    basis: str
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class UnitPage:
    """Everything about one unit."""

    unit: Unit
    above: tuple[Unit, ...]
    below: tuple[UnitRow, ...]
    posts: tuple[PostRow, ...]
    versions: tuple[VersionRow, ...]
    predecessors: tuple[Unit, ...]
    successor: Unit | None


def unit_tree(at: datetime, *, with_closed: bool = False) -> list[UnitRow]:
    """Return the units as a tree written down line by line, sisters in Chinese order. Three statements."""
    units = list(Unit.objects.order_by("name_sort", "pk"))
    return _rows(units, at, with_closed=with_closed)


def _rows(units: list[Unit], at: datetime, *, with_closed: bool) -> list[UnitRow]:
    posts, people = _counts(at)
    names = {unit.pk: unit.name for unit in units}
    shown = [unit for unit in units if with_closed or unit.closed_at is None]
    return [
        UnitRow(
            unit,
            depth,
            posts.get(unit.pk, 0),
            people.get(unit.pk, 0),
            names.get(unit.successor_id) if unit.successor_id else None,
        )
        for unit, depth in _walk(shown)
    ]


def _walk(units: Iterable[Unit]) -> Iterable[tuple[Unit, int]]:
    """Yield units with their depth, each followed by those below it; one whose parent is not among them stands at the top."""
    units = list(units)
    known = {unit.pk for unit in units}
    below: dict[int | None, list[Unit]] = {}
    for unit in units:
        below.setdefault(unit.parent_id if unit.parent_id in known else None, []).append(unit)
    waiting = [(unit, 0) for unit in reversed(below.get(None, []))]
    while waiting:
        unit, depth = waiting.pop()
        yield unit, depth
        waiting += [(each, depth + 1) for each in reversed(below.get(unit.pk, []))]


def _counts(at: datetime) -> tuple[Mapping[int, int], Mapping[int, int]]:
    posts: dict[int, int] = {}
    for unit_id in Post.objects.filter(closed_at=None).values_list("unit_id", flat=True):
        posts[unit_id] = posts.get(unit_id, 0) + 1
    people: dict[int, set[UUID]] = {}
    for unit_id, person in Holding.objects.filter(held_at(at)).values_list("post__unit_id", "person_id"):
        people.setdefault(unit_id, set()).add(person)
    return posts, {unit_id: len(found) for unit_id, found in people.items()}


def unit_choices(*, besides: Iterable[int] = ()) -> list[tuple[str, str]]:
    """Return the units in force for a choice, indented as they stand in the tree, without ``besides`` and all below those."""
    units = list(Unit.objects.filter(closed_at=None).order_by("name_sort", "pk"))
    parents = {unit.pk: unit.parent_id for unit in units}
    left_out = list(besides)
    return [
        (str(unit.pk), "　" * depth + str(unit.name))
        for unit, depth in _walk(units)
        if not any(rules.is_below(unit.pk, top, parents) for top in left_out)
    ]


def unit_page(code: str, at: datetime) -> UnitPage:
    """Return everything about a unit. Raises NotFound."""
    unit = Unit.objects.select_related("successor").filter(code=code).first()
    if unit is None:
        raise NotFound
    units = list(Unit.objects.order_by("name_sort", "pk"))
    by_id = {each.pk: each for each in units}
    above: list[Unit] = []
    parent = by_id.get(unit.parent_id) if unit.parent_id else None
    while parent is not None and parent not in above:
        above.insert(0, parent)
        parent = by_id.get(parent.parent_id) if parent.parent_id else None
    children = [each for each in units if each.parent_id == unit.pk]
    versions = UnitVersion.objects.filter(unit=unit).order_by("-pk")
    return UnitPage(
        unit=unit,
        above=tuple(above),
        below=tuple(_rows(children, at, with_closed=False)),
        posts=tuple(_posts(Post.objects.filter(unit=unit, closed_at=None).order_by("pk"), at)),
        versions=tuple(
            VersionRow(
                row.name,
                by_id[row.parent_id].name if row.parent_id in by_id else None,
                row.change,
                row.basis,
                row.since,
                row.until,
            )
            for row in versions
        ),
        predecessors=tuple(each for each in units if each.successor_id == unit.pk),
        successor=unit.successor,
    )


def _posts(posts: Iterable[Post], at: datetime) -> list[PostRow]:
    posts = list(posts)
    held: dict[int, list[HoldingRow]] = {}
    rows = Holding.objects.filter(Q(until__isnull=True) | Q(until__gt=at), post__in=posts)
    for row in rows.select_related("person").order_by("since", "pk"):
        view = HoldingRow(row.pk, row.person_id, row.person.name, row.since, row.until, row.since <= at)
        held.setdefault(row.post_id, []).append(view)
    return [PostRow(post, tuple(post.duties), tuple(held.get(post.pk, ()))) for post in posts]


def list_posts(*, at: datetime, limit: int = 50, offset: int = 0) -> tuple[int, list[PostRow]]:
    """Return how many posts there are, none of an administrator, and a page of them with their holders. For programs."""
    posts = Post.objects.filter(closed_at=None).exclude(duties__overlap=sorted(rules.ADMIN_DUTIES))
    page = posts.select_related("unit").order_by("pk")[offset : offset + limit]
    return posts.count(), _posts(page, at)


def get_post(post_id: int, at: datetime) -> PostRow:
    """Return a post with its holders. Raises NotFound."""
    found = _posts(Post.objects.filter(pk=post_id).select_related("unit"), at)
    if not found:
        raise NotFound
    return found[0]
