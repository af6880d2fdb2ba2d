"""Reads of certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from tongban.apps.certificates import rules
from tongban.apps.certificates.errors import CertificateNotFound
from tongban.apps.certificates.kind import NAMES
from tongban.apps.certificates.models import Certificate, Copy
from tongban.apps.certificates.operations.proceed import open_proceeding_of
from tongban.apps.certificates.policies import HANDLE, has_desk, is_holder, may_handle, may_read
from tongban.apps.certificates.words import STATUS, TONES, face_rows
from tongban.base.actor import Actor
from tongban.base.errors import NotFound
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.design.paging import Page, paginate
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger

__all__ = [
    "CopyView",
    "Row",
    "Verified",
    "acts_on",
    "copies_of",
    "copy_file",
    "desk_page",
    "find_certificates",
    "get_certificate",
    "history_of",
    "list_certificates_of",
    "row_of",
    "verify",
    "versions_of",
]


# --- checked by anybody ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verified:
    """What whoever holds the code may know: that the certificate is real, whose it is (masked), whether it is valid now.

    ``receiver`` and ``purpose`` are those of a copy, "" for the certificate itself; ``valid_to`` is then the copy's.
    """

    number: str
    identifier: str
    name: LocalizedText
    holder_names: list[str]
    holder_kind: str
    organ: LocalizedText
    issued_on: date
    valid_to: date | None
    status: str
    status_label: LocalizedText
    signature_is_intact: bool
    checked_at: datetime
    receiver: str = ""
    purpose: str = ""
    suspended_to: date | None = None

    @property
    def is_copy(self) -> bool:
        """True for a copy made for one purpose."""
        return bool(self.receiver)

    @property
    def is_valid(self) -> bool:
        """Return whether it is in force and its file unaltered."""
        return self.status == "valid" and self.signature_is_intact


def verify(code: str, *, at: datetime) -> Verified:
    """Check a certificate or a copy by its code: status today, and the signature of the stored file.

    Raises CertificateNotFound.
    """
    clean = rules.clean_code(code)
    found = Certificate.objects.select_related("type__unit").filter(verify_code=clean).first()
    if found is not None and found.file_id is not None:
        return _verified(found, None, at=at)
    copy = Copy.objects.select_related("certificate__type__unit").filter(verify_code=clean).first()
    if copy is None:
        raise CertificateNotFound
    return _verified(copy.certificate, copy, at=at)


def _verified(found: Certificate, copy: Copy | None, *, at: datetime) -> Verified:
    day = local_date(at)
    status = found.status_on(day)
    file_id = found.file_id
    if copy is not None:
        status = rules.copy_status(status, day, valid_to=copy.valid_to, is_ended=copy.ended_at is not None)
        file_id = copy.file_id  # forgotten when the copy ended: then there is nothing to be altered
    return Verified(
        number=found.public_number,
        identifier=found.identifier,
        name=found.type.name,
        holder_names=found.names,
        holder_kind=found.holder_kind,
        organ=found.type.unit.name,
        issued_on=local_date(found.issued_at),
        valid_to=found.valid_to if copy is None else copy.valid_to,
        status=status,
        status_label=STATUS[status],
        signature_is_intact=file_id is None or files.verify_pdf(files.read_file(file_id)).is_valid,
        checked_at=at,
        receiver="" if copy is None else copy.receiver,
        purpose="" if copy is None else copy.purpose,
        suspended_to=found.suspended_to if status == "suspended" else None,
    )


# --- the holder's ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A certificate as lists show it today."""

    certificate: Certificate
    status: str
    label: LocalizedText
    tone: str
    holder: str = ""


@dataclass(frozen=True, slots=True)
class CopyView:
    """A copy as its maker sees it."""

    id: UUID
    purpose: str
    receiver: str
    made_at: datetime
    valid_to: date
    verify_code: str
    status: str
    label: LocalizedText
    is_open: bool


