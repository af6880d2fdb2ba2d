"""Making the signed PDF of a paper: in a job, with no row locked while typst and the signer work."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from tongban.base import work
from tongban.base.outbox import announce
from tongban.base.ref import Ref
from tongban.base.time import LOCAL
from tongban.kernel.files.service import qr_svg, render_typst, sign_pdf, store_bytes
from tongban.kernel.instruments.errors import PaperNotFound
from tongban.kernel.instruments.models import Paper
from tongban.kernel.instruments.rules import format_code

__all__ = [
    "IN_ITS_TIME",
    "MAX_ATTEMPTS",
    "mark_failed",
    "queue",
    "render_again",
    "render_paper",
    "verify_url",
]

MAX_ATTEMPTS = 5
QUEUE_AGAIN_AFTER, AWAITED_AGAIN_AFTER = timedelta(minutes=2), timedelta(seconds=5)
IN_ITS_TIME, AWAITED = -10, 10
"""Drawing is most of a worker's work, and a wave of applications brings a wave of receipts: clocks, timers, events and messages
go before it, whoever hands in too (``base.jobs.AT_LEISURE``), and before all of them the one paper that somebody is waiting for.
"""
PRESSING = "default"


def queue(paper: Paper, *, at: datetime, is_awaited: bool = False) -> None:
    """Defer the making of the PDF, unless that was done moments ago. Works in the caller's transaction."""
    if paper.state != Paper.State.NUMBERED:
        return
    again = AWAITED_AGAIN_AFTER if is_awaited else QUEUE_AGAIN_AFTER
    if paper.queued_at is not None and at - paper.queued_at < again:
        return
    paper.queued_at = at
    work.change(paper, "queued_at")
    if is_awaited:
        work.defer("instruments.render", priority=AWAITED, queue=PRESSING, paper_id=str(paper.pk))
    else:
        work.defer("instruments.render", paper_id=str(paper.pk))


def render_paper(*, paper_id: UUID, at: datetime) -> Paper:
    """Make, sign and keep the PDF. Does nothing when it is there already. Raises RenderingFailed and whatever breaks."""
    paper = Paper.objects.select_related("template", "unit").get(pk=paper_id)
    if paper.state == Paper.State.RENDERED:
        return paper
    heading = paper.title.zh
    url = verify_url(paper.verify_code)
    pdf = render_typst(
        paper.template.source,
        {
            "addressee": paper.recipient,
            **paper.data,
            "heading": heading,
            "organ": paper.organ.zh,
            "number": paper.number,
            "date": paper.issued_at.astimezone(LOCAL).date().isoformat(),
            "verify_url": url,
            "verify_code": format_code(paper.verify_code),
        },
        title=f"{heading} {paper.number}",
        assets={"qr": qr_svg(url)},
        at=paper.issued_at,
    )
    signed = sign_pdf(pdf, reason=f"{heading} {paper.number}", location=paper.organ.zh, at=at)
    with transaction.atomic():
        row = Paper.objects.select_for_update().get(pk=paper_id)
        if row.state != Paper.State.RENDERED:  # another worker may have been quicker
            row.file = store_bytes(
                name=f"{heading}_{paper.number}.pdf",
                media_type="application/pdf",
                content=signed,
                use=Ref.to("paper", row.pk),
                role="paper",
                at=at,
            )
            row.state, row.last_error = Paper.State.RENDERED, ""
            row.save(update_fields=["file", "state", "last_error"])
            announce("instruments.rendered", Ref.to("paper", row.pk), at=at, about=str(row.subject))
    return row


def mark_failed(*, paper_id: UUID, error: str, is_last: bool, at: datetime) -> None:
    """Remember why the PDF was not made; after the last try the paper is "failed" and ops shows it."""
    with transaction.atomic():
        row = Paper.objects.select_for_update().get(pk=paper_id)
        if row.state == Paper.State.RENDERED:
            return
        row.last_error = error[:500]
        if is_last:
            row.state = Paper.State.FAILED
            announce("instruments.failed", Ref.to("paper", row.pk), at=at, about=str(row.subject))
        row.save(update_fields=["last_error", "state"])


def render_again(*, paper_id: UUID, at: datetime) -> None:
    """Try again with a paper that had failed (after its template or the machine was repaired)."""
    with transaction.atomic():
        row = Paper.objects.select_for_update().filter(pk=paper_id).first()
        if row is None:
            raise PaperNotFound
        if row.state == Paper.State.FAILED:
            row.state, row.queued_at = Paper.State.NUMBERED, None
            row.save(update_fields=["state"])
            queue(row, at=at)


def verify_url(code: str) -> str:
    """Return the public address at which anybody can check the paper."""
    return settings.TONGBAN_PUBLIC_URL + reverse("instruments:verify", args=[code])
