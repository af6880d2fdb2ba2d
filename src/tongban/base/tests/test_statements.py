"""A statement that is put together once gives what its queryset would give."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models.expressions import RawSQL
from django.db.transaction import TransactionManagementError

from tongban.base.statements import Statement, Text
from tongban.kernel.identity.models import Account, Person

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> list[Person]:
    made = [Person.objects.create(name=name, name_sort=name) for name in ("甲%s", "乙'", "丙")]
    for number, person in enumerate(made):
        Account.objects.create(username=f"u{number}", kind="citizen", person=person, created_at=AT)
    return made


def test_it_gives_rows_related_objects_and_annotations_as_a_queryset_does(people: list[Person]) -> None:
    told = Statement(
        lambda username, more: (
            Account.objects.select_related("person")
            .filter(username=username)
            .annotate(told=RawSQL("%s::int + 1", [more]))
        )
    )
    for number, person in enumerate(people):
        account = told.get(username=f"u{number}", more=number)
        plain = Account.objects.select_related("person").get(username=f"u{number}")
        assert {**vars(account), "_state": None} == {**vars(plain), "_state": None, "told": number + 1}
        assert account.person == person and account.person.name == person.name


def test_a_list_may_have_any_length(people: list[Person]) -> None:
    named = Statement(
        lambda pks: Person.objects.filter(pk__in=pks).order_by("name").only("name"), pks="uuid[]"
    )
    assert named.all(pks=[]) == []
    assert named.all(pks=[people[2].pk]) == [people[2]]
    assert {p.name for p in named.all(pks=[p.pk for p in people])} == {"甲%s", "乙'", "丙"}


def test_what_is_not_there_is_said_like_a_queryset_does(people: list[Person]) -> None:
    by_key = Statement(lambda pk: Person.objects.filter(pk=pk))
    assert by_key.first(pk=uuid4()) is None
    with pytest.raises(Person.DoesNotExist):
        by_key.get(pk=uuid4())
    with pytest.raises(Person.MultipleObjectsReturned):
        Statement(lambda a: Person.objects.exclude(pk=a)).get(a=people[0].pk)


def test_a_statement_that_prefetches_is_refused(people: list[Person]) -> None:
    with pytest.raises(ValueError, match="prefetches"):
        Statement(lambda pk: Person.objects.filter(pk=pk).prefetch_related("accounts")).all(pk=people[0].pk)


def test_a_slice_is_taken_each_time(people: list[Person]) -> None:
    others = Statement(lambda pk: Person.objects.exclude(pk=pk).order_by("-name")[:1])
    for person in people:
        assert others.all(pk=person.pk) == list(Person.objects.exclude(pk=person.pk).order_by("-name")[:1])


@pytest.mark.django_db(transaction=True)
def test_a_lock_needs_a_transaction() -> None:
    person = Person.objects.create(name="甲", name_sort="甲")
    locked = Statement(lambda pk: Person.objects.select_for_update().filter(pk=pk))
    for _ in range(2):  # also the second time, when nothing is compiled any more
        with pytest.raises(TransactionManagementError):
            locked.get(pk=person.pk)
        with transaction.atomic():
            assert locked.get(pk=person.pk) == person


def test_a_tuple_stands_for_as_many_values_as_it_has(people: list[Person]) -> None:
    named = Statement(
        lambda pks, accounts: Person.objects.filter(
            pk__in=Account.objects.filter(person__in=pks, pk__in=accounts).values("person")
        ).order_by("name")
    )
    accounts = tuple(Account.objects.order_by("username").values_list("pk", flat=True))
    keys = tuple(person.pk for person in people)
    for many in (3, 1, 2, 3):
        told = named.all(pks=keys[:many], accounts=accounts)
        assert {person.pk for person in told} == set(keys[:many])
    assert named.all(pks=keys[:2], accounts=accounts[1:]) == [people[1]]
    assert named.all(pks=(), accounts=accounts) == []


def test_a_text_is_put_together_once_for_each_shape_of_its_values(people: list[Person]) -> None:
    built: list[object] = []

    def build(pks: tuple[UUID, ...], name: str) -> tuple[str, Sequence[Any]]:
        built.append(pks)
        rows = Person.objects.filter(pk__in=pks).exclude(name=name).order_by("name").values_list("name")
        return rows[:2].query.sql_with_params()

    text = Text(build)
    for asked in ((people[0], people[1]), (people[1], people[2]), (people[2],)):
        sql, values = text.of(pks=tuple(person.pk for person in asked), name="丙")
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            told = [name for (name,) in cursor.fetchall()]
        assert told == sorted(person.name for person in asked if person.name != "丙")
    assert len(built) == 2
    with pytest.raises(EmptyResultSet):
        text.of(pks=(), name="丙")


def test_members_of_a_tuple_that_no_place_can_stand_for_are_refused(people: list[Person]) -> None:
    with pytest.raises(TypeError, match="str"):
        Statement(lambda names: Person.objects.filter(name__in=names)).all(names=("甲",))