def get_certificate(actor: Actor, certificate_id: UUID) -> Certificate:
    """Return a certificate that the actor may see. Raises CertificateNotFound."""
    found = (
        Certificate.objects.select_related("type__unit", "case")
        .filter(pk=certificate_id, file__isnull=False)
        .first()
    )
    if found is None or not may_read(actor, found):
        raise CertificateNotFound
    return found


def list_certificates_of(actor: Actor, *, earlier: bool = False) -> list[Certificate]:
    """Return the certificates from the cases in which the actor is a party, newest first; without replaced versions."""
    ids = [case.pk for case in cases.list_cases_of(actor, drafts=False, limit=200)]
    found = Certificate.objects.filter(case_id__in=ids, file__isnull=False)
    if not earlier:
        found = found.exclude(status="replaced")
    return list(found.select_related("type__unit").order_by("-issued_at"))


def row_of(certificate: Certificate, day: date) -> Row:
    """Return a certificate with its status on a day, in words."""
    status = certificate.status_on(day)
    return Row(certificate, status, STATUS[status], TONES.get(status, "red-soft"))


def copies_of(actor: Actor, certificate: Certificate, *, at: datetime) -> list[CopyView]:
    """Return the copies that were made of a certificate, newest first; only its holder sees them."""
    if not is_holder(actor, certificate):
        return []
    day = local_date(at)
    return [
        _copy_view(copy, certificate.status_on(day), day) for copy in certificate.copies.order_by("-made_at")
    ]


def _copy_view(copy: Copy, certificate_status: str, day: date) -> CopyView:
    status = rules.copy_status(
        certificate_status, day, valid_to=copy.valid_to, is_ended=copy.ended_at is not None
    )
    return CopyView(
        copy.pk,
        copy.purpose,
        copy.receiver,
        copy.made_at,
        copy.valid_to,
        copy.verify_code,
        status,
        STATUS[status],
        is_open=copy.file_id is not None and status == "valid",
    )


def copy_file(actor: Actor, copy_id: UUID, *, at: datetime) -> UUID:
    """Return the file of a copy that has not ended, to its holder. Raises CertificateNotFound."""
    copy = Copy.objects.select_related("certificate__case").filter(pk=copy_id, file__isnull=False).first()
    if copy is None or not is_holder(actor, copy.certificate):
        raise CertificateNotFound
    day = local_date(at)
    if not _copy_view(copy, copy.certificate.status_on(day), day).is_open:
        raise CertificateNotFound
    assert copy.file_id is not None  # noqa: S101 - filtered above
    return copy.file_id


def versions_of(certificate: Certificate) -> list[Certificate]:
    """Return all versions under the number of this certificate, newest first."""
    return list(
        Certificate.objects.filter(type_id=certificate.type_id, number=certificate.number, file__isnull=False)
        .select_related("type__unit")
        .order_by("-version")
    )


def history_of(versions: Sequence[Certificate]) -> list[Any]:
    """Return the acts on these versions, newest first."""
    acts = [
        act for each in versions for act in ledger.acts_of(each.ref) if act.verb.startswith("certificates.")
    ]
    return sorted(acts, key=lambda act: act.id, reverse=True)


# --- the desk's -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ActView:
    """Something that may be done with a certificate now."""

    key: str
    label: LocalizedText
    hurts: bool
    second_look: bool


