"""Papers in the API: their facts, the PDF, public verification."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router, Schema

from tongban.base.time import now
from tongban.kernel.files.service import file_response
from tongban.kernel.identity.api import Bearer
from tongban.kernel.instruments import service
from tongban.kernel.instruments.errors import PaperNotReady

__all__ = ["Paper", "paper_schema", "router"]


class Text(Schema):
    """A text in both languages."""

    zh: str
    en: str


class PaperService(Schema):
    """How a paper was served on one recipient."""

    recipient: str
    method: str
    served_at: datetime
    received_at: datetime | None


class Paper(Schema):
    """A paper. ``state`` is "numbered" while the PDF is being made, then "rendered" (or "failed")."""

    id: UUID
    template: str
    number: str
    title: Text
    organ: Text
    issued_at: datetime
    state: str
    verify_code: str
    services: list[PaperService]


class VerifiedPaper(Schema):
    """What anybody may know of a paper whose code they have."""

    number: str
    title: Text
    organ: Text
    issued_at: datetime
    state: str
    sha256: str


router = Router(tags=["papers"])


@router.get("/papers/verify/{code}", response=VerifiedPaper, auth=None, summary="Verify a paper by its code")
def verify(request: HttpRequest, code: str) -> VerifiedPaper:
    """Return what the code proves; nothing about a person."""
    found = service.paper_by_code(code)
    return VerifiedPaper(
        number=found.number,
        title=Text(**found.title.as_json()),
        organ=Text(**found.organ.as_json()),
        issued_at=found.issued_at,
        state=found.state,
        sha256=found.sha256,
    )


@router.get("/papers/{paper_id}", response=Paper, auth=Bearer(), summary="A paper")
def paper(request: HttpRequest, paper_id: UUID) -> Paper:
    """Return a paper that the caller may read. Reading its facts is not receipt; fetching the PDF is."""
    return paper_schema(service.paper_for(request.actor, paper_id))  # type: ignore[attr-defined]


@router.get("/papers/{paper_id}/pdf", auth=Bearer(), summary="The signed PDF of a paper")
def pdf(request: HttpRequest, paper_id: UUID) -> HttpResponseBase:
    """Return the PDF; 409 while it is being made. A recipient who fetches it has received the paper."""
    opened = service.open_paper(actor=request.actor, paper_id=paper_id, at=now())  # type: ignore[attr-defined]
    if opened.file_id is None:
        raise PaperNotReady
    return file_response(opened.file_id, as_attachment=True)


def paper_schema(view: service.PaperView) -> Paper:
    """Return a paper as the API shows it (in cases too)."""
    return Paper(
        id=view.id,
        template=view.template,
        number=view.number,
        title=Text(**view.title.as_json()),
        organ=Text(**view.organ.as_json()),
        issued_at=view.issued_at,
        state=view.state,
        verify_code=view.verify_code,
        services=[
            PaperService(
                recipient=each.recipient_name,
                method=each.method,
                served_at=each.served_at,
                received_at=each.received_at,
            )
            for each in view.services
        ],
    )
