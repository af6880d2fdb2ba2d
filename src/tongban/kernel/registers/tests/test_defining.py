"""A register's shape changes by recorded steps that never lose what was known."""

import pytest
from django.apps import apps

from tongban.base.actor import Actor
from tongban.base.errors import Forbidden
from tongban.base.text import LocalizedText
from tongban.kernel.registers import service as registers
from tongban.kernel.registers.errors import DefinitionInvalid, NotTheOwner, TypeCannotChange
from tongban.kernel.registers.models import RegisterChange, RegisterDef

from .conftest import AT, FIELDS, LI, SYSTEM


def kinds():
    return list(RegisterChange.objects.order_by("pk").values_list("kind", "field"))


def test_defining_the_same_again_changes_nothing(people, define):
    define()

    assert kinds() == [("create", "")]


def test_a_new_field_is_added_to_records_and_history(people, define):
    define(fields=[*FIELDS, {"key": "height", "label": "身高", "type": "int"}])
    registers.put_record(actor=SYSTEM, register="people", key=LI, values={"height": 160}, source="x", at=AT)

    assert kinds()[1:] == [("add", "height")]
    assert [v.values["height"] for v in registers.history_of("people", LI)] == [None, 160]


def test_a_field_that_is_left_out_is_retired_and_comes_back_with_its_values(people, define):
    define(fields=[f for f in FIELDS if f["key"] != "income"])
    assert "income" not in registers.field_keys("people")
    assert "income" not in registers.get_record("people", LI).values

    define()

    assert kinds()[1:] == [("retire", "income"), ("revive", "income")]
    assert str(registers.get_record("people", LI).values["income"]) == "1200.50"


def test_words_change_without_touching_the_tables(people, define):
    define(name=LocalizedText("人口基础库", "Population"))

    (change,) = RegisterChange.objects.filter(kind="describe")
    assert change.statements == ""
    assert RegisterDef.objects.get().name.en == "Population"


def test_a_type_never_changes(people, define):
    with pytest.raises(TypeCannotChange):
        define(fields=[{**f, "type": "text"} if f["key"] == "income" else f for f in FIELDS])
    assert kinds() == [("create", "")]


def test_a_field_is_renamed_with_its_history(people, as_owner):
    with as_owner():
        registers.rename_field(actor=SYSTEM, register="people", old="income", new="yearly_income", at=AT)

    assert str(registers.get_record("people", LI).values["yearly_income"]) == "1200.50"
    assert registers.history_of("people", LI)[0].values["yearly_income"]
    with as_owner(), pytest.raises(DefinitionInvalid):
        registers.rename_field(actor=SYSTEM, register="people", old="yearly_income", new="name", at=AT)


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [*FIELDS, FIELDS[1]],
        [*FIELDS, {"key": "rec_id", "label": "x", "type": "text"}],
        [*FIELDS, {"key": 'a"; DROP TABLE x; --', "label": "x", "type": "text"}],
        [*FIELDS, {"key": "ok", "label": "x", "type": "blob"}],
        [*FIELDS, {"key": "ok", "type": "text"}],
        [{**FIELDS[0], "type": "int"}],
    ],
)
def test_a_wrong_definition_is_refused_and_makes_no_table(define, fields):
    with pytest.raises(DefinitionInvalid) as refused:
        define(fields=fields)

    assert refused.value.data["problems"]
    assert RegisterDef.objects.count() == 0


def test_the_application_itself_cannot_make_registers(db):
    with pytest.raises(NotTheOwner):
        registers.define_register(
            actor=SYSTEM,
            key="people",
            name=LocalizedText("人口"),
            source=LocalizedText("x"),
            key_field="citizen_id",
            fields=FIELDS,
            at=AT,
        )
    assert RegisterDef.objects.count() == 0


def test_only_the_system_administrator_defines_registers(define, official):
    for actor in (Actor.stranger(), official("services.window")):
        with pytest.raises(Forbidden):
            define(actor=actor)


def test_histories_are_named_among_the_append_only_tables(people):
    assert "reg_people_history" in apps.get_app_config("registers").append_only_tables