def find_certificates(
    actor: Actor, *, words: str = "", status: str = "", type_key: str = "", at: datetime, page: int = 1
) -> Page[Row]:
    """Search the certificates of the actor's unit. Raises NotFound for who has nothing to do with certificates.

    ``words``: a number, an identifier, a credit code, or a part of the holder's name.
    """
    if not has_desk(actor) or actor.unit_id is None:
        raise NotFound
    day = local_date(at)
    found = Certificate.objects.filter(type__unit_id=actor.unit_id, file__isnull=False)
    found = _with_status(found, status, day)
    if type_key:
        found = found.filter(type__key=type_key)
    words = words.strip()[:100]
    if words:
        found = found.filter(
            Q(number__iexact=words)
            | Q(number=words.upper())
            | Q(identifier=words)
            | Q(holder_kind="entity", holder_key=words.upper())
            | Q(holder_name__icontains=words)
            | Q(co_holders__contains=[{"name": words}])
        )
    taken = paginate(found.select_related("type__unit").order_by("-issued_at", "pk"), number=page)
    return Page([row_of(each, day) for each in taken.items], taken.number, taken.has_next)


def _with_status(found: QuerySet[Certificate], status: str, day: date) -> QuerySet[Certificate]:
    """Narrow to a status as it is today; without one, everything but replaced versions."""
    over = Q(status__in=rules.FORCE, valid_to__lt=day)
    match status:
        case "":
            return found.exclude(status="replaced")
        case "expired":
            return found.filter(Q(status="expired") | over)
        case "valid":
            resumed = Q(status="suspended", suspended_to__lt=day)
            return found.filter(Q(status="valid") | resumed).exclude(over)
        case "suspended":
            return found.filter(status="suspended").exclude(over).exclude(suspended_to__lt=day)
        case "ending":  # within sixty days: who should think of renewing
            return found.filter(status="valid", valid_to__gte=day, due_on__isnull=False).filter(
                valid_to__lte=date.fromordinal(day.toordinal() + 60)
            )
        case other if other in rules.STATUSES:
            return found.filter(status=other)
    return found.none()


def types_of(actor: Actor) -> list[tuple[str, LocalizedText]]:
    """Return key and name of the types that the actor's unit issues."""
    from tongban.apps.certificates.models import CertificateType

    rows = (
        CertificateType.objects.filter(unit_id=actor.unit_id or 0).order_by("key").values_list("key", "name")
    )
    return [(key, LocalizedText.of(name)) for key, name in rows]


def acts_on(actor: Actor, certificate: Certificate, *, at: datetime) -> list[ActView]:
    """Return what the actor may begin with a certificate now; nothing while a proceeding is open."""
    if not may_handle(actor, certificate):
        return []
    status = certificate.status_on(local_date(at))
    return [
        ActView(act, NAMES[act], rules.takes_from_holder(status, act), rules.needs_second_look(status, act))
        for act in rules.acts_from(status)
        if act != "renew" or (certificate.valid_to is not None and certificate.type.years)
    ]


def desk_page(actor: Actor, certificate_id: UUID, *, at: datetime) -> Mapping[str, Any]:
    """Return everything the page of one certificate shows to an officer of the issuing organ.

    That is reading somebody's data: an act, written before the answer. Raises CertificateNotFound.
    """
    certificate = get_certificate(actor, certificate_id)
    if not has_desk(actor):
        raise CertificateNotFound
    ledger.record_read(
        actor=actor,
        subject=certificate.ref,
        about=certificate.holder_keys,
        purpose="certificates.desk",
        fields=["holder_name", *sorted(certificate.data)],
        at=at,
    )
    versions = versions_of(certificate)
    proceeding = open_proceeding_of(certificate)
    day = local_date(at)
    proceedings = list(certificate.proceedings.select_related("case").order_by("-case__created_at"))
    return {
        "row": row_of(certificate, day),
        "certificate": certificate,
        "face": face_rows(certificate),
        "versions": [row_of(each, day) for each in versions],
        "history": history_of(versions),
        "proceeding": proceeding,
        "proceedings": proceedings,
        "papers": [
            paper
            for papers in instruments.papers_by_subject([p.case.ref for p in proceedings]).values()
            for paper in papers
        ],
        "acts": [] if proceeding else acts_on(actor, certificate, at=at),
        "can_handle": HANDLE in actor.duties,
        "copies": certificate.copies.count(),
    }
