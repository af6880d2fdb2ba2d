"""Reads of certificates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tongban.apps.certificates import rules
from tongban.apps.certificates.errors import CertificateNotFound
from tongban.apps.certificates.models import Certificate
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files

__all__ = ["STATUS", "Verified", "get_certificate", "list_certificates_of", "may_read", "verify"]

STATUS = {
    "valid": LocalizedText(zh="有效", en="Valid"),
    "expired": LocalizedText(zh="已过期", en="Expired"),
    "suspended": LocalizedText(zh="暂扣", en="Suspended"),
    "revoked": LocalizedText(zh="已撤销", en="Revoked"),
    "cancelled": LocalizedText(zh="已注销", en="Cancelled"),
}


@dataclass(frozen=True, slots=True)
class Verified:
    """What whoever holds the code may know: that the certificate is real, whose it is (masked), whether it is valid now."""

    number: str
    identifier: str
    name: LocalizedText
    holder_name: str
    holder_kind: str
    organ: LocalizedText
    issued_on: date
    valid_to: date | None
    status: str
    status_label: LocalizedText
    signature_is_intact: bool
    checked_at: datetime

    @property
    def is_valid(self) -> bool:
        """Return whether it is in force and its file unaltered."""
        return self.status == "valid" and self.signature_is_intact


def verify(code: str, *, at: datetime) -> Verified:
    """Check a certificate by its code: status today, and the signature of the stored file. Raises CertificateNotFound."""
    found = (
        Certificate.objects.select_related("type__unit").filter(verify_code=rules.clean_code(code)).first()
    )
    if found is None or found.file_id is None:
        raise CertificateNotFound
    status = found.status_on(local_date(at))
    report = files.verify_pdf(files.read_file(found.file_id))
    return Verified(
        number=found.number,
        identifier=found.identifier,
        name=found.type.name,
        holder_name=found.holder_name,
        holder_kind=found.holder_kind,
        organ=found.type.unit.name,
        issued_on=found.valid_from,
        valid_to=found.valid_to,
        status=status,
        status_label=STATUS[status],
        signature_is_intact=report.is_valid,
        checked_at=at,
    )


def get_certificate(actor: Actor, certificate_id: UUID) -> Certificate:
    """Return a certificate of a case that the actor may see. Raises CertificateNotFound."""
    found = Certificate.objects.select_related("type__unit", "case").filter(pk=certificate_id).first()
    if found is None or not may_read(actor, found):
        raise CertificateNotFound
    return found


def may_read(actor: Actor, certificate: Certificate) -> bool:
    """A certificate is for its holder (who sees its case) and for those who handled the case."""
    return cases.may_see(actor, certificate.case)


def list_certificates_of(actor: Actor) -> list[Any]:
    """Return the certificates from the cases in which the actor is a party, newest first."""
    ids = [case.pk for case in cases.list_cases_of(actor, drafts=False, limit=200)]
    return list(
        Certificate.objects.filter(case_id__in=ids, file__isnull=False)
        .select_related("type__unit")
        .order_by("-issued_at")
    )
