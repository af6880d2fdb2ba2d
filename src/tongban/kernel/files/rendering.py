"""Making PDFs with typst: PDF/A-2a (which includes 2b), tagged, fonts embedded.

A source is a trusted text of a template; the data of one case is *passed* to it as JSON (``sys.inputs.data``) and never pasted
into it, so a name that looks like typst code is only a name. A source reads nothing but the library beside this file:
``/base.typ`` (dates, limits, seal, QR), ``/paper.typ`` (statutory papers), ``/certificate.typ``.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import segno
import typst
from django.conf import settings

from tongban.kernel.files.errors import RenderingFailed

__all__ = ["qr_png", "qr_svg", "render_typst"]

LIBRARY = Path(__file__).parent / "typst"
PACKAGE_IMPORT = re.compile(r"""["']\s*@[\w-]+/""")


def render_typst(
    source: str,
    data: Mapping[str, Any],
    *,
    title: str,
    lang: str = "zh",
    assets: Mapping[str, str] | None = None,
    at: datetime | None = None,
    form: Literal["pdf", "png"] = "pdf",
) -> bytes:
    """Return the PDF (or the first page as PNG) that ``source`` makes of ``data``. Raises RenderingFailed.

    The source sees ``data``, ``title`` and ``assets`` (texts such as an SVG drawing) through ``/base.typ``. ``at`` becomes the
    creation date of the file: with it, equal input gives equal bytes.
    """
    if PACKAGE_IMPORT.search(source):
        raise RenderingFailed("packages from outside may not be imported")
    inputs = {
        "data": json.dumps(dict(data), ensure_ascii=False, default=str),
        "assets": json.dumps(dict(assets or {}), ensure_ascii=False),
        "title": title,
        "lang": lang,
    }
    compiler = typst.Compiler(root=str(LIBRARY), font_paths=_fonts(), sys_inputs=inputs)
    made: bytes | list[bytes] | None
    try:
        if form == "png":
            pages = compiler.compile(source.encode(), format="png", ppi=110)
            made = pages[0] if isinstance(pages, list) else pages
        else:
            made = compiler.compile(
                source.encode(),
                format="pdf",
                pdf_standards=["a-2a"],
                timestamp=int(at.timestamp()) if at else None,
            )
    except typst.TypstError as error:
        raise RenderingFailed(error.diagnostic or error.message) from error
    if not isinstance(made, bytes):
        raise RenderingFailed("the source made no page")
    return made


def qr_svg(text: str, *, error: Literal["l", "m"] = "m") -> str:
    """Return a QR code as an SVG drawing without XML declaration, quiet zone included.

    ``error`` is the level of error correction: ``l`` keeps the modules of a long text large.
    """
    return segno.make(text, error=error, boost_error=False, micro=False).svg_inline(
        scale=4, border=2, dark="#111111", light="#ffffff", omitsize=True
    )


def qr_png(text: str, *, scale: int = 6) -> bytes:
    """Return a QR code as a PNG image."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=scale, border=2)
    return out.getvalue()


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Find the fonts once a process: walking all fonts of a machine takes a fifth of a second."""
    folders = [str(folder) for folder in getattr(settings, "TONGBAN_FONT_DIRS", [])]
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=folders)
