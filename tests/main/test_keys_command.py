"""``tongban keys``: everything is sealed anew while it can be read, in steps, also after an interruption."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests.support.database import as_owner
from tongban.base import resealing
from tongban.base.keyring import forget_keys, keyring
from tongban.kernel.identity.models import Person
from tongban.main import secrets
from tongban.main.commands import keys

NUMBERS = ("53239919900620451X", "532399198511040283", "532399198510271020")


@pytest.fixture
def home(settings, tmp_path: Path):
    """An installation with keys of its own, which makes them as the first start does."""
    settings.TONGBAN_HOME = tmp_path
    settings.TONGBAN_DATA_KEYS = secrets.data_keys(tmp_path)
    settings.TONGBAN_DATA_KEYS_IN = tmp_path / "secrets"
    yield tmp_path
    forget_keys()


@pytest.fixture
def people(db, home):
    with as_owner():
        Person.objects.all().delete()
        yield [
            Person.objects.create(name=f"人{n}", citizen_id=number, phone="" if n else "13888880001")
            for n, number in enumerate(NUMBERS)
        ]


def table():
    [found] = [each for each in resealing.sealed_tables() if each.name == "identity_person"]
    return found


def heads():
    return resealing.count_by_head(table())


def read():
    return [(p.citizen_id, p.phone) for p in Person.objects.filter(citizen_id__in=NUMBERS).order_by("name")]


def test_after_rotating_everything_is_under_the_new_key_and_reads_as_before(people, home, capsys):
    before = read()
    assert heads() == {(1, 1): 4}
    assert keys._rotate() == 0
    assert heads() == {(1, 2): 4} and read() == before
    assert "data key 2" in capsys.readouterr().out
    assert sorted(path.name for path in (home / "secrets").iterdir()) == ["data-key-1", "data-key-2"]
    assert keys._show() == 0


def test_an_interrupted_change_is_read_all_the_while_and_goes_on_where_it_stood(people, home, monkeypatch):
    monkeypatch.setattr(resealing, "AT_ONCE", 1)
    before = read()
    secrets.add_data_key(home)
    forget_keys()
    steps = resealing.reseal(table())
    assert next(steps) == 1
    steps.close()
    counted = heads()
    assert set(counted) == {(1, 1), (1, 2)} and sum(counted.values()) == 4 and read() == before
    assert list(resealing.reseal(table())) == [1, 1]
    assert heads() == {(1, 2): 4} and read() == before
    assert list(resealing.reseal(table())) == []


def test_another_cipher_seals_and_blinds_anew(people, settings):
    before = read()
    settings.TONGBAN_CIPHER = "sm4-gcm"
    assert read() == before
    assert list(resealing.reseal(table())) == [3]
    assert heads() == {(2, 1): 4} and read() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT get_byte(citizen_id_blind, 0) FROM identity_person")
        assert cursor.fetchall() == [(2,)]


def test_a_process_that_knows_only_the_older_key_finds_the_newer_one(people, home):
    before, ring = read(), keyring()
    secrets.add_data_key(home)  # by another process: this one is told nothing
    assert keyring() is ring
    newer = type(ring)(keys=secrets.data_keys(home), algorithm="aes-gcm", blind_key="of no matter here")
    place = f"identity_person.phone|{people[0].pk}".encode()
    with connection.cursor() as cursor:
        sealed = newer.seal("13888880001", place=place)
        cursor.execute("UPDATE identity_person SET phone = %s WHERE id = %s", [sealed, people[0].pk])
    assert read() == before and keyring().current == 2


def test_keys_of_the_environment_are_not_rotated_here(people, settings, capsys):
    settings.TONGBAN_DATA_KEYS_IN = None
    assert keys._rotate() == 1
    assert "TONGBAN_DATA_KEYS" in capsys.readouterr().err and heads() == {(1, 1): 4}


def test_a_key_that_is_gone_is_named(people, home, settings, capsys):
    secrets.add_data_key(home)
    (home / "secrets" / "data-key-1").unlink()
    settings.TONGBAN_DATA_KEYS = secrets.data_keys(home)
    assert keys._show() == 1
    assert "WHICH IS NOT HERE" in capsys.readouterr().out
