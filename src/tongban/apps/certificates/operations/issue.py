"""Issuing a certificate: number and row in one transaction, then rendering and signing, then the register."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from tongban.apps.certificates import rules
from tongban.apps.certificates.errors import CertificateTypeUnknown, HolderUnknown
from tongban.apps.certificates.models import Certificate, CertificateType
from tongban.apps.certificates.operations.making import (
    face_of,
    full_identifier,
    next_due,
    publish,
    signed_pdf,
    standing,
)
from tongban.base.numbering import next_in_counter
from tongban.base.time import local_date
from tongban.design.rules import mask_id
from tongban.kernel.cases import service as cases
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["co_holders_of", "holder_of", "issue_certificate", "issue_for_process", "type_of"]

COUNTY = 6


@processes.operation("certificates.issue", pure_db=False)
def issue_for_process(context: processes.OperationContext) -> dict[str, Any]:
    """The job that a licence process names: issue the certificate of the case. Repeating it makes no second one."""
    certificate = issue_certificate(
        case=cases.case_of(context.owner),
        type_key=context.vars["certificate_type"],
        actor=context.actor,
        at=context.at,
    )
    return {"certificate": str(certificate.pk), "certificate_number": certificate.public_number}


def issue_certificate(*, case: Any, type_key: str, actor: Any, at: datetime) -> Certificate:
    """Issue the certificate of a granted case: numbered, rendered, signed, written into the register.

    Three short steps; no row is locked while typst and the signer work. Each step finds what an interrupted earlier run
    left, so it may be repeated at any time. Raises CertificateTypeUnknown.
    """
    kind = type_of(type_key)
    certificate = Certificate.objects.filter(made_in_id=case.pk).first() or _number(case, kind, actor, at)
    if certificate.file_id is None:
        publish(certificate, signed_pdf(certificate, at=at), actor=actor, at=at)
    return certificate


def type_of(key: str) -> CertificateType:
    """Return a type. Raises CertificateTypeUnknown."""
    kind = CertificateType.objects.select_related("unit").filter(key=key).first()
    if kind is None:
        raise CertificateTypeUnknown(type=key)
    return kind


def holder_of(case: Any) -> tuple[str, str]:
    """Return kind and number of the applicant: an entity's credit code, a person's ID number. Raises HolderUnknown."""
    party = next(party for party in case.parties.all() if party.role == "applicant")
    key: str | None
    if party.entity_id is not None:
        kind, key = "entity", identity.get_entity(party.entity_id).uscc
    elif party.person_id is not None:
        kind, key = "person", identity.get_person(party.person_id).citizen_id
    else:
        kind, key = "person", ""
    if not key:
        raise HolderUnknown(case=case.number)
    return kind, key


def co_holders_of(case: Any) -> list[dict[str, str]]:
    """Return those who applied together with the first applicant: each holds the certificate too. Raises HolderUnknown."""
    found = []
    for party in case.parties.all():
        if party.role == "co-applicant":
            key = identity.get_person(party.person_id).citizen_id
            if not key:
                raise HolderUnknown(case=case.number)
            found.append({"key": key, "name": party.name})
    return found


@transaction.atomic
def _number(case: Any, kind: CertificateType, actor: Any, at: datetime) -> Certificate:
    holder_kind, holder_key = holder_of(case)
    form = forms.form_of(case.entry)
    answers = forms.answers_of(form, case.entry.data, at=at)
    day = local_date(at)
    n = next_in_counter(kind.content["number"]["counter"])
    co_holders = co_holders_of(case)
    calculation = case.facts.get("calculation") or {}
    number, public_number = (
        rules.format_number(
            kind.content["number"],
            year=day.year,
            n=n,
            area=kind.unit.division_code[:COUNTY],
            answers={**answers, "uscc": case.facts.get("uscc", "")},
            holder_id=holder_id,
            worked_out=calculation.get("result", {}),
        )
        for holder_id in (holder_key, mask_id(holder_key))
    )
    # A number made of the holder's own number comes again with his next certificate: that takes the place of this one.
    before = Certificate.objects.filter(type=kind, number=number).order_by("-version").first()
    version = before.version + 1 if before is not None else 1
    certificate = Certificate(
        type=kind,
        type_version=kind.version,
        case_id=case.pk,
        made_in_id=case.pk,
        number=number,
        public_number=public_number,
        version=version,
        replaces=before,
        identifier=full_identifier(kind.type_code, kind.unit.uscc, f"{day.year}{n:08d}", version),
        holder_kind=holder_kind,
        holder_key=holder_key,
        holder_name=case.applicant_name,
        co_holders=co_holders,
        data=face_of(
            kind.content["fields"],
            form,
            answers,
            holder="、".join([case.applicant_name, *(each["name"] for each in co_holders)]),
            worked_out=calculation.get("lines", ()),
        ),
        issued_at=at,
        valid_from=day,
        valid_to=rules.last_day(kind.content["validity"], day, answers),
        looked_on=day,
        verify_code=rules.new_code(),
    )
    certificate.due_on = next_due(certificate, day=day)
    certificate.save(force_insert=True)
    ledger.record(
        actor=actor,
        verb="certificates.issue",
        subject=certificate.ref,
        case=str(case.ref),
        facts={"number": public_number},
        standing=standing(certificate),
        about=certificate.holder_keys,
        at=at,
    )
    return certificate
