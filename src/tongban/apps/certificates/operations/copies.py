"""Copies for one purpose (加注件): the holder says for whom and what for; the sheet says it too, across everything."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongban.apps.certificates import events, rules
from tongban.apps.certificates.errors import CertificateNotFound, CopyInvalid, CopyNotPossible
from tongban.apps.certificates.models import Certificate, Copy
from tongban.apps.certificates.operations.making import signed_pdf
from tongban.apps.certificates.policies import is_holder
from tongban.base import outbox
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date
from tongban.kernel.files import service as files
from tongban.kernel.ledger import service as ledger

__all__ = ["DAYS", "end_copy", "make_copy"]

DAYS = (1, 7, 30, 90, rules.LONGEST_COPY)
"""For how long a copy may be made, as the page offers it."""
LONGEST_WORDS = 30
"""Characters of purpose and receiver: more cannot be read across a sheet."""


def make_copy(
    *, actor: Actor, certificate_id: UUID, purpose: str, receiver: str, days: int, at: datetime
) -> Copy:
    """Make a signed copy that says for whom and what for, with a code of its own. Only the holder may, of what is valid today.

    Raises CertificateNotFound, CopyNotPossible, CopyInvalid with the fields that are wrong.
    """
    certificate = (
        Certificate.objects.select_related("type__unit", "case")
        .filter(pk=certificate_id, file__isnull=False)
        .first()
    )
    if certificate is None or not is_holder(actor, certificate):
        raise CertificateNotFound
    purpose, receiver = _clean(purpose), _clean(receiver)
    _check(purpose, receiver, days)
    day = local_date(at)
    if certificate.status_on(day) != "valid":
        raise CopyNotPossible
    copy = Copy(
        certificate=certificate,
        purpose=purpose,
        receiver=receiver,
        made_at=at,
        made_by_id=actor.account_id,
        valid_to=rules.last_day_of_copy(day, days, certificate.valid_to),
        verify_code=rules.new_code(),
    )
    pdf = signed_pdf(certificate, at=at, copy=copy)  # nothing is written or locked yet
    with transaction.atomic():
        copy.save(force_insert=True)
        stored = files.store_bytes(
            name=f"{certificate.type.name.zh}_{certificate.public_number}_加注件.pdf",
            media_type="application/pdf",
            content=pdf,
            use=copy.ref,
            role="copy",
            at=at,
        )
        copy.file_id = stored.pk
        copy.save(update_fields=["file"])
        ledger.record(
            actor=actor,
            verb="certificates.copy",
            subject=certificate.ref,
            payload={"purpose": purpose, "receiver": receiver},
            facts={"number": certificate.public_number, "valid_to": copy.valid_to},
            about=certificate.holder_keys,
            at=at,
        )
        outbox.announce(events.COPY_MADE, certificate.ref, at=at)
    return copy


@transaction.atomic
def end_copy(*, actor: Actor, copy_id: UUID, at: datetime) -> Copy:
    """End a copy before its time; doing so twice changes nothing. Only the holder may. Raises CertificateNotFound."""
    copy = (
        Copy.objects.select_for_update(of=("self",))
        .select_related("certificate__case")
        .filter(pk=copy_id)
        .first()
    )
    if copy is None or not is_holder(actor, copy.certificate):
        raise CertificateNotFound
    if copy.ended_at is None:
        finish(copy, actor=actor, at=at)
    return copy


def finish(copy: Copy, *, actor: Actor, at: datetime) -> None:
    """End a (locked) copy: nobody can open its file any more, its code says that it is over."""
    if copy.file_id is not None:
        files.remove_use(file_id=copy.file_id, use=copy.ref, at=at)
        copy.file_id = None
    copy.ended_at = at
    copy.save(update_fields=["ended_at", "file"])
    ledger.record(
        actor=actor,
        verb="certificates.end_copy",
        subject=copy.certificate.ref,
        facts={"number": copy.certificate.public_number},
        about=copy.certificate.holder_keys,
        at=at,
    )


def _clean(words: str) -> str:
    """Return words as one line without invisible characters: they stand across a sheet that others trust."""
    plain = "".join(
        c if unicodedata.category(c)[0] != "C" else " " for c in unicodedata.normalize("NFC", words)
    )
    return " ".join(plain.split())


def _check(purpose: str, receiver: str, days: int) -> None:
    errors = []
    for field, value, missing in (
        ("purpose", purpose, T("写明做什么用", "Say what the copy is for")),
        ("receiver", receiver, T("写明给谁", "Say whom the copy is for")),
    ):
        if not value:
            errors.append({"field": field, "message": missing.as_json()})
        elif len(value) > LONGEST_WORDS:
            too_long = T(f"最多 {LONGEST_WORDS} 个字", f"At most {LONGEST_WORDS} characters")
            errors.append({"field": field, "message": too_long.as_json()})
    if not 1 <= days <= rules.LONGEST_COPY:
        wrong = T(f"1 到 {rules.LONGEST_COPY} 天", f"From 1 to {rules.LONGEST_COPY} days")
        errors.append({"field": "days", "message": wrong.as_json()})
    if errors:
        raise CopyInvalid(errors=errors)
