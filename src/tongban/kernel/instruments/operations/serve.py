"""Service (送达): the paper reaches its recipient, and the recipient opens it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.outbox import announce
from tongban.base.ref import Ref
from tongban.kernel.instruments.errors import PaperNotFound
from tongban.kernel.instruments.models import Paper, Service
from tongban.kernel.instruments.policies import is_recipient
from tongban.kernel.instruments.recipients import Recipient
from tongban.kernel.ledger.service import record
from tongban.kernel.messages.service import send

__all__ = ["confirm_receipt", "note_receipt", "record_service", "serve_new"]


def record_service(*, actor: Actor, paper_id: UUID, recipient: Recipient, at: datetime) -> Service:
    """Note that a paper was served on one more recipient, in the way that the recipient says. Idempotent."""
    with transaction.atomic():
        paper = Paper.objects.select_for_update().filter(pk=paper_id).first()
        if paper is None:
            raise PaperNotFound
        known = paper.services.filter(
            recipient_kind=recipient.kind, recipient_id=recipient.id, method=recipient.method
        ).first()
        return known or serve_new(paper=paper, recipient=recipient, actor=actor, at=at)


def serve_new(*, paper: Paper, recipient: Recipient, actor: Actor, at: datetime) -> Service:
    """Serve on somebody on whom the paper was not served yet, inside the caller's transaction.

    Electronic service is done when the message is in the recipient's box (Electronic Signature Law art. 11); a paper handed over
    or posted needs its ``evidence`` (the signed slip, the postal number).
    """
    service = Service(
        paper=paper,
        recipient_kind=recipient.kind,
        recipient_id=recipient.id,
        recipient_name=recipient.name,
        method=recipient.method,
        served_at=at,
        received_at=at if recipient.method == Service.Method.IN_PERSON else None,
        evidence=recipient.evidence,
    )
    work.add(service)
    if recipient.method == Service.Method.ELECTRONIC:
        _tell(paper, recipient, at=at)
    record(
        actor=actor,
        verb="instruments.serve",
        subject=Ref.to("paper", paper.pk),
        at=at,
        case=paper.subject,
        facts={"number": paper.number, "method": recipient.method},
    )
    return service


def confirm_receipt(*, actor: Actor, paper_id: UUID, at: datetime) -> bool:
    """Note that the actor, on whom the paper was served, has it in hands; True when that was new."""
    with transaction.atomic():
        paper = Paper.objects.prefetch_related("services").filter(pk=paper_id).first()
        if paper is None:
            raise PaperNotFound
        return note_receipt(paper, actor=actor, at=at)


def note_receipt(paper: Paper, *, actor: Actor, at: datetime) -> bool:
    """Note the receipt inside the caller's transaction; nothing happens for who is no recipient."""
    waiting = [s.pk for s in paper.services.all() if s.received_at is None and is_recipient(actor, s)]
    if not waiting:
        return False
    changed = Service.objects.filter(pk__in=waiting, received_at__isnull=True, served_at__lte=at).update(
        received_at=at
    )
    if changed:
        record(
            actor=actor,
            verb="instruments.receive",
            subject=Ref.to("paper", paper.pk),
            at=at,
            case=paper.subject,
            facts={"number": paper.number},
        )
        announce("instruments.received", Ref.to("paper", paper.pk), at=at, about=str(paper.subject))
    return bool(changed)


def _tell(paper: Paper, recipient: Recipient, *, at: datetime) -> None:
    words = {"paper": paper.title, "number": paper.number, "organ": paper.organ}
    link = reverse("instruments:paper", args=[paper.pk])
    # Somebody with a query code has no box; an address, if given, is all there is.
    for person_id in recipient.notify or (None,):
        send(
            to_person=person_id,
            to_email=recipient.email,
            template="instruments.served",
            context=words,
            occasion=Ref.to("paper", paper.pk),
            link=link,
            at=at,
        )
