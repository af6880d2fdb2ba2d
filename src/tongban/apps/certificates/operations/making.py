"""What making any certificate takes: its words on the sheet, the signed PDF, its place in the register."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from tongban.apps.certificates import events, keys, qr, rules
from tongban.apps.certificates.models import Certificate, CertificateTypeVersion
from tongban.base import checks, outbox
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.files import service as files
from tongban.kernel.forms import service as forms
from tongban.kernel.registers import service as registers

__all__ = [
    "STANDING",
    "copy_url",
    "face_of",
    "full_identifier",
    "next_due",
    "publish",
    "signed_pdf",
    "standing",
    "verify_url",
    "write_register",
]

STANDING = """jsonb_build_object(
  'number', CASE WHEN number LIKE replace(public_number, '*', '_')
    OR (strpos(number, '⟦') > 0 AND public_number LIKE regexp_replace(number, '⟦[^⟧]*⟧', repeat('_', 18)))
    THEN public_number ELSE number END,
  'identifier', identifier, 'status', status, 'valid_to', to_char(valid_to, 'YYYY-MM-DD'))"""
"""What ``standing`` says, in SQL. The ledger keeps the number as anybody may see it; one that does not fit it was changed.
Of a veiled one only what stands around the ID number can be compared."""
HOLDER = "holder"
GIVES_WAY = rules.FORCE | {"expired"}
"""What a new version takes the place of; what was revoked, forfeited or cancelled stays that."""
CALCULATION = "calculation"
REMINDERS = (60, 30)
"""Days before the end on which the holder is reminded, where the type says nothing else. A renewal is asked for 30 days before
the end (Administrative Licensing Law art. 50)."""


def standing(certificate: Certificate) -> dict[str, Any]:
    """Return what the ledger keeps of a certificate: whoever changes one of these writes an act with it."""
    return {
        "number": certificate.public_number,
        "identifier": certificate.identifier,
        "status": certificate.status,
        "valid_to": certificate.valid_to,
    }


def full_identifier(type_code: str, organ: str, serial: str, version: int) -> str:
    """Return an identifier of GB/T 36904 with its check character."""
    plain = rules.identifier(type_code, organ, serial, version)
    return f"{plain}.{checks.certificate_check_character(plain)}"


def face_of(
    fields: Iterable[Mapping[str, Any]],
    form: Any,
    answers: Mapping[str, Any],
    *,
    holder: str,
    worked_out: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return the words of these fields of the face: ``{field: {"label", "value"}}``.

    A field stands there ``from`` an answer of the form, from who holds the certificate (``holder``), or from what a decision
    table worked out of what officials found (``calculation.level``): its lines are ``worked_out``.
    """
    lines = {f"{CALCULATION}.{line.get('key')}": LocalizedText.of(line["value"]) for line in worked_out}
    return {
        field["key"]: {
            "label": field["label"],
            "value": _words(form, answers, field["from"], holder, lines).as_json(),
        }
        for field in fields
    }


def _words(
    form: Any, answers: Mapping[str, Any], source: str, holder: str, lines: Mapping[str, LocalizedText]
) -> LocalizedText:
    if source == HOLDER:
        return LocalizedText(holder)
    if source.startswith(f"{CALCULATION}."):
        return lines.get(source, LocalizedText(""))
    return forms.as_text(form.fields[source], answers.get(source), form.fields[source].options)


def reminders_of(certificate: Certificate) -> tuple[int, ...]:
    """Return on how many days before the end the holder is reminded."""
    return tuple(certificate.type.content.get("reminders", REMINDERS))


def next_due(certificate: Certificate, *, day: date) -> date | None:
    """Return when the job has to look at this certificate next."""
    return rules.due_on(
        certificate.status,
        day,
        valid_to=certificate.valid_to,
        suspended_to=certificate.suspended_to,
        reminders=reminders_of(certificate),
    )


# --- the sheet ------------------------------------------------------------------------------------------------------


