"""Veiled columns: numbers within texts and documents, what the database holds of them, what finds them, what is sealed anew."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tests.support.database import as_owner
from tongban.base import reveiling, time
from tongban.base.cipher import NotOpened
from tongban.base.keyring import forget_keys, keyring
from tongban.base.models import IdempotencyKey
from tongban.base.veiled import SIGN, unveiled, veiled, veils_of
from tongban.main import secrets

ID, PHONE, COLUMN = "53239919900620451X", "13888880001", "people.words"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (ID, [ID]),
        (f"{ID.lower()}42", [ID.lower()]),
        (f"我叫木易生，身份证{ID}，电话{PHONE}。", [ID, PHONE]),
        ("138-8888-0001 或 +86 138 8888 0001", ["138-8888-0001", "138 8888 0001"]),
        ("县医院 0873-1234567", ["0873-1234567"]),
    ],
)
def test_numbers_are_sealed_and_the_words_around_them_stay(text: str, hidden: list[str]) -> None:
    stands = veiled(text, column=COLUMN)
    assert not [each for each in hidden if each in stands] and SIGN in stands
    assert unveiled(stands, column=COLUMN) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-06-01T10:00:00+08:00",
        "CX-2026-0601-0001",
        "92532399MA10000099",
        "3f0e8f57-9a53-4f0d-8a1e-138123456785",
        "1.2.156.3005.2.11532399015165123X0001",
    ],
)
def test_what_is_no_number_of_a_person_stays_as_it_is(text: str) -> None:
    assert veiled(text, column=COLUMN) == text


@given(st.text(alphabet=st.sampled_from(f"⟦⟧0123456789X-+ a电{PHONE}"), max_size=60))
def test_whatever_is_written_is_read_again(text: str) -> None:
    stands = veiled(text, column=COLUMN)
    assert unveiled(stands, column=COLUMN) == text and stands in veils_of(text, column=COLUMN)


def test_an_envelope_that_somebody_types_is_not_opened_but_read_as_typed() -> None:
    """Who has a copy of the database and an account cannot let the program open what stands in the copy."""
    stolen = veiled(ID, column=COLUMN)
    assert unveiled(veiled(stolen, column=COLUMN), column=COLUMN) == stolen


def test_an_envelope_of_another_column_is_refused() -> None:
    with pytest.raises(NotOpened):
        unveiled(veiled(ID, column=COLUMN), column="people.notes")


# --- in the database ----------------------------------------------------------------------------------------------


def kept(answer: object, key: str = "k") -> IdempotencyKey:
    return IdempotencyKey.objects.create(
        account_id=1, key=key, operation="o", fingerprint="f", answer=answer, created_at=time.now()
    )


def raw(row: IdempotencyKey) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT answer::text FROM base_idempotencykey WHERE id = %s", [row.pk])
        return cursor.fetchone()[0]


def put(row: IdempotencyKey, answer: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE base_idempotencykey SET answer = %s WHERE id = %s", [json.dumps(answer), row.pk]
        )


ANSWER = {"id": ID, "area": 80.5, "said": [f"电话{PHONE}", None, True], "quote": 'a "b" \\ \n ⟦c⟧'}


@pytest.mark.django_db
def test_a_document_is_veiled_in_the_database_and_plain_in_python() -> None:
    row = kept(ANSWER)
    stands = raw(row)
    assert ID not in stands and PHONE not in stands and '"area": 80.5' in stands
    assert IdempotencyKey.objects.get(pk=row.pk).answer == ANSWER
    assert IdempotencyKey.objects.values_list("answer", flat=True).get(pk=row.pk) == ANSWER
    assert IdempotencyKey.objects.values_list("answer__id", flat=True).get(pk=row.pk) == ID
    assert IdempotencyKey.objects.filter(answer__area__gt=80, answer__contains={"id": ID}).get() == row
    IdempotencyKey.objects.update(answer={"id": ID})
    assert ID not in raw(row)


@pytest.fixture
def home(settings, tmp_path):
    """An installation with keys of its own."""
    settings.TONGBAN_HOME = tmp_path
    settings.TONGBAN_DATA_KEYS = secrets.data_keys(tmp_path)
    settings.TONGBAN_DATA_KEYS_IN = tmp_path / "secrets"
    yield tmp_path
    forget_keys()


def table() -> reveiling.VeiledTable:
    [found] = [each for each in reveiling.veiled_tables() if each.name == "base_idempotencykey"]
    return found


@pytest.mark.django_db
def test_rows_from_before_are_read_and_found_and_veiled_when_the_keys_are_next_looked_after(home) -> None:
    row = kept({}, "before")
    put(row, ANSWER)
    assert IdempotencyKey.objects.get(pk=row.pk).answer == ANSWER
    assert IdempotencyKey.objects.filter(answer__contains={"id": ID}).exists()
    with as_owner():
        assert reveiling.count_clear(table()) == 1
        assert list(reveiling.reveil(table())) == [1] and list(reveiling.reveil(table())) == []
        assert reveiling.count_clear(table()) == 0
    assert ID not in raw(row) and IdempotencyKey.objects.get(pk=row.pk).answer == ANSWER


@pytest.mark.django_db
def test_after_a_new_key_all_is_read_and_found_before_and_after_it_is_veiled_anew(home, settings) -> None:
    row = kept(ANSWER)
    secrets.add_data_key(home)
    settings.TONGBAN_CIPHER = "sm4-gcm"
    forget_keys()
    for heads in ({(1, 1)}, {(2, 2)}):
        assert set(reveiling.count_veiled(table())) == heads
        assert IdempotencyKey.objects.filter(answer__contains={"id": ID}).get().answer == ANSWER
        with as_owner():
            assert sum(reveiling.reveil(table())) == (1 if heads == {(1, 1)} else 0)
    assert keyring().head.hex() in raw(row)
