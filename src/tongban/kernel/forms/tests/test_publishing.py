"""Publishing forms: sound, versioned, and never asking what is held already."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest

from tongban.base.models import Event
from tongban.base.ref import Ref
from tongban.kernel.forms import service
from tongban.kernel.forms.errors import DefinitionInvalid, FormNotFound, OnceOnlyRefused
from tongban.kernel.forms.models import FormDef
from tongban.kernel.forms.rules.structure import Form
from tongban.kernel.forms.tests.conftest import SYSTEM
from tongban.kernel.forms.tests.shop import AT, SHOP, shop
from tongban.kernel.ledger import service as ledger

pytestmark = pytest.mark.django_db


def test_a_published_form_can_be_had(form: Form) -> None:
    assert (form.key, form.version) == ("test-shop", 1)
    assert [p.key for p in form.pages] == ["owner", "shop", "late"]


def test_publishing_is_an_act(form: Form) -> None:
    acts = ledger.acts_of(Ref("form", "test-shop@1"))
    assert [a.verb for a in acts] == ["forms.publish"]


def test_publishing_the_same_again_changes_nothing(form: Form) -> None:
    known = FormDef.objects.count()
    service.put_form(actor=SYSTEM, content=deepcopy(SHOP), at=AT)
    assert FormDef.objects.count() == known


def test_a_change_is_a_new_version_and_the_old_one_stays(form: Form) -> None:
    service.put_form(actor=SYSTEM, content=shop(field="sign", max_length=30), at=AT)
    assert service.get_form("test-shop").fields["sign"].max_length == 30
    assert service.get_form("test-shop", 1).fields["sign"].max_length == 20


def test_a_version_may_become_valid_later(form: Form) -> None:
    service.put_form(
        actor=SYSTEM, content=shop(field="sign", max_length=30), at=AT, valid_from=date(2027, 1, 1)
    )
    assert service.get_form("test-shop", on=date(2026, 12, 31)).version == 1
    assert service.get_form("test-shop", on=date(2027, 1, 1)).version == 2


def test_a_form_that_was_never_published_is_not_found() -> None:
    with pytest.raises(FormNotFound):
        service.get_form("no-such-form")


def test_an_unsound_definition_is_refused_with_every_place(base_registers: None) -> None:
    with pytest.raises(DefinitionInvalid) as refused:
        service.put_form(actor=SYSTEM, content=shop(field="area", min="one", visible="nothing > 1"), at=AT)
    places = [p["place"] for p in refused.value.data["problems"]]
    assert places == ["pages[1] (shop).fields[1] (area).visible", "pages[1] (shop).fields[1] (area).min"]
    assert not FormDef.objects.filter(key="test-shop").exists()
    assert not Event.objects.exists()


def test_a_binding_to_nothing_is_refused(base_registers: None) -> None:
    bind = {"register": "population", "field": "shoe_size", "subject": "person"}
    with pytest.raises(DefinitionInvalid, match="no field 'shoe_size'"):
        service.put_form(actor=SYSTEM, content=shop(field="owner_name", bind=bind), at=AT)


# --- once-only: Regulations on On-line Government Services (2019) ----------------------------------------------------


def test_what_a_register_holds_is_not_asked(base_registers: None) -> None:
    content = shop(field="owner_name", bind=None)
    with pytest.raises(OnceOnlyRefused) as refused:
        service.put_form(actor=SYSTEM, content=content, at=AT)
    assert refused.value.data["fields"] == [
        {"field": "owner_name", "register": "population", "register_field": "name"}
    ]
    assert not FormDef.objects.filter(key="test-shop").exists()
    assert not Event.objects.exists()


def test_an_id_number_is_known_for_what_it_is_without_being_declared(base_registers: None) -> None:
    content = shop(field="owner_id", bind=None, beside=None)
    with pytest.raises(OnceOnlyRefused):
        service.put_form(actor=SYSTEM, content=content, at=AT)


def test_it_may_be_asked_with_a_reason_that_is_on_record(base_registers: None) -> None:
    reason = {"zh": "要能联系到来办事的人，不一定是登记的号码", "en": "To reach the person who comes"}
    service.put_form(actor=SYSTEM, content=shop(field="mobile", element="person.phone", reason=reason), at=AT)
    assert service.get_form("test-shop").fields["mobile"].reason.zh == reason["zh"]


def test_without_the_reason_it_is_refused(base_registers: None) -> None:
    with pytest.raises(OnceOnlyRefused):
        service.put_form(actor=SYSTEM, content=shop(field="mobile", element="person.phone"), at=AT)
