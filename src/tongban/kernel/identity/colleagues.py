"""Colleagues: officials in their posts, for whoever passes work on, asks for an opinion or stands in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tongban.base import published
from tongban.base.errors import NotFound
from tongban.base.statements import Statement
from tongban.base.text import LocalizedText
from tongban.kernel.identity.heirs import unit_in_charge
from tongban.kernel.identity.models import Delegation, Holder, Holding
from tongban.kernel.identity.queries.holdings import held_at
from tongban.kernel.identity.rules import ADMIN_DUTIES

__all__ = [
    "ColleagueView",
    "DelegationView",
    "colleagues",
    "delegations_from",
    "delegations_to",
    "get_colleague",
    "get_colleagues",
    "has_colleague",
    "list_delegations",
    "people_behind",
]

LIMIT = 60


@dataclass(frozen=True, slots=True)
class ColleagueView:
    """A person in a post that they hold now. ``key`` names both, for forms and the API."""

    person_id: UUID
    name: str
    post_id: int
    post_name: LocalizedText
    unit_id: int
    unit_name: LocalizedText
    duties: frozenset[str]

    @property
    def key(self) -> str:
        """``<post id>:<person id>``."""
        return f"{self.post_id}:{self.person_id}"


@dataclass(frozen=True, slots=True)
class DelegationView:
    """Who stands in for whom, in which post, from when to when (half-open)."""

    id: int
    post_name: LocalizedText
    unit_name: LocalizedText
    from_person: UUID
    from_name: str
    to_person: UUID
    to_name: str
    since: datetime
    until: datetime

    def is_running(self, at: datetime) -> bool:
        """True while the delegate may act."""
        return self.since <= at < self.until


def colleagues(
    *,
    at: datetime,
    unit_id: int | None = None,
    duty: str = "",
    query: str = "",
    besides: Iterable[UUID] = (),
    limit: int = LIMIT,
) -> list[ColleagueView]:
    """Return officials in their posts at ``at``, in Chinese order.

    Those of one unit, those with one duty, those in whose name, post or unit the words of ``query`` stand.

    Administrators' posts are left out unless asked for by duty: no case is theirs. One statement.
    """
    held = Holding.objects.filter(held_at(at)).exclude(person_id__in=list(besides))
    if unit_id is not None:
        held = held.filter(post__unit_id=unit_in_charge(unit_id))
    if duty:
        held = held.filter(post__duties__contains=[duty])
    else:
        held = held.exclude(post__duties__overlap=["admin.system", "admin.security", "admin.audit"])
    if query:
        held = held.filter(
            Q(person__name__icontains=query)
            | Q(person__name_sort__icontains=query)
            | Q(post__name__zh__icontains=query)
            | Q(post__unit__name__zh__icontains=query)
            | Q(post__unit__name__en__icontains=query)
        )
    found = held.select_related("person", "post__unit").order_by(
        "post__unit__name_sort", "person__name_sort", "pk"
    )
    return [_view(holding) for holding in found[:limit]]


def has_colleague(*, at: datetime, unit_id: int, duty: str = "", besides: Iterable[UUID] = ()) -> bool:
    """Return whether ``colleagues`` would find anybody: from what is kept in memory, mostly without a statement."""
    unit, others = unit_in_charge(unit_id), set(besides)
    return any(
        person not in others and since <= at and (until is None or at < until)
        for person, duties, since, until in _held_in.get(unit)
        if (duty in duties if duty else not ADMIN_DUTIES & duties)
    )


def _load_held(unit_id: int) -> list[tuple[UUID, frozenset[str], datetime, datetime | None]]:
    rows = Holding.objects.filter(post__unit_id=unit_id)
    held = rows.values_list("person_id", "post__duties", "since", "until")
    return [(person, frozenset(duties), since, until) for person, duties, since, until in held]


_held_in = published.Kept(("identity_holding", "identity_post", "identity_unit"), _load_held)


def get_colleague(key: str, at: datetime) -> ColleagueView:
    """Return the colleague of a key. Raises NotFound also when that person holds that post no longer."""
    return get_colleagues([key], at)[0]


def get_colleagues(keys: Iterable[str], at: datetime) -> list[ColleagueView]:
    """Return the colleagues of these keys, in their order, by one statement. Raises NotFound like ``get_colleague``."""
    wanted = [_post_and_person(key) for key in keys]
    held = _HELD.all(at=at, people=list({person for _, person in wanted}))
    found = {(holding.post_id, holding.person_id): _view(holding) for holding in held}
    try:
        return [found[each] for each in wanted]
    except KeyError:
        raise NotFound from None


_HELD = Statement(
    lambda at, people: (
        Holding.objects.filter(held_at(at), person_id__in=people)
        .select_related("person", "post__unit")
        .order_by("-pk")
    ),
    people="uuid[]",
)


def _post_and_person(key: str) -> tuple[int, UUID]:
    post, _, person = key.partition(":")
    try:
        return int(post), UUID(person)
    except ValueError:
        raise NotFound from None


def people_behind(holder: int, at: datetime) -> list[UUID]:
    """Return the officials who may act on what that holder holds: for messages. Delegates too, while they stand in."""
    found = Holder.objects.filter(pk=holder).first()
    if found is None or found.kind not in ("post", "duty", "unit"):
        return []
    key, _, duty = found.key.partition(":")
    unit = unit_in_charge(int(key))
    held = Holding.objects.filter(held_at(at))
    if found.kind == "post":
        held = held.filter(post_id=found.key)
    else:
        held = held.filter(post__unit_id=unit)
        held = held.filter(post__duties__contains=[duty]) if found.kind == "duty" else held
    standing_in = Delegation.objects.filter(held_at(at), from_holding__in=held)
    people = [*held.values_list("person_id", flat=True), *standing_in.values_list("to_person_id", flat=True)]
    return list(dict.fromkeys(people))


def delegations_from(person_id: UUID, at: datetime) -> list[DelegationView]:
    """Return what a person has delegated and that has not ended at ``at``, the earliest first."""
    return _delegations(Q(from_holding__person_id=person_id), at)


def delegations_to(person_id: UUID, at: datetime) -> list[DelegationView]:
    """Return for whom a person stands in, now or later."""
    return _delegations(Q(to_person_id=person_id), at)


def list_delegations(at: datetime) -> list[DelegationView]:
    """Return every delegation that has not ended at ``at``, the earliest first."""
    return _delegations(Q(), at)


def _delegations(which: Q, at: datetime) -> list[DelegationView]:
    rows = (
        Delegation.objects.filter(which, until__gt=at)
        .filter(Q(from_holding__until__isnull=True) | Q(from_holding__until__gt=at))
        .select_related("from_holding__post__unit", "from_holding__person", "to_person")
        .order_by("since", "pk")
    )
    return [
        DelegationView(
            id=row.pk,
            post_name=row.from_holding.post.name,
            unit_name=row.from_holding.post.unit.name,
            from_person=row.from_holding.person_id,
            from_name=row.from_holding.person.name,
            to_person=row.to_person_id,
            to_name=row.to_person.name,
            since=row.since,
            until=row.until,
        )
        for row in rows
    ]


def _view(holding: Holding) -> ColleagueView:
    post = holding.post
    return ColleagueView(
        person_id=holding.person_id,
        name=holding.person.name,
        post_id=post.pk,
        post_name=post.name,
        unit_id=post.unit_id,
        unit_name=post.unit.name,
        duties=frozenset(post.duties),
    )
