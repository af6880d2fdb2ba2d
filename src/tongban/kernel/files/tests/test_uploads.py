"""What may be handed in, and what is refused: the answer, nothing kept, no act."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.base.actor import Actor
from tongban.base.models import Event
from tongban.base.ref import Ref
from tongban.kernel.files import errors, rules, service
from tongban.kernel.files.models import File, FileUse
from tongban.kernel.files.tests.samples import image, ofd, pdf, upload, with_catalog

AT = datetime(2026, 3, 5, tzinfo=UTC)
USE = Ref("test", "1")
EXECUTABLES = {
    "windows": b"MZ\x90\x00" + b"\x00" * 200,
    "linux": b"\x7fELF" + b"\x00" * 200,
    "script": b"#!/bin/sh\nrm\n",
}


def store(name: str, content: bytes) -> File:
    return service.store_upload(
        actor=Actor.stranger(), upload=upload(name, content), use=USE, role="plan", at=AT
    )


def nothing_was_kept() -> bool:
    return not File.objects.exists() and not FileUse.objects.exists() and not Event.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("平面图.pdf", pdf(), "application/pdf"),
        ("门头.JPG", image("JPEG"), "image/jpeg"),
        ("门头.jpeg", image("JPEG"), "image/jpeg"),
        ("scan.png", image("PNG"), "image/png"),
        ("证明.ofd", ofd(), "application/ofd"),
    ],
)
def test_ordinary_files_are_kept_as_what_they_are(db, name, content, media_type):
    file = store(name, content)
    assert (file.media_type, file.size, file.kind) == (media_type, len(content), "upload")
    (seen,) = service.files_of(USE)
    assert (seen.id, seen.role) == (file.id, "plan")
    assert service.read_file(file.id) == content


@pytest.mark.parametrize("kind", EXECUTABLES)
@pytest.mark.parametrize("name", ["营业执照.pdf", "photo.jpg", "setup.exe", "doc.pdf.exe", "noending"])
def test_an_executable_is_refused_whatever_its_name(db, kind, name):
    with pytest.raises(errors.FileTypeRefused):
        store(name, EXECUTABLES[kind])
    assert nothing_was_kept()


@pytest.mark.parametrize("name", ["a.pdf", "a.png", "a", "a.jpg.png", "a.html"])
def test_a_name_that_says_something_else_is_refused(db, name):
    with pytest.raises(errors.FileTypeRefused):
        store(name, image("JPEG"))
    assert nothing_was_kept()


def test_too_large_is_refused_even_when_the_size_was_announced_smaller(db, settings):
    settings.MAX_UPLOAD_BYTES = 1000
    big = upload("a.pdf", pdf() + b" " * 1000)
    with pytest.raises(errors.FileTooLarge) as refusal:
        service.store_upload(actor=Actor.stranger(), upload=big, use=USE, role="plan", at=AT)
    assert (refusal.value.status, refusal.value.data) == (413, {"limit_bytes": 1000})
    big.seek(0)
    big.size = 10
    with pytest.raises(errors.FileTooLarge):
        service.store_upload(actor=Actor.stranger(), upload=big, use=USE, role="plan", at=AT)
    assert nothing_was_kept()


def test_an_empty_file_is_refused(db):
    with pytest.raises(errors.FileEmpty):
        store("a.pdf", b"")
    assert nothing_was_kept()


def _encrypt(writer: pypdf.PdfWriter) -> None:
    writer.encrypt("secret", algorithm="RC4-128")


def _attach(writer: pypdf.PdfWriter) -> None:
    writer.add_attachment("evil.exe", b"MZ")


@pytest.mark.parametrize(
    "change",
    [
        with_catalog("/OpenAction", S="/JavaScript", JS="app.alert(1)"),
        with_catalog("/OpenAction", S="/Launch", F="cmd.exe"),
        with_catalog("/OpenAction", S="/SubmitForm", F="https://evil.example"),
        with_catalog("/AA", S="/Named"),
        with_catalog("/Names", JavaScript="app.alert(1)"),
        _attach,
        _encrypt,
    ],
    ids=["javascript", "launch", "submit", "additional-actions", "named-script", "attachment", "encrypted"],
)
def test_a_pdf_that_could_act_or_hides_its_content_is_refused(db, change):
    with pytest.raises(errors.FileDangerous):
        store("a.pdf", pdf(change))
    assert nothing_was_kept()


def test_a_name_written_in_escapes_does_not_hide_a_script(db):
    hidden = pdf(with_catalog("/OpenAction", S="/JavaScript", JS="x"))
    hidden = hidden.replace(b"/JavaScript", b"/J#61v#61Script").replace(b"/JS ", b"/J#53 ")
    with pytest.raises((errors.FileDangerous, errors.FileDamaged)):
        store("a.pdf", hidden)
    assert nothing_was_kept()


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\x00" * 500, b"\xff\xd8\xff\xe0", image("PNG")[:40]]
)
def test_a_damaged_file_is_told_to_be_damaged(db, content):
    ending = {b"%": "pdf", b"\xff": "jpg"}.get(content[:1], "png")
    with pytest.raises(errors.FileDamaged):
        store(f"a.{ending}", content)
    assert nothing_was_kept()


def test_a_picture_that_would_be_enormous_when_decoded_is_refused_unopened(db):
    small = image("PNG")
    header = b"IHDR" + struct.pack(">II", 60_000, 60_000) + small[24:29]
    bomb = small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:]
    with pytest.raises(errors.FileDangerous):
        store("a.png", bomb)
    assert nothing_was_kept()


def test_a_zip_that_is_no_ofd_or_a_bomb_is_refused(db, monkeypatch):
    with pytest.raises(errors.FileTypeRefused):
        store("a.ofd", ofd({"evil.exe": b"MZ"}))
    with pytest.raises(errors.FileDangerous):
        store("a.ofd", ofd({"OFD.xml": b"x", "../../etc/passwd": b"x"}))
    with pytest.raises(errors.FileDangerous):
        store("a.ofd", ofd({"OFD.xml": b"x", **{f"{i}": b"" for i in range(rules.MAX_ARCHIVE_ENTRIES)}}))
    monkeypatch.setattr(rules, "MAX_ARCHIVE_BYTES", 1_000_000)
    with pytest.raises(errors.FileDangerous):
        store("a.ofd", ofd({"OFD.xml": b"x", "bomb": b"\x00" * 2_000_000}))
    assert nothing_was_kept()


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\li\\身份证.PDF", "身份证.pdf"),
        ("身份证\u202efdp.exe", "身份证fdp.exe"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("   .pdf", "file.pdf"),
        ("x" * 400 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_become_harmless(given_name, kept):
    assert rules.safe_name(given_name) == kept


@given(st.text(max_size=300))
def test_no_name_leaves_its_folder_or_breaks_a_header(name):
    safe = rules.safe_name(name)
    assert safe
    assert len(safe) <= rules.MAX_NAME + 1
    assert not set(safe) & set("/\\\r\n\x00\u202e")


@given(
    st.binary(max_size=200), st.sampled_from([b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04"])
)
def test_whatever_comes_the_answer_is_a_kind_or_a_refusal(rest, magic):
    ending = {b"%": "pdf", b"\xff": "jpg", b"\x89": "png", b"P": "ofd"}[magic[:1]]
    try:
        rules.check_content(f"a.{ending}", magic + rest)
    except rules.Refusal as refusal:
        assert refusal.kind in {"type", "damaged", "dangerous"}
