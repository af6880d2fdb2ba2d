"""Rendering, the local authority, signatures."""

from __future__ import annotations

import asyncio
import io
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pypdf
import pytest
from asn1crypto import cms
from cryptography import x509
from pyhanko.sign import signers

from tongban.kernel.files import service
from tongban.kernel.files.errors import RenderingFailed
from tongban.kernel.files.tests.samples import pdf

AT = datetime(2026, 3, 5, 1, 41, tzinfo=UTC)
SOURCE = """#import "/base.typ": *
#set text(font: song)
#data.name，#date-zh(data.day)，#moment-zh(data.at)，#limit-zh(data.limit)"""
DATA = {"name": '#panic("x")"}\\', "day": "2026-03-05", "at": "2026-03-05T09:05:00+08:00", "limit": "20wd"}


@pytest.fixture
def home(settings, tmp_path):
    settings.TONGBAN_HOME = tmp_path
    return tmp_path


def words(made: bytes) -> str:
    return "".join(pypdf.PdfReader(io.BytesIO(made)).pages[0].extract_text().split())


def test_data_is_said_and_never_run():
    made = service.render_typst(SOURCE, DATA, title="t", at=AT)
    assert words(made) == '#panic("x")"}\\，2026年3月5日，2026年3月5日9时05分，20个工作日'


def test_the_result_is_pdf_a_with_its_title_tagged_and_the_same_each_time():
    made = service.render_typst(SOURCE, DATA, title="受理通知书 1号", at=AT)
    assert made == service.render_typst(SOURCE, DATA, title="受理通知书 1号", at=AT)
    assert b"<pdfaid:part>2</pdfaid:part>" in made
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in made
    assert "/StructTreeRoot" in pypdf.PdfReader(io.BytesIO(made)).root_object


@pytest.mark.parametrize(
    "source",
    [
        "#nothing-of-this-name",
        '#import "@preview/cetz:0.3.0": *',
        '#read("/../rendering.py")',
        '#read("/etc/passwd")',
        "#data.missing",
    ],
)
def test_a_source_that_is_wrong_or_reaches_outside_fails_by_name(source):
    with pytest.raises(RenderingFailed) as refusal:
        service.render_typst(f'#import "/base.typ": *\n{source}', DATA, title="t")
    assert refusal.value.detail


def test_the_authority_is_made_once_also_by_many_at_the_same_time(home):
    with ThreadPoolExecutor(4) as pool:
        authorities = {pool.submit(service.ensure_ca) for _ in range(4)}
    leaves = {each.result().leaf.read_bytes() for each in authorities}
    assert len(leaves) == 1
    authority = service.ensure_ca()
    assert stat.S_IMODE(authority.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(authority.key.parent.stat().st_mode) == 0o700
    leaf = x509.load_pem_x509_certificate(authority.leaf.read_bytes())
    leaf.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.root.read_bytes()))
    assert "演示印章 无法律效力" in leaf.subject.rfc4514_string()


def test_a_signed_pdf_is_valid_says_when_and_shows_every_change(home):
    signed = service.sign_pdf(pdf(), reason="受理通知书", location="澄溪县", at=AT)
    report = service.verify_pdf(signed)
    assert (report.is_valid, report.problem, report.signed_at) == (True, "", AT)
    assert b"ETSI.CAdES.detached" in signed
    middle = signed.index(b"/MediaBox")
    changed = signed[:middle] + b"/MediaBex" + signed[middle + 9 :]
    assert service.verify_pdf(changed).problem in {"changed", "unreadable"}
    appended = service.verify_pdf(signed + b"\n% more\n")
    assert not appended.is_valid


def test_a_signature_is_built_like_pyhanko_builds_it_and_differs_in_the_digest_alone(home):
    contents = [
        pypdf.PdfReader(io.BytesIO(service.sign_pdf(pdf(), reason=words, location="l", at=AT))).get_fields()[
            "Signature1"
        ]["/V"]["/Contents"]
        for words in ("one", "two")
    ]
    authority = service.ensure_ca()
    plain = signers.SimpleSigner.load(str(authority.key), str(authority.leaf), (str(authority.root),))
    parts = []
    for content in contents:
        made = cms.ContentInfo.load(bytes(content), strict=False)
        (info,) = made["content"]["signer_infos"]
        (digest,) = next(
            one["values"] for one in info["signed_attrs"] if one["type"].native == "message_digest"
        )
        other = asyncio.run(plain.async_sign(digest.native, "sha256", use_pades=True))
        info["signature"] = other["content"]["signer_infos"][0]["signature"]
        assert made.dump(force=True) == other.dump()
        parts.append(digest.native)
    assert parts[0] != parts[1]


def test_a_key_that_was_put_in_place_signs_from_then_on(home):
    service.sign_pdf(pdf(), reason="r", location="l", at=AT)
    authority = service.ensure_ca()
    for path in (authority.leaf, authority.key, authority.root):
        path.unlink()
    service.ensure_ca()
    assert service.verify_pdf(service.sign_pdf(pdf(), reason="r", location="l", at=AT)).problem == ""


def test_a_signature_of_somebody_else_is_not_trusted(settings, tmp_path):
    settings.TONGBAN_HOME = tmp_path / "theirs"
    theirs = service.sign_pdf(pdf(), reason="r", location="l", at=AT)
    settings.TONGBAN_HOME = tmp_path / "ours"
    assert service.verify_pdf(theirs).problem == "untrusted"


@pytest.mark.parametrize(
    ("content", "problem"), [(pdf(), "unsigned"), (b"nothing", "unreadable"), (b"", "unreadable")]
)
def test_what_is_not_signed_is_told_so(home, content, problem):
    report = service.verify_pdf(content)
    assert (report.is_valid, report.problem) == (False, problem)


def test_a_qr_code_is_a_drawing_and_a_picture():
    assert service.qr_svg("https://chengxi.example/").startswith("<svg")
    assert service.qr_png("https://chengxi.example/").startswith(b"\x89PNG")
