"""Handing out files."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from tongban.base.time import now
from tongban.kernel.files import service
from tongban.kernel.identity import service as identity

__all__ = ["download"]


@require_safe
def download(request: HttpRequest, file_id: UUID) -> HttpResponseBase:
    """Answer the bytes to who may read them; ``?download=1`` always saves instead of showing."""
    at = now()
    file = identity.as_whoever_may(
        request, lambda actor: service.open_for(actor=actor, file_id=file_id, at=at)
    )
    return service.file_response(file.id, as_attachment="download" in request.GET)
