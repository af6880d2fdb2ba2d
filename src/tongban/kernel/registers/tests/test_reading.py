"""Personal data is read by those whom it concerns and by officials on business, and never without a trace."""

import pytest

from tongban.base.actor import Actor
from tongban.base.errors import NotFound
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.ledger.models import Act
from tongban.kernel.registers import service as registers
from tongban.kernel.registers.errors import UnknownField, UnknownRegister

from .conftest import AT, FIELDS, LI, SYSTEM, ZHANG


def read(actor, key=LI, fields=("name",), purpose="services.apply:food-licence"):
    return registers.read_record(
        actor=actor, register="people", key=key, purpose=purpose, fields=fields, at=AT
    )


def test_a_person_reads_what_the_register_holds_about_her_with_source_and_time(people, li):
    record = read(li, fields=["name", "birth_on"])

    assert record.values == {
        "name": "李秀英",
        "birth_on": registers.get_record("people", LI).values["birth_on"],
    }
    assert record.source.zh == "人口库"
    assert record.as_of == AT


def test_the_reading_can_be_seen_by_the_person_concerned_and_names_no_number(people, li):
    read(li)

    (act,) = ledger.reads_about(LI)
    assert act.reason == "services.apply:food-licence"
    assert act.fields == ("name",)
    row = Act.objects.get(pk=act.id)
    assert LI not in str(row.__dict__)
    assert "李秀英" not in str(row.__dict__)


@pytest.mark.parametrize("who", ["zhang", "stranger", "administrator"])
def test_nobody_else_reads_it_and_nobody_learns_that_it_exists(people, zhang, official, who):
    actor = {"zhang": zhang, "stranger": Actor.stranger(), "administrator": official("admin.system")}[who]
    acts = Act.objects.count()

    for key in (LI, "110105194912310020"):
        with pytest.raises(NotFound):
            read(actor, key=key)

    assert Act.objects.count() == acts


def test_an_official_on_business_reads_for_a_purpose(people, official):
    record = read(official("services.review"))

    assert record.values == {"name": "李秀英"}
    assert ledger.reads_about(LI)[0].role == "official"


def test_there_is_no_reading_without_a_purpose(people, li):
    with pytest.raises(ValueError, match="purpose"):
        read(li, purpose=" ")
    assert ledger.reads_about(LI) == []


def test_fields_that_are_not_personal_leave_no_act(people, zhang):
    assert read(zhang, fields=["is_local"]).values == {"is_local": True}
    assert ledger.reads_about(LI) == []


def test_one_who_is_not_registered_gets_nothing_about_herself(people, zhang):
    assert read(zhang, key=ZHANG) is None


def test_a_representative_reads_about_the_entity_until_the_mandate_ends(define, zhang):
    uscc = "91532399MA0002010R"
    define(
        key="firms",
        key_field="uscc",
        fields=[
            {"key": "uscc", "label": "代码", "type": "code", "data_element": "entity.uscc"},
            {"key": "owner", "label": "经营者", "type": "text", "personal": True},
        ],
    )
    registers.put_record(
        actor=SYSTEM, register="firms", key=uscc, values={"owner": "李秀英"}, source="登记", at=AT
    )
    firm = identity.put_entity(actor=SYSTEM, uscc=uscc, name="米线店", at=AT)
    mandate = identity.give_mandate(
        actor=SYSTEM, person_id=zhang.person_id, entity_id=firm.pk, role="agent", at=AT
    )

    def read_firm():
        return registers.read_record(
            actor=zhang, register="firms", key=uscc, purpose="test", fields=["owner"], at=AT
        )

    assert read_firm().values == {"owner": "李秀英"}

    identity.end_mandate(actor=SYSTEM, mandate_id=mandate.pk, at=AT)
    with pytest.raises(NotFound):
        read_firm()


def test_unknown_names_are_refused_before_anything_is_read(people, li):
    with pytest.raises(UnknownField):
        read(li, fields=["name", "salary"])
    with pytest.raises(UnknownRegister):
        registers.read_record(actor=li, register="nothing", key=LI, purpose="x", fields=["name"], at=AT)
    assert ledger.reads_about(LI) == []


def test_forms_learn_which_register_holds_an_element(people):
    assert registers.register_holding("person.name") == ("people", "name")
    assert registers.register_holding("person.shoe_size") is None
    assert registers.register_holding("") is None
    assert registers.field_keys("people") == {field["key"] for field in FIELDS}
    assert registers.field_keys("nothing") == frozenset()
    assert [field.key for field in registers.fields_of("people")][:2] == ["citizen_id", "name"]
