"""Wrapping a file into an answer that no browser will take for a page of ours."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse

from tongban.kernel.files import rules
from tongban.kernel.files.errors import FileNotFound
from tongban.kernel.files.models import File
from tongban.kernel.files.queries import open_file

__all__ = ["SHOWN_PDF", "file_response"]

INLINE = {kind.media_type for kind in rules.KINDS if kind.is_inline}
# A stranger's bytes on our own address may run nothing. Browsers refuse to show a PDF inside ``sandbox``, so PDFs (which were
# refused at upload when they hold scripts) get the closed policy without it.
CLOSED = "default-src 'none'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# The browser's own viewer puts a style on the element that it shows a PDF in; a PDF itself has no styles and no elements.
SHOWN_PDF = f"{CLOSED}; object-src 'self'; style-src 'unsafe-inline'"


def file_response(file_id: UUID, *, as_attachment: bool = False) -> FileResponse:
    """Answer a file's bytes. No policy is asked: for views that checked their own. Raises FileNotFound."""
    file = File.objects.filter(pk=file_id).first()
    if file is None:
        raise FileNotFound
    inline = file.media_type in INLINE and not as_attachment
    response = FileResponse(
        open_file(file.id), as_attachment=not inline, filename=file.name, content_type=file.media_type
    )
    is_pdf = file.media_type == "application/pdf"
    response.headers["Content-Security-Policy"] = SHOWN_PDF if is_pdf else f"{CLOSED}; sandbox"
    response.has_own_policy = True  # type: ignore[attr-defined] # for the headers that every answer gets
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["ETag"] = f'"{file.sha256}"'
    response.headers["Content-Length"] = str(file.size)
    return response
