"""Which bytes are accepted, by what they are and never by what they claim to be.

Threat: an uploaded file is opened later by a clerk, a chief or another citizen. An executable renamed to ``.pdf``, a PDF that
runs a script or launches a program, an image or an archive that unpacks to gigabytes, a name that shows a false ending.
Remedy: the kind is read from the first bytes and must agree with the name's ending; what can act or cannot be looked into is
refused; sizes are read from headers before anything is unpacked; names are reduced to harmless ones. Pure: no Django here.
"""

from __future__ import annotations

import io
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

import pypdf
from PIL import Image
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

__all__ = ["KINDS", "Kind", "Refusal", "check_content", "safe_name", "sniff"]

MAX_IMAGE_PIXELS = 80_000_000
"""A 600 dpi scan of A4 has 35 million pixels; decoding takes 3 bytes a pixel."""
MAX_ARCHIVE_ENTRIES = 5_000
MAX_ARCHIVE_BYTES = 300 * 1024 * 1024
MAX_PDF_OBJECTS = 300_000
MAX_NAME = 120


class Refusal(Exception):
    """Why bytes are refused. ``kind`` is "type", "damaged" or "dangerous"; ``fact`` is for the log and the tests."""

    def __init__(self, kind: str, fact: str) -> None:
        self.kind = kind
        self.fact = fact
        super().__init__(f"{kind}: {fact}")


@dataclass(frozen=True, slots=True)
class Kind:
    """An accepted kind of file: media type, first bytes, the endings a name may have."""

    media_type: str
    magic: bytes
    endings: tuple[str, ...]
    is_inline: bool
    """May a browser show it in place?"""


KINDS = (
    Kind("application/pdf", b"%PDF-", ("pdf",), True),
    Kind("image/jpeg", b"\xff\xd8\xff", ("jpg", "jpeg"), True),
    Kind("image/png", b"\x89PNG\r\n\x1a\n", ("png",), True),
    Kind("application/ofd", b"PK\x03\x04", ("ofd",), False),
)


def sniff(content: bytes) -> Kind:
    """Return the kind that the first bytes say. Raises Refusal("type")."""
    for kind in KINDS:
        if content.startswith(kind.magic):
            return kind
    raise Refusal("type", "unknown first bytes")


def check_content(name: str, content: bytes) -> Kind:
    """Return the kind of an acceptable file. Raises Refusal."""
    kind = sniff(content)
    if _ending(name) not in kind.endings:
        raise Refusal("type", f"the name does not end as {kind.media_type} should")
    match kind.media_type:
        case "application/pdf":
            _check_pdf(content)
        case "application/ofd":
            _check_ofd(content)
        case _:
            _check_image(content, kind)
    return kind


def safe_name(name: str) -> str:
    """Return a name without folders, control characters or direction marks, at most MAX_NAME characters long.

    >>> safe_name("..\\\\secret/../身份证\\u202egpj.pdf")
    '身份证gpj.pdf'
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    # Cc and Cf hold line breaks and the marks that turn text around ("fdp.exe" shown as "exe.pdf").
    kept = "".join(
        c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"} and c not in '<>:"|?*'
    )
    stem, dot, ending = kept.strip().rstrip(" .").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    stem = stem.strip(" .")[: MAX_NAME - len(ending) - 1] or "file"
    return f"{stem}.{ending.lower()}" if ending else stem


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


# -- PDF ------------------------------------------------------------------------------------------------------------

ACTIVE_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/GoToE", "/RichMedia"}
)
ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/AA", "/EmbeddedFiles", "/RichMedia", "/XFA"})


def _check_pdf(content: bytes) -> None:
    """Refuse a PDF that is encrypted, unreadable, or could act. Streams are never unpacked except object streams."""
    try:
        reader = pypdf.PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise Refusal("dangerous", "encrypted")
        if len(reader.pages) == 0:
            raise Refusal("damaged", "no pages")
        for found in _dictionaries(reader):
            _check_pdf_dictionary(found)
    except Refusal:
        raise
    except RecursionError:
        raise Refusal("dangerous", "too deeply nested") from None
    except (
        Exception
    ) as error:  # a hostile file may break the reader anywhere; whatever breaks is not accepted
        raise Refusal("damaged", type(error).__name__) from error


def _check_pdf_dictionary(found: DictionaryObject) -> None:
    for key in ACTIVE_KEYS & set(found):
        raise Refusal("dangerous", str(key))
    action = found.get("/S")
    if isinstance(action, str) and action in ACTIVE_ACTIONS:
        raise Refusal("dangerous", action)
    if found.get("/Type") == "/Filespec" and "/EF" in found:
        raise Refusal("dangerous", "embedded file")


def _dictionaries(reader: pypdf.PdfReader) -> Iterable[DictionaryObject]:
    """Yield every dictionary that can be reached from the trailer, each once, without recursion."""
    waiting: list[object] = [reader.trailer]
    seen: set[tuple[int, int]] = set()
    count = 0
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, IndirectObject):
            place = (thing.idnum, thing.generation)
            if place in seen:
                continue
            seen.add(place)
            thing = thing.get_object()
        count += 1
        if count > MAX_PDF_OBJECTS:
            raise Refusal("dangerous", "too many objects")
        if isinstance(thing, DictionaryObject):
            yield thing
            waiting.extend(thing.raw_get(key) for key in thing)
        elif isinstance(thing, ArrayObject):
            waiting.extend(list.__iter__(thing))


# -- images ---------------------------------------------------------------------------------------------------------


def _check_image(content: bytes, kind: Kind) -> None:
    """Refuse an image that is broken or would be enormous when decoded; its size is read from the header."""
    expected = "JPEG" if kind.media_type == "image/jpeg" else "PNG"
    try:
        with warnings.catch_warnings():
            # Our own limit below speaks; Pillow's warning about the same thing would only fill the log.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=[expected]) as image:
                width, height = image.size
                if width * height > MAX_IMAGE_PIXELS:
                    raise Refusal("dangerous", f"{width} x {height} pixels")
                image.verify()
    except Refusal:
        raise
    except Image.DecompressionBombError:
        raise Refusal("dangerous", "decompression bomb") from None
    except Exception as error:
        raise Refusal("damaged", type(error).__name__) from error


# -- OFD (a zip with OFD.xml at its root, GB/T 33190) -----------------------------------------------------------------


def _check_ofd(content: bytes) -> None:
    """Refuse a zip that is not an OFD, or that would be enormous when unpacked. Nothing is unpacked here."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except Exception as error:
        raise Refusal("damaged", type(error).__name__) from error
    if not any(entry.filename == "OFD.xml" for entry in entries):
        raise Refusal("type", "a zip without OFD.xml")
    if len(entries) > MAX_ARCHIVE_ENTRIES:
        raise Refusal("dangerous", "too many entries")
    if sum(entry.file_size for entry in entries) > MAX_ARCHIVE_BYTES:
        raise Refusal("dangerous", "too large when unpacked")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Refusal("dangerous", "encrypted")
    if any(entry.filename.startswith("/") or ".." in entry.filename.split("/") for entry in entries):
        raise Refusal("dangerous", "an entry outside its folder")
