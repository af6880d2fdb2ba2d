"""What registers hold is taken from there, kept beside what the person says, and compared for the clerk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from tongban.base.errors import NotFound
from tongban.base.models import Event
from tongban.kernel.forms import service
from tongban.kernel.forms.tests.conftest import (
    BEFORE,
    ENTITIES,
    POPULATION,
    SYSTEM,
    Citizen,
    rename_in_register,
)
from tongban.kernel.forms.tests.shop import AT, GOOD, ID_NUMBER, USCC, shop
from tongban.kernel.ledger import service as ledger
from tongban.kernel.registers import service as registers

pytestmark = pytest.mark.django_db
Moments = Iterator[datetime]
Form = service.Form


def known(form: Form, who: Citizen) -> dict[str, service.Bound]:
    return service.prefill(form, actor=who.actor, person_id=who.person_id, purpose="填写开店申请", at=AT)


def test_bound_fields_are_filled_with_source_and_time(form: Form, li: Citizen) -> None:
    found = known(form, li)
    assert set(found) == {"owner_name", "owner_id"}
    assert found["owner_name"] == service.Bound(
        "李秀英", POPULATION, BEFORE, "population", ID_NUMBER, "name", AT
    )


def test_one_register_is_read_once_and_only_what_is_needed(form: Form, li: Citizen) -> None:
    known(form, li)
    reads = ledger.reads_about(ID_NUMBER)
    assert len(reads) == 1
    assert set(reads[0].fields) == {"citizen_id", "name"}
    assert reads[0].person_id == li.person_id


def test_the_firm_is_filled_from_the_register_of_firms(form: Form, li: Citizen) -> None:
    bind = {"register": "entities", "field": "name", "subject": "entity"}
    service.put_form(actor=SYSTEM, content=shop(field="sign", element="entity.name", bind=bind), at=AT)
    found = service.prefill(
        service.get_form("test-shop"),
        actor=li.actor,
        person_id=li.person_id,
        entity_id=li.entity_id,
        purpose="填写开店申请",
        at=AT,
    )
    assert found["sign"].value == "澄溪县城关镇李记米线店"
    assert (found["sign"].source, found["sign"].key) == (ENTITIES, USCC)


def test_nobody_fills_a_form_with_anothers_data(form: Form, li: Citizen, newcomer: Citizen) -> None:
    with pytest.raises(NotFound):
        service.prefill(form, actor=newcomer.actor, person_id=li.person_id, purpose="好奇", at=AT)
    assert ledger.reads_about(ID_NUMBER) == []


def test_whom_no_register_knows_answers_herself(form: Form, newcomer: Citizen) -> None:
    assert known(form, newcomer) == {}


def test_a_new_entry_begins_with_what_is_known(form: Form, li: Citizen) -> None:
    found = known(form, li)
    entry = service.create_entry(form=form, bound=found, at=AT)
    assert entry.data == {"owner_name": "李秀英", "owner_id": ID_NUMBER}
    assert service.Bound.read(entry.provenance["owner_name"]) == found["owner_name"]


def test_a_value_that_was_changed_is_kept_beside_the_registers(
    form: Form, li: Citizen, later: Moments
) -> None:
    entry = service.create_entry(form=form, bound=known(form, li), at=AT)
    service.save_entry(entry_id=entry.pk, page="owner", values={"owner_name": "李秀瑛"}, at=next(later))
    entry = service.get_entry(entry.pk)
    assert entry.data["owner_name"] == "李秀瑛"
    assert entry.provenance["owner_name"]["value"] == "李秀英"


def test_reading_again_follows_the_register_but_not_over_an_answer(
    form: Form, li: Citizen, later: Moments
) -> None:
    entry = service.create_entry(form=form, bound=known(form, li), at=AT)
    service.save_entry(entry_id=entry.pk, page="owner", values={"owner_name": "李秀瑛"}, at=next(later))
    rename_in_register("李绣英")
    entry = service.apply_prefill(entry_id=entry.pk, bound=known(form, li), at=next(later))
    assert entry.data["owner_name"] == "李秀瑛"
    assert entry.provenance["owner_name"]["value"] == "李绣英"


def test_an_answer_that_was_the_registers_follows_it(form: Form, li: Citizen, later: Moments) -> None:
    entry = service.create_entry(form=form, bound=known(form, li), at=AT)
    rename_in_register("李绣英")
    entry = service.apply_prefill(entry_id=entry.pk, bound=known(form, li), at=next(later))
    assert entry.data["owner_name"] == "李绣英"


def test_the_clerk_sees_both_values_differences_first(form: Form, li: Citizen) -> None:
    entry = service.create_entry(form=form, bound=known(form, li), data=GOOD, at=AT)
    entry.data["owner_id"] = "53239919900620451X"
    rows = service.compare(entry, at=AT)
    assert [(r.field, r.changed) for r in rows] == [("owner_id", True), ("owner_name", False)]
    assert rows[0].value_text.zh == "532399********451X"
    assert rows[0].register_text.zh == "532399********0283"
    assert rows[0].source == POPULATION


def test_the_clerk_may_compare_with_what_the_register_says_now(form: Form, li: Citizen) -> None:
    entry = service.create_entry(form=form, bound=known(form, li), data=GOOD, at=AT)
    rename_in_register("李绣英")
    rows = service.compare(entry, at=AT, fresh=known(form, li), mask=False)
    assert rows[0].register_value == "李绣英"
    assert rows[0].changed


def test_whom_one_may_represent_are_the_options_of_an_entity(li: Citizen, newcomer: Citizen) -> None:
    content = shop(field="kind", type="entity", options=None)
    service.put_form(actor=SYSTEM, content=content, at=AT)
    form = service.get_form("test-shop")
    mine = {**GOOD, "kind": str(li.entity_id)}
    assert service.options_for(form, actor=li.actor, at=AT)["kind"][0].note.zh == USCC
    assert "kind" not in [e.field for e in service.check(form, mine, at=AT, actor=li.actor)]
    assert "kind" in [e.field for e in service.check(form, mine, at=AT, actor=newcomer.actor)]


def test_a_known_value_that_is_wrong_is_reported_to_the_registers_owner(
    form: Form, li: Citizen, later: Moments
) -> None:
    entry = service.create_entry(form=form, bound=known(form, li), at=AT)
    at = next(later)
    service.report_wrong(actor=li.actor, entry_id=entry.pk, field="owner_name", note="少了一个字", at=at)
    assert registers.correction_notices(actor=SYSTEM)[0].note == "少了一个字"
    entry = service.apply_prefill(entry_id=entry.pk, bound=known(form, li), at=next(later))
    assert service.Bound.read(entry.provenance["owner_name"]).reported_at == at  # it stays asked


def test_nobody_reports_what_is_not_theirs(
    form: Form, li: Citizen, newcomer: Citizen, later: Moments
) -> None:
    entry = service.create_entry(form=form, bound=known(form, li), at=AT)
    for field in ("owner_name", "sign"):
        with pytest.raises(NotFound):
            service.report_wrong(
                actor=newcomer.actor, entry_id=entry.pk, field=field, note="错", at=next(later)
            )
    assert registers.correction_notices(actor=SYSTEM) == []
    assert service.get_entry(entry.pk).provenance["owner_name"]["reported_at"] is None
    assert not Event.objects.filter(name__startswith="registers.").exists()
