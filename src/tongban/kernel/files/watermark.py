"""Copies that say what they are for: words across every page of a PDF or picture, as a new PDF.

The original is never changed. The words are a layer of their own: whoever is set on it can remove them with the right tools, as
from any copy; they keep an honest receiver from passing it on, and a careless one from using it for something else.
"""

from __future__ import annotations

import io
from datetime import datetime
from functools import lru_cache

import pypdf
from PIL import Image, ImageOps

from tongban.kernel.files.errors import FileDamaged, NoWatermark
from tongban.kernel.files.rendering import render_typst

__all__ = ["watermark"]

SOURCE = '#include "/watermark.typ"'
MOST_PAGES = 100
A4 = (595, 842)
LONGEST_SIDE = 2400
"""Pixels of a picture's longer side in a copy: 200 dpi on A4."""
MARGIN = 24


def watermark(content: bytes, *, media_type: str, words: str, line: str, at: datetime) -> bytes:
    """Return a PDF of ``content`` with ``words`` across each page and ``line`` at its foot.

    Raises NoWatermark for what cannot be drawn here (OFD, more than a hundred pages), FileDamaged.
    """
    if media_type.startswith("image/"):
        content = _picture_as_pdf(content)
    elif media_type != "application/pdf":
        raise NoWatermark(media_type=media_type)
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if len(reader.pages) > MOST_PAGES:
            raise NoWatermark(pages=len(reader.pages))
        writer = pypdf.PdfWriter()
        for page in reader.pages:
            made = writer.add_page(page)
            made.transfer_rotation_to_content()
            box = made.cropbox
            sheet = _sheet(int(box.width), int(box.height), words, line, at)
            shift = pypdf.Transformation().translate(float(box.left), float(box.bottom))
            made.merge_transformed_page(sheet, shift, over=True)
    except (pypdf.errors.PyPdfError, ValueError, KeyError, TypeError) as error:
        raise FileDamaged from error
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@lru_cache(maxsize=8)
def _sheet(width: int, height: int, words: str, line: str, at: datetime) -> pypdf.PageObject:
    data = {"width": max(width, 72), "height": max(height, 72), "words": words, "line": line}
    return pypdf.PdfReader(io.BytesIO(render_typst(SOURCE, data, title=words, at=at))).pages[0]


def _picture_as_pdf(content: bytes) -> bytes:
    """Return the picture on one A4 page, upright or lying as it is itself."""
    try:
        with Image.open(io.BytesIO(content)) as opened:
            picture: Image.Image = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError) as error:
        raise FileDamaged from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    width, height = A4 if picture.height >= picture.width else A4[::-1]
    scale = max(picture.width / (width - 2 * MARGIN), picture.height / (height - 2 * MARGIN))
    sheet = Image.new("RGB", (round(width * scale), round(height * scale)), "white")
    sheet.paste(picture, ((sheet.width - picture.width) // 2, (sheet.height - picture.height) // 2))
    out = io.BytesIO()
    sheet.save(out, "PDF", resolution=72 * scale, quality=88)
    return out.getvalue()
