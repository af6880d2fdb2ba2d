"""Who holds a certificate: everybody who applied, each finds it; a number made of an ID number is masked where it is public."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.county import PNG, County
from tongban.apps.certificates import service as certificates
from tongban.apps.certificates.models import Certificate
from tongban.apps.services import service as services
from tongban.apps.services.models import Consent
from tongban.apps.vault import register as vault
from tongban.base.actor import Actor
from tongban.base.time import local_date
from tongban.kernel.ledger.models import Act
from tongban.kernel.registers import service as registers

SENIOR = ("字玉珍", "53239919430411128X")
WALKS = Path(__file__).parent / "walks" / "items"
SYSTEM = Actor.system("test")


def handed_in(county: County, item: str, together_with: str = "") -> Any:
    """Submit an application of the villager, with the senior where she is named as its second applicant."""
    actor = county.actor("villager")
    case = services.create_application(actor=actor, item_key=item, entity_id=None, at=county.now)
    if together_with:
        services.add_co_applicant(
            actor=actor, case_id=case.pk, name=SENIOR[0], citizen_id=SENIOR[1], at=county.now
        )
        consent = Consent.objects.get(case=case)
        services.give_consent(actor=county.actor(together_with), consent_id=consent.pk, at=county.now)
    said = yaml.safe_load((WALKS / f"{item}.yaml").read_text("utf-8"))["answers"]
    soon = (local_date(county.now) + timedelta(days=120)).isoformat()
    answers = {key: soon if value == "today+120" else value for key, value in said.items()}
    services.put_answers(actor=actor, case_id=case.pk, values=answers, at=county.now)
    case = services.get_application(actor, case.pk)
    for material in services.materials_of(case, services.get_item(item)):
        if material.is_upload and material.is_required:
            upload = SimpleUploadedFile("a.png", PNG)
            services.put_material(
                actor=actor, case_id=case.pk, key=material.key, upload=upload, at=county.now
            )
    return services.submit_application(actor=actor, case_id=case.pk, at=county.now)[0]


@pytest.fixture
def shared(county: County) -> Certificate:
    """A tree-felling permit that two people hold."""
    case = handed_in(county, "tree-felling", "elder")
    return certificates.issue_certificate(case=case, type_key="tree-felling", actor=SYSTEM, at=county.now)


def test_the_certificate_names_everybody_who_applied(county: County, shared: Certificate) -> None:
    first = county.account("villager").person.name
    assert shared.names == [first, SENIOR[0]]
    assert shared.data["holder"]["value"]["zh"] == f"{first}、{SENIOR[0]}"
    act = Act.objects.get(verb="certificates.issue", subject_id=str(shared.pk))
    assert len(act.about) == 2


def test_each_finds_it_in_register_vault_and_own_space(county: County, shared: Certificate) -> None:
    for who in ("villager", "elder"):
        person = county.account(who).person
        [held] = [
            each
            for each in vault.certificates_of(person.citizen_id, local_date(county.now))
            if each.number == shared.number
        ]
        assert held.status == "valid" and held.file_id == shared.file_id
        assert shared in certificates.list_certificates_of(county.actor(who))
        assert county.client(who).get(f"/files/{shared.file_id}/").status_code == 200
    assert vault.certificates_by_identifier([f"{shared.identifier}#2"], local_date(county.now))


def test_what_becomes_of_it_becomes_of_every_holders_row(county: County, shared: Certificate) -> None:
    from tongban.apps.certificates.operations.status import set_status

    set_status(shared, "cancelled", actor=SYSTEM, at=county.now, act="cancel")
    rows = registers.find_records("certificates", {"number": shared.number})
    assert [row.values["status"] for row in rows] == ["cancelled", "cancelled"]


def test_everybody_who_checks_it_reads_masked_names(county: County, shared: Certificate) -> None:
    page = county.client().get(f"/certificates/verify/{shared.verify_code}/")
    text = page.content.decode()
    assert page.status_code == 200 and "字*" in text
    assert all(name not in text for name in shared.names)


@pytest.fixture
def disability(county: County) -> Certificate:
    """A disability certificate: limbs, second grade."""
    case = handed_in(county, "disability-certificate")
    case.facts = {**case.facts, "calculation": {"result": {"category": "4", "grade": "2"}, "lines": []}}
    return certificates.issue_certificate(
        case=case, type_key="disability-certificate", actor=SYSTEM, at=county.now
    )


def test_the_disability_certificate_is_numbered_by_person_kind_and_grade(
    county: County, disability: Certificate
) -> None:
    citizen_id = county.account("villager").person.citizen_id
    assert disability.number == f"{citizen_id}42" and len(disability.number) == 20
    [held] = [
        each
        for each in vault.certificates_of(citizen_id, local_date(county.now))
        if each.name == disability.type.name.zh
    ]
    assert held.number == disability.number


def test_such_a_number_is_nowhere_public_in_full(county: County, disability: Certificate) -> None:
    citizen_id = county.account("villager").person.citizen_id
    assert citizen_id not in disability.public_number and disability.public_number.endswith("42")
    page = county.client().get(f"/certificates/verify/{disability.verify_code}/").content.decode()
    assert citizen_id not in page and disability.public_number in page
    told = county.client().get(f"/api/v1/certificates/verify/{disability.verify_code}").content.decode()
    assert citizen_id not in told
    acts = Act.objects.filter(subject_id=str(disability.pk))
    assert acts.exists() and all(citizen_id not in f"{act.facts}{act.reason}" for act in acts)


def test_the_next_one_of_the_same_number_takes_the_place_of_the_first(
    county: County, disability: Certificate
) -> None:
    county.go_to("2026-06-02")
    case = handed_in(county, "disability-certificate")
    case.facts = {**case.facts, "calculation": {"result": {"category": "4", "grade": "2"}, "lines": []}}
    again = certificates.issue_certificate(
        case=case, type_key="disability-certificate", actor=SYSTEM, at=county.now
    )
    disability.refresh_from_db()
    assert (again.number, again.version, disability.status) == (disability.number, 2, "replaced")
