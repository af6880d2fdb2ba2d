"""Numbers in registers: sealed in the tables and their histories, found all the same, opened when asked for."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from tests.support.database import as_owner
from tongban.base.cipher import NotOpened
from tongban.base.resealing import count_by_head, reseal
from tongban.base.text import LocalizedText
from tongban.kernel.registers import sealing
from tongban.kernel.registers import service as registers
from tongban.kernel.registers.errors import SealedOtherwise, TypeCannotChange
from tongban.kernel.registers.tests.conftest import AT, SYSTEM

NUMBER, OTHER, PHONE = "532399198511040283", "53239919900620451X", "13888880001"
FIELDS = [
    {
        "key": "citizen_id",
        "label": "号码",
        "type": "code",
        "data_element": "person.citizen_id",
        "personal": True,
    },
    {"key": "name", "label": "姓名", "type": "text", "data_element": "person.name", "personal": True},
    {"key": "phone", "label": "电话", "type": "text", "data_element": "person.phone", "personal": True},
]
migration = import_module("tongban.kernel.registers.migrations.0002_seal_numbers_of_people")


def define(fields=FIELDS):
    return registers.define_register(
        actor=SYSTEM,
        key="folk",
        name=LocalizedText("人口"),
        source=LocalizedText("公安"),
        key_field="citizen_id",
        fields=fields,
        at=AT,
    )


@pytest.fixture
def folk(db):
    with as_owner():
        define()
        load((NUMBER, "李秀英", PHONE), (OTHER, "王敏", ""))
        yield


def load(*rows):
    names = ("citizen_id", "name", "phone")
    rows = [dict(zip(names, row, strict=True)) for row in rows]
    return registers.bulk_load(actor=SYSTEM, register="folk", rows=rows, source="公安", at=AT)


def run(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def test_the_tables_do_not_tell_the_numbers(folk):
    registers.put_record(
        actor=SYSTEM, register="folk", key=NUMBER, values={"phone": "13900000000"}, source="本人", at=AT
    )
    text = str(run("SELECT f::text FROM reg_folk f UNION ALL SELECT h::text FROM reg_folk_history h"))
    for number in (NUMBER, OTHER, PHONE, "13900000000"):
        assert number not in text and number.encode().hex() not in text
    record = registers.get_record("folk", NUMBER)
    assert (record.key, record.values["phone"]) == (NUMBER, "13900000000")
    assert [version.values["phone"] for version in registers.history_of("folk", NUMBER)] == [
        PHONE,
        "13900000000",
    ]


def test_records_are_found_by_sealed_fields_in_the_order_of_their_keys(folk):
    assert [r.values["name"] for r in registers.find_records("folk", {"phone": PHONE})] == ["李秀英"]
    assert [r.key for r in registers.find_records("folk", {"citizen_id": [OTHER, NUMBER]})] == [NUMBER, OTHER]
    assert registers.count_records("folk", {"citizen_id": NUMBER, "phone": None}) == 0
    assert registers.count_records("folk", {"phone": None}) == 1


def test_a_load_that_changes_nothing_changes_nothing_and_a_changed_number_is_seen(folk):
    assert load((NUMBER, "李秀英", PHONE), (OTHER, "王敏", "")).unchanged == 2
    assert load((NUMBER, "李秀英", "13900000000")).changed == 1
    assert registers.get_record("folk", NUMBER).values["phone"] == "13900000000"


def test_only_what_is_asked_for_is_opened(folk, monkeypatch):
    opened, really = [], sealing.open_text
    monkeypatch.setattr(
        sealing, "open_text", lambda value, *, place: opened.append(place) or really(value, place=place)
    )
    [record] = registers.find_records("folk", {"name": "李秀英"})
    assert [place.split(b"|")[0] for place in opened] == [b"folk.person.citizen_id"]  # its key
    assert record.values["name"] == "李秀英" and len(opened) == 1
    assert record.values["phone"] == record.values["phone"] == PHONE and len(opened) == 2


def test_a_number_put_into_another_record_does_not_open(folk):
    run("UPDATE reg_folk SET phone = (SELECT phone FROM reg_folk WHERE name = '李秀英') WHERE name = '王敏'")
    with pytest.raises(NotOpened):
        _ = registers.get_record("folk", OTHER).values["phone"]


def test_a_renamed_field_still_opens(folk):
    registers.rename_field(actor=SYSTEM, register="folk", old="phone", new="mobile", at=AT)
    registers.rename_field(actor=SYSTEM, register="folk", old="citizen_id", new="number", at=AT)
    record = registers.get_record("folk", NUMBER)
    assert (record.key, record.values["mobile"]) == (NUMBER, PHONE)


def test_a_field_does_not_become_sealed_or_clear_by_other_words(folk):
    clear = [{**field, "data_element": ""} if field["key"] == "phone" else field for field in FIELDS]
    with pytest.raises(TypeCannotChange):
        define(clear)
    names = [
        {**field, "data_element": "person.phone"} if field["key"] == "name" else field for field in FIELDS
    ]
    with pytest.raises(TypeCannotChange):
        define(names)


def test_tables_and_histories_are_sealed_anew_under_another_cipher(folk, settings):
    tables = [table for table in sealing.sealed_tables() if "folk" in table.name]
    assert [sum(count_by_head(table).values()) for table in tables] == [3, 3]
    settings.TONGBAN_CIPHER = "sm4-gcm"
    assert registers.get_record("folk", NUMBER).values["phone"] == PHONE
    with pytest.raises(SealedOtherwise):
        load((NUMBER, "李秀英", PHONE))
    for table in tables:
        assert list(reseal(table)) == [2]
        assert count_by_head(table) == {(2, max(sealing.keyring().keys)): 3}
    assert load((NUMBER, "李秀英", PHONE), (OTHER, "王敏", "")).unchanged == 2
    assert registers.history_of("folk", NUMBER)[0].values["phone"] == PHONE


def test_the_migration_opens_and_seals_a_register_with_its_history(folk):
    class Editor:
        connection = None

    Editor.connection = connection
    assert load((NUMBER, "李秀英", "13900000000")).changed == 1
    migration.unseal(apps, Editor)
    assert run("SELECT citizen_id, phone FROM reg_folk ORDER BY 1") == [
        (NUMBER, "13900000000"),
        (OTHER, None),
    ]
    assert [row[0] for row in run("SELECT phone FROM reg_folk_history ORDER BY hist_id")].count(PHONE) == 1
    assert not run(
        "SELECT 1 FROM information_schema.columns WHERE column_name LIKE 'rec_blind_%%' AND table_name LIKE 'reg_folk%%'"
    )
    migration.seal(apps, Editor)
    assert registers.get_record("folk", OTHER).key == OTHER
    assert {version.values["phone"] for version in registers.history_of("folk", NUMBER)} == {
        PHONE,
        "13900000000",
    }
    assert load((NUMBER, "李秀英", "13900000000"), (OTHER, "王敏", "")).unchanged == 2
