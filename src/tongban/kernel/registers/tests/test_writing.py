"""Records are typed, and every version of them stays."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from tongban.base.actor import Actor
from tongban.base.errors import Forbidden
from tongban.kernel.ledger.models import Act
from tongban.kernel.registers import service as registers
from tongban.kernel.registers.errors import DuplicateKeys, UnknownField, ValueInvalid

from .conftest import AT, LI, SYSTEM, ZHANG

LATER = AT + timedelta(days=3)


def put(values, *, actor=SYSTEM, key=LI, at=LATER):
    return registers.put_record(
        actor=actor, register="people", key=key, values=values, source="更正", at=at, valid_from=AT
    )


def test_values_come_back_as_their_types(people):
    record = put({"more": {"languages": ["彝语"]}, "children": "2"})

    assert record.values == {
        "citizen_id": LI,
        "name": "李秀英",
        "birth_on": date(1985, 11, 4),
        "children": 2,
        "income": Decimal("1200.50"),
        "is_local": True,
        "more": {"languages": ["彝语"]},
    }


def test_a_change_keeps_the_earlier_version_with_both_times_and_the_act(people):
    put({"name": "李秀瑛"})

    first, second = registers.history_of("people", LI)
    assert (first.values["name"], second.values["name"]) == ("李秀英", "李秀瑛")
    assert (second.valid_from, second.recorded_at) == (AT, LATER)
    assert second.values["income"] == Decimal("1200.50")
    assert Act.objects.get(pk=second.act_id).verb == "registers.put"


def test_putting_the_same_again_makes_no_version_and_no_act(people):
    acts = Act.objects.count()

    record = put({"name": "李秀英", "income": "1200.50"})

    assert record.as_of == AT
    assert len(registers.history_of("people", LI)) == 1
    assert Act.objects.count() == acts


def test_a_value_of_the_wrong_type_is_refused_without_repeating_it(people):
    with pytest.raises(ValueInvalid) as refused:
        put({"birth_on": "1985-13-04", "children": "many"})

    assert [error["field"] for error in refused.value.data["errors"]] == ["birth_on", "children"]
    assert "many" not in str(refused.value.data)
    assert registers.get_record("people", LI).values["children"] is None


def test_a_field_that_the_register_does_not_have_is_refused(people):
    with pytest.raises(UnknownField):
        put({"salary": 1})


def test_citizens_do_not_write_registers(people, li):
    for actor in (li, Actor.stranger()):
        with pytest.raises(Forbidden):
            put({"name": "别人"}, actor=actor)
    assert registers.get_record("people", LI).values["name"] == "李秀英"
    assert len(registers.history_of("people", LI)) == 1


def test_a_load_creates_changes_and_leaves_alone(people):
    rows = [
        {"citizen_id": LI, "name": "李秀瑛", "birth_on": "1985-11-04"},
        {"citizen_id": ZHANG, "name": "张伟", "birth_on": ""},
    ]

    first = registers.bulk_load(actor=SYSTEM, register="people", rows=rows, source="年度核对", at=LATER)
    acts = Act.objects.count()
    second = registers.bulk_load(actor=SYSTEM, register="people", rows=rows, source="年度核对", at=LATER)

    assert (first.created, first.changed, first.unchanged) == (1, 1, 0)
    assert (second.created, second.changed, second.unchanged) == (0, 0, 2)
    assert Act.objects.count() == acts
    li = registers.get_record("people", LI)
    assert (li.values["name"], li.values["income"], li.origin) == ("李秀瑛", Decimal("1200.50"), "年度核对")
    assert [version.values["name"] for version in registers.history_of("people", LI)] == ["李秀英", "李秀瑛"]
    assert registers.get_record("people", ZHANG).values["birth_on"] is None


def test_a_load_with_the_same_key_twice_changes_nothing(people):
    rows = [{"citizen_id": ZHANG, "name": "张伟"}, {"citizen_id": ZHANG, "name": "张玮"}]

    with pytest.raises(DuplicateKeys), transaction.atomic():
        registers.bulk_load(actor=SYSTEM, register="people", rows=rows, source="x", at=AT)

    assert registers.get_record("people", ZHANG) is None


def test_records_are_found_by_equal_values(people):
    put({"name": "张伟", "is_local": False}, key=ZHANG)

    assert [r.key for r in registers.find_records("people", {"is_local": True})] == [LI]
    assert [r.key for r in registers.find_records("people", {"name": ["张伟", "李秀英"]})] == [LI, ZHANG]
    assert registers.count_records("people", {"children": None}) == 2
    with pytest.raises(UnknownField):
        registers.find_records("people", {"name; drop table reg_people": "x"})


@pytest.mark.parametrize(
    "statement", ["UPDATE reg_people_history SET name = 'x'", "DELETE FROM reg_people_history"]
)
def test_the_application_cannot_change_history(people, statement):
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert len(registers.history_of("people", LI)) == 1


def test_the_database_keeps_the_key_unique(people):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reg_people (rec_id, rec_source, rec_valid_from, rec_recorded_at, rec_act_id, citizen_id) "
            "SELECT gen_random_uuid(), 'x', now(), now(), 1, %s",
            [LI],
        )
