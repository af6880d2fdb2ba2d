"""Sealed columns, shown on people: what the database holds, what finds it, what is refused."""

from __future__ import annotations

import pytest
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Upper

from tongban.base import sealed
from tongban.base.cipher import NotOpened
from tongban.kernel.identity.models import Account, Person

pytestmark = pytest.mark.django_db
NUMBER, OTHER, PHONE = "53239919900620451X", "532399198511040283", "13888880001"


@pytest.fixture
def person():
    return Person.objects.create(name="李秀英", citizen_id=NUMBER, phone=PHONE)


def raw(person, column):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM identity_person WHERE id = %s", [person.pk])
        return cursor.fetchone()[0]


def put(person, column, value):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE identity_person SET {column} = %s WHERE id = %s", [value, person.pk])


def test_the_database_never_sees_the_numbers(person):
    with connection.cursor() as cursor:
        cursor.execute("SELECT p::text FROM identity_person p WHERE id = %s", [person.pk])
        (row,) = cursor.fetchone()
    for number in (NUMBER, PHONE):
        assert number not in row and number.encode().hex() not in row
    found = Person.objects.get(pk=person.pk)
    assert (found.citizen_id, found.phone) == (NUMBER, PHONE)


def test_nothing_is_opened_before_it_is_asked_for(person, monkeypatch):
    asked = []
    monkeypatch.setattr(sealed, "open_text", lambda value, *, place: asked.append(place) or "opened")
    [found] = Person.objects.all()
    found.name = "李秀兰"
    found.save()
    assert asked == [] and str(found.__dict__["phone"]) == "<sealed>"
    assert (found.phone, found.phone, len(asked)) == ("opened", "opened", 1)


def test_a_row_saved_unread_keeps_its_envelopes_and_is_still_found(person):
    before = raw(person, "citizen_id")
    found = Person.objects.get(pk=person.pk)
    found.save()
    assert raw(person, "citizen_id") == before
    assert Person.objects.get(citizen_id=NUMBER).pk == person.pk


def test_a_person_is_found_by_the_number_however_it_is_written(person):
    Person.objects.create(name="王敏", citizen_id=OTHER)
    Person.objects.create(name="无号")
    account = Account.objects.create(username="li", person=person, created_at="2026-01-01T00:00Z")
    assert Person.objects.get(citizen_id=" 53239919900620451x").pk == person.pk
    assert Person.objects.filter(citizen_id__in=[NUMBER, "110101199003070018"]).count() == 1
    assert Account.objects.get(person__citizen_id=NUMBER) == account
    assert Person.objects.exclude(citizen_id=NUMBER).count() == 2
    assert Person.objects.filter(citizen_id=None).get().name == "无号"
    assert not Person.objects.filter(citizen_id="").exists()


def test_a_new_number_is_found_and_the_old_one_no_more(person):
    person.citizen_id = OTHER
    person.save(update_fields=["citizen_id"])
    assert Person.objects.get(citizen_id=OTHER).citizen_id == OTHER
    assert not Person.objects.filter(citizen_id=NUMBER).exists()


def test_two_people_do_not_have_one_number(person):
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(name="别人", citizen_id=NUMBER.lower())
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(name="空号", citizen_id="")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Person.objects.filter(citizen_id__startswith="5323"),
        lambda: Person.objects.filter(citizen_id__icontains="1990"),
        lambda: Person.objects.filter(citizen_id__gt="0"),
        lambda: Person.objects.filter(phone=PHONE).count(),
        lambda: Person.objects.filter(citizen_id=b"x").count(),
        lambda: Person.objects.annotate(up=Upper("citizen_id")).filter(up__contains="5").count(),
        lambda: Person.objects.filter(citizen_id=F("name")).count(),
        lambda: Person.objects.update(citizen_id=OTHER),
        lambda: Person.objects.bulk_update(Person.objects.only("pk"), ["phone"]),
    ],
)
def test_what_has_no_row_or_no_blind_is_refused_loudly(person, wrong):
    with pytest.raises((FieldError, TypeError)), transaction.atomic():
        wrong()
    assert Person.objects.get(pk=person.pk).phone == PHONE


def test_values_of_a_sealed_column_stay_sealed(person):
    [value] = Person.objects.values_list("citizen_id", flat=True)
    assert f"{value}{value!r}" == "<sealed><sealed>"


def test_many_are_created_sealed():
    Person.objects.bulk_create([Person(name="甲", name_sort="jia", citizen_id=NUMBER, phone=PHONE)])
    assert Person.objects.get(citizen_id=NUMBER).phone == PHONE


def test_a_number_moved_to_somebody_else_does_not_open(person):
    other = Person.objects.create(name="王敏", phone="13900000000")
    put(other, "phone", raw(person, "phone"))
    with pytest.raises(NotOpened):
        _ = Person.objects.get(pk=other.pk).phone
    put(person, "phone", raw(person, "citizen_id"))
    with pytest.raises(NotOpened):
        _ = Person.objects.get(pk=person.pk).phone


def test_under_another_cipher_the_old_ones_are_read_and_found(person, settings):
    settings.TONGBAN_CIPHER = "sm4-gcm"
    found = Person.objects.get(citizen_id=NUMBER)
    assert (found.citizen_id, found.phone) == (NUMBER, PHONE)
    found.save()  # what was opened is sealed as it is sealed now
    assert raw(person, "phone")[1] == 2 and raw(person, "citizen_id_blind")[0] == 2
    settings.TONGBAN_CIPHER = "aes-gcm"
    assert Person.objects.get(citizen_id=NUMBER).phone == PHONE
