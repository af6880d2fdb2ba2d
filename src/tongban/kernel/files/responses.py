"""Wrapping a file into an answer that no browser will take for a page of ours."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse

from tongban.kernel.files import rules
from tongban.kernel.files.errors import FileNotFound
from tongban.kernel.files.models import File
from tongban.kernel.files.queries import open_file

__all__ = ["file_response"]

INLINE = {kind.media_type for kind in rules.KINDS if kind.is_inline}
# A stranger's bytes on our own address may run nothing. Browsers refuse to show a PDF inside ``sandbox``, so PDFs (which were
# refused at upload when they hold scripts) get the closed policy without it.
CLOSED = (
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"
)


def file_response(file_id: UUID, *, as_attachment: bool = False) -> FileResponse:
    """Answer a file's bytes. No policy is asked: for views that checked their own. Raises FileNotFound."""
    file = File.objects.filter(pk=file_id).first()
    if file is None:
        raise FileNotFound
    inline = file.media_type in INLINE and not as_attachment
    response = FileResponse(
        open_file(file.id), as_attachment=not inline, filename=file.name, content_type=file.media_type
    )
    policy = CLOSED if file.media_type == "application/pdf" else f"{CLOSED}; sandbox"
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["ETag"] = f'"{file.sha256}"'
    response.headers["Content-Length"] = str(file.size)
    return response