def signed_pdf(certificate: Certificate, *, at: datetime, copy: Any | None = None) -> bytes:
    """Return the signed PDF of a certificate, drawn by its version of the type; of a copy, with its words across the sheet."""
    kind = certificate.type
    drawn = CertificateTypeVersion.objects.filter(type=kind, version=certificate.type_version).first()
    content, source = (drawn.content, drawn.source) if drawn else (kind.content, kind.source)
    name = LocalizedText.of(content["name"])
    url = verify_url(certificate) if copy is None else copy_url(copy)
    code = certificate.verify_code if copy is None else copy.verify_code
    text = f"{url}#{keys.sign_words(_signed_words(certificate, name, copy), at=at)}"
    pdf = files.render_typst(
        source,
        {
            "heading": name.zh,
            "heading_en": name.en,
            "number": certificate.number,
            "identifier": certificate.identifier,
            "fields": list(certificate.data.values()),
            "organ": kind.unit.name.zh,
            "issued_on": local_date(certificate.issued_at).isoformat(),
            "valid_from": certificate.valid_from.isoformat(),
            "valid_to": certificate.valid_to.isoformat() if certificate.valid_to else "",
            "supervision": LocalizedText.of(content.get("supervision")).zh,
            "verify_url": url,
            "verify_code": code,
            **({} if copy is None else _annotation(copy)),
        },
        title=f"{name.zh} {certificate.public_number}" + ("" if copy is None else "（加注件）"),
        assets={"qr": files.qr_svg(text, error="l")},
        at=certificate.issued_at if copy is None else copy.made_at,
    )
    return files.sign_pdf(
        pdf, reason=f"{name.zh} {certificate.public_number}", location=kind.unit.name.zh, at=at
    )


def _signed_words(certificate: Certificate, name: LocalizedText, copy: Any | None) -> qr.Words:
    return qr.Words(
        identifier=certificate.identifier,
        number=certificate.public_number,
        name=name.zh,
        holder=certificate.all_names,
        organ=certificate.type.unit.name.zh,
        valid_from=certificate.valid_from if copy is None else local_date(copy.made_at),
        valid_to=certificate.valid_to if copy is None else copy.valid_to,
        receiver="" if copy is None else copy.receiver,
        purpose="" if copy is None else copy.purpose,
    )


def _annotation(copy: Any) -> dict[str, str]:
    return {
        "copy_receiver": copy.receiver,
        "copy_purpose": copy.purpose,
        "copy_valid_to": copy.valid_to.isoformat(),
        "copy_made_on": local_date(copy.made_at).isoformat(),
    }


def verify_url(certificate: Certificate) -> str:
    """Return the public address that the QR code carries."""
    return settings.TONGBAN_PUBLIC_URL + reverse("certificates:verify", args=[certificate.verify_code])


def copy_url(copy: Any) -> str:
    """Return the public address that the QR code of a copy carries."""
    return settings.TONGBAN_PUBLIC_URL + reverse("certificates:verify", args=[copy.verify_code])


# --- becoming valid -------------------------------------------------------------------------------------------------


@transaction.atomic
def publish(certificate: Certificate, pdf: bytes, *, actor: Actor, at: datetime) -> bool:
    """Put the signed PDF under a certificate and write it into the register; True when this call did it.

    The version that it replaces gives way in the same transaction: there is never none, and never two.
    """
    row = (
        Certificate.objects.select_for_update(of=("self",))
        .select_related("type__unit", "replaces")
        .get(pk=certificate.pk)
    )
    is_new = row.file_id is None
    if is_new:
        if row.replaces is not None and row.replaces.status in GIVES_WAY:
            _give_way(row.replaces, actor=actor, at=at)
        stored = files.store_bytes(
            name=f"{row.type.name.zh}_{row.public_number}.pdf",
            media_type="application/pdf",
            content=pdf,
            use=row.ref,
            role="certificate",
            at=at,
        )
        row.file_id = stored.pk
        row.save(update_fields=["file"])
        write_register(row, actor=actor, at=at)
        outbox.announce(events.ISSUED, row.ref, at=at)
    certificate.file_id = row.file_id
    return is_new


def _give_way(old: Certificate, *, actor: Actor, at: datetime) -> None:
    from tongban.apps.certificates.operations.status import set_status

    set_status(old, "replaced", actor=actor, at=at)


def write_register(certificate: Certificate, *, actor: Actor, at: datetime) -> None:
    """Write the certificate into the register, where the vault, pre-fill and my space read it: a row for each who holds it.

    The first has the identifier as its key, the others that and their place ("…#2"), since a row is about one holder.
    A step that a citizen's own act set going is written by the product itself: citizens write no registers.
    """
    unit = certificate.type.unit
    for place, (holder_key, _) in enumerate(certificate.holders, start=1):
        registers.put_record(
            actor=actor if actor.is_official else Actor.system("certificates"),
            register="certificates",
            key=certificate.identifier if place == 1 else f"{certificate.identifier}#{place}",
            values={
                "type": certificate.type.key,
                "holder_kind": certificate.holder_kind,
                "holder_key": holder_key,
                "number": certificate.number,
                "name": certificate.type.name.zh,
                "issued_on": local_date(certificate.issued_at),
                "valid_from": certificate.valid_from,
                "valid_to": certificate.valid_to,
                "status": certificate.status,
                "issuing_unit": unit.code,
                "file_id": str(certificate.file_id),
            },
            source=f"{unit.name.zh} {certificate.public_number}",
            at=at,
        )
