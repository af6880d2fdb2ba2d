"""Files good and bad, made on the spot."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pypdf
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

__all__ = ["image", "ofd", "pdf", "upload", "with_catalog"]


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    """Return an upload as the browser sends it; the announced media type is deliberately a lie."""
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def pdf(change: Callable[[pypdf.PdfWriter], None] | None = None) -> bytes:
    """Return a PDF of one blank page, changed as wanted."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(width=595, height=842)
    if change is not None:
        change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_catalog(key: str, **entries: str) -> Callable[[pypdf.PdfWriter], None]:
    """Return a change that puts an action dictionary into the catalogue."""

    def change(writer: pypdf.PdfWriter) -> None:
        action = DictionaryObject({NameObject("/Type"): NameObject("/Action")})
        for name, value in entries.items():
            made = NameObject(value) if value.startswith("/") else TextStringObject(value)
            action[NameObject(f"/{name}")] = made
        writer.root_object[NameObject(key)] = writer._add_object(action)

    return change


def image(form: str, size: tuple[int, int] = (8, 8)) -> bytes:
    """Return a picture of one colour."""
    out = io.BytesIO()
    Image.new("L", size).save(out, form)
    return out.getvalue()


def ofd(entries: dict[str, bytes] | None = None) -> bytes:
    """Return a zip that looks like an OFD."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (entries or {"OFD.xml": b"<ofd:OFD/>", "Doc_0/Document.xml": b"<x/>"}).items():
            archive.writestr(name, content)
    return out.getvalue()
