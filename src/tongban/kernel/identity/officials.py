"""Officials as those see them who administer: accounts, posts held now, before and later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from tongban.base.errors import NotFound
from tongban.base.text import LocalizedText
from tongban.kernel.identity.models import Account, Holding, Person
from tongban.kernel.identity.rules import ADMIN_DUTIES

__all__ = [
    "HeldPost",
    "OfficialRow",
    "get_holding",
    "list_accounts_of_officials",
    "list_officials",
    "official_page",
]


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A person in a post within a half-open period."""

    holding_id: int
    person_id: UUID
    person_name: str
    post_id: int
    post_name: LocalizedText
    unit_code: str
    unit_name: LocalizedText
    duties: frozenset[str]
    since: datetime
    until: datetime | None

    def is_running(self, at: datetime) -> bool:
        """True while the person holds it."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class OfficialRow:
    """A person with an official's account (None when it was never opened), and the posts she holds now or will hold."""

    person_id: UUID
    name: str
    account: Account | None
    posts: tuple[HeldPost, ...]
    phone: str = ""
    email: str = ""

    @property
    def posts_text(self) -> LocalizedText:
        """The posts in one line."""
        return LocalizedText(
            "；".join(f"{p.unit_name.zh} {p.post_name.zh}" for p in self.posts),
            "; ".join(
                f"{p.unit_name.in_language('en')}, {p.post_name.in_language('en')}" for p in self.posts
            ),
        )


def list_officials(
    *, at: datetime, query: str = "", unit_id: int | None = None, limit: int = 50, offset: int = 0
) -> list[OfficialRow]:
    """Return officials in Chinese order: whoever has an official's account or a post. Three statements.

    ``query`` looks at name, pinyin, user name, and the names of post and unit.
    """
    people = _officials(at)
    if unit_id is not None:
        people = people.filter(Exists(_current(at).filter(person=OuterRef("pk"), post__unit_id=unit_id)))
    if query:
        posts = _current(at).filter(
            Q(post__name__zh__icontains=query)
            | Q(post__unit__name__zh__icontains=query)
            | Q(post__unit__name__en__icontains=query),
            person=OuterRef("pk"),
        )
        accounts = Account.objects.filter(person=OuterRef("pk"), kind="official", username__icontains=query)
        people = people.filter(
            Q(name__icontains=query) | Q(name_sort__icontains=query) | Exists(posts) | Exists(accounts)
        )
    return _rows(people.order_by("name_sort", "pk")[offset : offset + limit], at)


def list_accounts_of_officials(
    *, at: datetime, username: str = "", person_id: UUID | None = None, limit: int = 50, offset: int = 0
) -> tuple[int, list[OfficialRow]]:
    """Return how many people have an official's account, and a page of them; never an administrator. For programs that provision.

    Of somebody with a closed and an open account the open one is told.
    """
    accounts = Account.objects.filter(person=OuterRef("pk"), kind="official")
    if username:
        accounts = accounts.filter(username=username)
    administers = _current(at).filter(person=OuterRef("pk"), post__duties__overlap=sorted(ADMIN_DUTIES))
    people = Person.objects.filter(Exists(accounts)).exclude(Exists(administers))
    if person_id is not None:
        people = people.filter(pk=person_id)
    return people.count(), _rows(people.order_by("name_sort", "pk")[offset : offset + limit], at)


def official_page(person_id: UUID, at: datetime) -> tuple[Person, OfficialRow, list[HeldPost]]:
    """Return an official, with the posts of now and later, and those of before. Raises NotFound for anybody else."""
    person = _officials(at).filter(pk=person_id).first()
    if person is None:
        raise NotFound
    [row] = _rows([person], at)
    ended = Holding.objects.filter(person=person, until__lte=at)
    return person, row, [_held_post(each) for each in _with_names(ended).order_by("-until", "-pk")]


def get_holding(holding_id: int, at: datetime) -> HeldPost:
    """Return an appointment that has not ended. Raises NotFound."""
    found = _with_names(_current(at).filter(pk=holding_id)).first()
    if found is None:
        raise NotFound
    return _held_post(found)


def _officials(at: datetime) -> QuerySet[Person]:
    accounts = Account.objects.filter(person=OuterRef("pk"), kind="official")
    held = Holding.objects.filter(person=OuterRef("pk"))
    return Person.objects.filter(Exists(accounts) | Exists(held))


def _current(at: datetime) -> QuerySet[Holding]:
    return Holding.objects.filter(Q(until__isnull=True) | Q(until__gt=at))


def _with_names(holdings: QuerySet[Holding]) -> QuerySet[Holding]:
    return holdings.select_related("person", "post__unit")


def _rows(people: Iterable[Person], at: datetime) -> list[OfficialRow]:
    people = list(people)
    accounts = {
        account.person_id: account
        for account in Account.objects.filter(person__in=people, kind="official").order_by("is_active", "pk")
    }
    posts: dict[UUID, list[HeldPost]] = {}
    for holding in _with_names(_current(at).filter(person__in=people)).order_by("since", "pk"):
        posts.setdefault(holding.person_id, []).append(_held_post(holding))
    return [
        OfficialRow(
            person.pk,
            person.name,
            accounts.get(person.pk),
            tuple(posts.get(person.pk, ())),
            person.phone,
            person.email,
        )
        for person in people
    ]


def _held_post(holding: Holding) -> HeldPost:
    post = holding.post
    return HeldPost(
        holding_id=holding.pk,
        person_id=holding.person_id,
        person_name=holding.person.name,
        post_id=post.pk,
        post_name=post.name,
        unit_code=post.unit.code,
        unit_name=post.unit.name,
        duties=frozenset(post.duties),
        since=holding.since,
        until=holding.until,
    )
