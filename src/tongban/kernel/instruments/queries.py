"""Reads of papers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.statements import Statement
from tongban.base.text import LocalizedText
from tongban.kernel.files.service import verify_pdf
from tongban.kernel.instruments import policies, rules
from tongban.kernel.instruments.errors import PaperNotFound
from tongban.kernel.instruments.models import Paper, Service
from tongban.kernel.instruments.operations.render import queue
from tongban.kernel.instruments.operations.serve import note_receipt

__all__ = [
    "Comparison",
    "FailedPaper",
    "PaperView",
    "ServedView",
    "ServiceView",
    "Verified",
    "compare_pdf",
    "data_of_paper",
    "failed_papers",
    "open_paper",
    "paper_by_code",
    "paper_for",
    "papers_by_subject",
    "papers_of",
    "said_in_papers",
    "served_paper",
]

METHODS = {
    "electronic": LocalizedText("电子送达", "electronic"),
    "in_person": LocalizedText("直接送达", "in person"),
    "post": LocalizedText("邮寄送达", "by post"),
}


@dataclass(frozen=True, slots=True)
class ServiceView:
    """One service of a paper."""

    recipient_name: str
    method: str
    method_label: LocalizedText
    served_at: datetime
    received_at: datetime | None
    evidence: str


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper as lists show it. ``state`` is "numbered" (being made), "rendered" or "failed"."""

    id: UUID
    template: str
    number: str
    title: LocalizedText
    organ: LocalizedText
    unit_id: int
    recipient: str
    issued_at: datetime
    state: str
    file_id: UUID | None
    verify_code: str
    services: tuple[ServiceView, ...]

    @property
    def is_ready(self) -> bool:
        """True when the PDF is there."""
        return self.state == "rendered"


@dataclass(frozen=True, slots=True)
class ServedView:
    """A paper as evidence that somebody was told: ``served_at`` is None while it has not reached every recipient."""

    id: UUID
    template: str
    number: str
    subject: Ref
    served_at: datetime | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What anybody may know of a paper whose code they have: nothing about a person."""

    number: str
    title: LocalizedText
    organ: LocalizedText
    issued_at: datetime
    state: str
    code: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a PDF from outside compares with the issued one: ``verdict`` is "same" or "changed"."""

    paper: Verified
    verdict: str


@dataclass(frozen=True, slots=True)
class FailedPaper:
    """A paper whose PDF could not be made, as who runs the machines sees it: no recipient, nothing of what it says."""

    id: UUID
    number: str
    title: LocalizedText
    subject: Ref
    issued_at: datetime
    error: str


def failed_papers(*, limit: int = 100) -> list[FailedPaper]:
    """Return the papers whose PDF could not be made, oldest first. Who may see them is the caller's question."""
    papers = Paper.objects.filter(state=Paper.State.FAILED).order_by("issued_at", "id")[:limit]
    return [FailedPaper(p.id, p.number, p.title, p.subject, p.issued_at, p.last_error) for p in papers]


def served_paper(paper_id: UUID) -> ServedView | None:
    """Return since when a paper is served on all its recipients; None when there is no such paper. Asks no policy."""
    paper = Paper.objects.select_related("template").filter(pk=paper_id).first()
    if paper is None:
        return None
    rows = paper.services.values_list("recipient_kind", "recipient_id", "method", "served_at", "received_at")
    served_at = rules.served_on_all((f"{kind}:{pk}", how, at, got) for kind, pk, how, at, got in rows)
    return ServedView(paper.pk, paper.template.key, paper.number, paper.subject, served_at)


def papers_of(subject: Ref) -> list[PaperView]:
    """Return the papers about something, oldest first. Two queries."""
    papers = _ABOUT.all(kind=subject.kind, pk=subject.id)
    services: dict[UUID, list[Service]] = {paper.pk: [] for paper in papers}
    for service in _SERVICES.all(papers=list(services)) if papers else ():
        services[service.paper_id].append(service)
    return [_view(paper, services[paper.pk]) for paper in papers]


_ABOUT = Statement(
    lambda kind, pk: (
        Paper.objects.filter(subject_kind=kind, subject_id=pk)
        .select_related("template")
        .order_by("issued_at", "id")
    )
)
_SERVICES = Statement(lambda papers: Service.objects.filter(paper__in=papers), papers="uuid[]")


