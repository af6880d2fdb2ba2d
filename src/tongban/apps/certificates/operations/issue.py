"""Issuing a certificate: number and row in one transaction, then rendering and signing, then the register."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from tongban.apps.certificates import rules
from tongban.apps.certificates.errors import CertificateTypeUnknown, HolderUnknown
from tongban.apps.certificates.models import Certificate, CertificateType
from tongban.base import checks, outbox
from tongban.base.numbering import next_in_counter
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes
from tongban.kernel.registers import service as registers

__all__ = ["issue_certificate", "issue_for_process", "verify_url"]

COUNTY = 6
HOLDER = "holder"


@processes.operation("certificates.issue", pure_db=False)
def issue_for_process(context: processes.OperationContext) -> dict[str, Any]:
    """The job that a licence process names: issue the certificate of the case. Repeating it makes no second one."""
    certificate = issue_certificate(
        case=cases.case_of(context.owner),
        type_key=context.vars["certificate_type"],
        actor=context.actor,
        at=context.at,
    )
    return {"certificate": str(certificate.pk), "certificate_number": certificate.number}


def issue_certificate(*, case: Any, type_key: str, actor: Any, at: datetime) -> Certificate:
    """Issue the certificate of a granted case: numbered, rendered, signed, written into the register.

    Three short steps; no row is locked while typst and the signer work. Each step finds what an interrupted earlier run
    left, so it may be repeated at any time. Raises CertificateTypeUnknown.
    """
    kind = CertificateType.objects.select_related("unit").filter(key=type_key).first()
    if kind is None:
        raise CertificateTypeUnknown(type=type_key)
    certificate = Certificate.objects.filter(case_id=case.pk).first() or _number(case, kind, actor, at)
    if certificate.file_id is None:
        pdf = _signed_pdf(certificate, kind, at=at)
        _publish(certificate, kind, pdf, actor, at)
    return certificate


@transaction.atomic
def _number(case: Any, kind: CertificateType, actor: Any, at: datetime) -> Certificate:
    holder = next(party for party in case.parties.all() if party.role == "applicant")
    holder_kind = "entity" if holder.entity_id is not None else "person"
    holder_key = (
        identity.get_entity(holder.entity_id).uscc
        if holder.entity_id is not None
        else identity.get_person(holder.person_id).citizen_id
    )
    if not holder_key:
        raise HolderUnknown(case=case.number)
    form = forms.form_of(case.entry)
    answers = forms.answers_of(form, case.entry.data, at=at)
    face = {
        field["key"]: {
            "label": field["label"],
            "value": _face_value(case, form, answers, field["from"]).as_json(),
        }
        for field in kind.content["fields"]
    }
    day = local_date(at)
    organ = kind.unit.uscc
    n = next_in_counter(kind.content["number"]["counter"])
    number = rules.format_number(
        kind.content["number"],
        year=day.year,
        n=n,
        area=kind.unit.division_code[:COUNTY],
        answers={**answers, "uscc": case.facts.get("uscc", "")},
    )
    serial = f"{day.year}{n:08d}"
    identifier = rules.identifier(kind.type_code, organ, serial, "001")
    certificate = Certificate.objects.create(
        type=kind,
        case_id=case.pk,
        number=number,
        identifier=f"{identifier}.{checks.certificate_check_character(identifier)}",
        holder_kind=holder_kind,
        holder_key=holder_key,
        holder_name=case.applicant_name,
        data=face,
        issued_at=at,
        valid_from=day,
        valid_to=rules.last_day(kind.content["validity"], day, answers),
        verify_code=rules.new_code(),
    )
    ledger.record(
        actor=actor,
        verb="certificates.issue",
        subject=certificate.ref,
        case=str(case.ref),
        facts={"number": number},
        standing=standing(certificate),
        about=[holder_key],
        at=at,
    )
    return certificate


def _face_value(case: Any, form: Any, answers: Any, source: str) -> LocalizedText:
    """Return what stands on the face: an answer in words, or who holds the certificate (``holder``)."""
    if source == HOLDER:
        return LocalizedText(case.applicant_name)
    return forms.as_text(form.fields[source], answers.get(source), form.fields[source].options)


STANDING = """jsonb_build_object('number', number, 'identifier', identifier, 'status', status,
  'valid_to', to_char(valid_to, 'YYYY-MM-DD'))"""
"""What ``standing`` says, in SQL."""


def standing(certificate: Certificate) -> dict[str, Any]:
    """Return what the ledger keeps of a certificate: whoever changes one of these writes an act with it."""
    return {
        "number": certificate.number,
        "identifier": certificate.identifier,
        "status": certificate.status,
        "valid_to": certificate.valid_to,
    }


def _signed_pdf(certificate: Certificate, kind: CertificateType, *, at: datetime) -> bytes:
    url = verify_url(certificate)
    pdf = files.render_typst(
        kind.source,
        {
            "heading": kind.name.zh,
            "heading_en": kind.name.en,
            "number": certificate.number,
            "identifier": certificate.identifier,
            "fields": list(certificate.data.values()),
            "organ": kind.unit.name.zh,
            "issued_on": certificate.valid_from.isoformat(),
            "valid_to": certificate.valid_to.isoformat() if certificate.valid_to else "",
            "supervision": LocalizedText.of(kind.content.get("supervision")).zh,
            "verify_url": url,
            "verify_code": certificate.verify_code,
        },
        title=f"{kind.name.zh} {certificate.number}",
        assets={"qr": files.qr_svg(url)},
        at=certificate.issued_at,
    )
    return files.sign_pdf(
        pdf, reason=f"{kind.name.zh} {certificate.number}", location=kind.unit.name.zh, at=at
    )


@transaction.atomic
def _publish(certificate: Certificate, kind: CertificateType, pdf: bytes, actor: Any, at: datetime) -> None:
    row = Certificate.objects.select_for_update().get(pk=certificate.pk)
    if row.file_id is None:
        stored = files.store_bytes(
            name=f"{kind.name.zh}_{row.number}.pdf",
            media_type="application/pdf",
            content=pdf,
            use=row.ref,
            role="certificate",
            at=at,
        )
        row.file_id = stored.pk
        row.save(update_fields=["file"])
        registers.put_record(
            actor=actor,
            register="certificates",
            key=row.identifier,
            values={
                "identifier": row.identifier,
                "type": kind.key,
                "holder_kind": row.holder_kind,
                "holder_key": row.holder_key,
                "number": row.number,
                "name": kind.name.zh,
                "issued_on": row.valid_from,
                "valid_from": row.valid_from,
                "valid_to": row.valid_to,
                "status": row.status,
                "issuing_unit": kind.unit.code,
                "file_id": str(stored.pk),
            },
            source=f"{kind.unit.name.zh} {row.number}",
            at=at,
        )
        outbox.announce("certificates.issued", row.ref, at=at)
    certificate.file_id = row.file_id


def verify_url(certificate: Certificate) -> str:
    """Return the public address that the QR code carries."""
    return settings.TONGBAN_PUBLIC_URL + reverse("certificates:verify", args=[certificate.verify_code])