def data_of_paper(subject: Ref, template: str) -> Mapping[str, Any]:
    """Return what the newest paper of a template about something says, {} when there is none: for who may read the paper."""
    papers = Paper.objects.filter(
        subject_kind=subject.kind, subject_id=subject.id, template__key=template
    ).order_by("-issued_at", "-id")
    return papers.values_list("data", flat=True).first() or {}


def papers_by_subject(subjects: Iterable[Ref]) -> dict[Ref, list[PaperView]]:
    """Return the papers about several things, each list oldest first; two queries a kind."""
    ids: dict[str, list[str]] = {}
    for subject in subjects:
        ids.setdefault(subject.kind, []).append(subject.id)
    found: dict[Ref, list[PaperView]] = {}
    for kind, keys in ids.items():
        papers = Paper.objects.filter(subject_kind=kind, subject_id__in=keys).select_related("template")
        for paper in papers.prefetch_related("services").order_by("issued_at", "id"):
            found.setdefault(paper.subject, []).append(_view(paper))
    return found


def said_in_papers(subject: Ref) -> list[tuple[PaperView, Mapping[str, Any]]]:
    """Return the papers about something with what they say, oldest first. No policy is asked: for parts of the product that
    judge papers, never for a visitor's request.
    """
    rows = Paper.objects.filter(subject_kind=subject.kind, subject_id=subject.id).select_related("template")
    return [
        (_view(paper), paper.data) for paper in rows.prefetch_related("services").order_by("issued_at", "id")
    ]


def paper_for(actor: Actor, paper_id: UUID) -> PaperView:
    """Return a paper that the actor may read. Raises PaperNotFound."""
    return _view(_readable(actor, paper_id))


def open_paper(*, actor: Actor, paper_id: UUID, at: datetime) -> PaperView:
    """Return a paper that the actor opens: a recipient has thereby received it; a missing PDF is ordered.

    Raises PaperNotFound.
    """
    with transaction.atomic():
        paper = _readable(actor, paper_id)
        if note_receipt(paper, actor=actor, at=at):
            paper = _readable(actor, paper_id)
        queue(paper, at=at, is_awaited=True)
        return _view(paper)


def paper_by_code(typed: str) -> Verified:
    """Return what the code proves. Raises PaperNotFound."""
    paper = Paper.objects.select_related("file").filter(verify_code=rules.clean_code(typed)).first()
    if paper is None:
        raise PaperNotFound
    return Verified(
        number=paper.number,
        title=paper.title,
        organ=paper.organ,
        issued_at=paper.issued_at,
        state=paper.state,
        code=rules.format_code(paper.verify_code),
        sha256=paper.file.sha256 if paper.file else "",
    )


def compare_pdf(typed: str, pdf: bytes) -> Comparison:
    """Compare a PDF with the paper of that code: the same bytes, with a signature that holds. Raises PaperNotFound."""
    paper = paper_by_code(typed)
    is_same = hashlib.sha256(pdf).hexdigest() == paper.sha256 and verify_pdf(pdf).is_valid
    return Comparison(paper=paper, verdict="same" if is_same else "changed")


def _readable(actor: Actor, paper_id: UUID) -> Paper:
    paper = Paper.objects.select_related("template").prefetch_related("services").filter(pk=paper_id).first()
    if paper is None or not policies.can_read(actor, paper):
        raise PaperNotFound
    return paper


def _view(paper: Paper, services: Iterable[Service] | None = None) -> PaperView:
    """``services`` are the paper's where they are known, otherwise those that it prefetched."""
    served = paper.services.all() if services is None else services
    return PaperView(
        id=paper.id,
        template=paper.template.key,
        number=paper.number,
        title=paper.title,
        organ=paper.organ,
        unit_id=paper.unit_id,
        recipient=paper.recipient,
        issued_at=paper.issued_at,
        state=paper.state,
        file_id=paper.file_id,
        verify_code=rules.format_code(paper.verify_code),
        services=tuple(_service(s) for s in sorted(served, key=lambda s: (s.served_at, s.pk))),
    )


def _service(service: Service) -> ServiceView:
    return ServiceView(
        recipient_name=service.recipient_name,
        method=service.method,
        method_label=METHODS[service.method],
        served_at=service.served_at,
        received_at=service.received_at,
        evidence=service.evidence,
    )
