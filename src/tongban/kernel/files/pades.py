"""The signing and verifying itself, with pyHanko. Imported at the first signature: it takes half a second to load."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from tongban.kernel.files.authority import Authority, ensure_ca
from tongban.kernel.files.report import SignatureReport

__all__ = ["sign", "verify"]

DIGEST = "sha256"


class _PdfSignerAt(signers.PdfSigner):
    """States the moment that was passed in, where pyHanko would ask the system's clock."""

    def __init__(self, *args: Any, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.at = at

    def init_signing_session(self, *args: Any, **options: Any) -> Any:
        session = super().init_signing_session(*args, **options)
        session.system_time = self.at
        return session


class _Frame:
    """What is the same in all signatures of one certificate: everything but the digest of the document and the signature itself.

    pyHanko builds a signature of some 300 objects, twice (once to see how long it will be): 25 ms. It builds one, and what
    differs in the next is put in its place.
    """

    NOTHING = bytes(32)

    def __init__(self, model: cms.ContentInfo) -> None:
        data = model["content"]
        (info,) = data["signer_infos"]
        self.kind = model["content_type"].dump()
        self.before = b"".join(
            data[name].dump()
            for name in ("version", "digest_algorithms", "encap_content_info", "certificates")
        )
        self.signer = b"".join(info[name].dump() for name in ("version", "sid", "digest_algorithm"))
        self.attributes = info["signed_attrs"].untag().dump()
        self.algorithm = info["signature_algorithm"].dump()
        if self.attributes.count(self.NOTHING) != 1 or len(info["unsigned_attrs"]):
            raise ValueError("the model of a signature holds more than a digest that is its own")

    def attributes_of(self, digest: bytes) -> bytes:
        """Return what is signed for a document, as a set in DER."""
        return self.attributes.replace(self.NOTHING, digest)

    def around(self, attributes: bytes, signature: bytes) -> cms.ContentInfo:
        """Return the whole."""
        tagged = b"\xa0" + attributes[1:]  # within the signature the set stands as [0]
        info = _der(0x30, self.signer, tagged, self.algorithm, _der(0x04, signature))
        signed = _der(0x30, self.before, _der(0x31, info))
        return cms.ContentInfo.load(_der(0x30, self.kind, _der(0xA0, signed)))


def _der(tag: int, *parts: bytes) -> bytes:
    """Return a value in DER: tag, length, content."""
    content = b"".join(parts)
    size = len(content)
    length = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (length if size < 0x80 else bytes([0x80 | len(length)]) + length) + content


class _FramedSigner(signers.SimpleSigner):
    """Signs as its base does, but what stands around a signature is built once.

    For PAdES baseline B-B under one certificate: what is signed states no time, no revocation and no timestamp.
    """

    def __init__(self, plain: signers.SimpleSigner) -> None:
        super().__init__(plain.signing_cert, plain.signing_key, plain.cert_registry)
        # Before other threads see it: reading certificates changes the objects that asn1crypto makes of them.
        settings = PdfCMSSignedAttributes()
        model = super().async_sign(_Frame.NOTHING, DIGEST, use_pades=True, signed_attr_settings=settings)
        self.frame = _Frame(asyncio.run(model))

    async def async_sign(self, data_digest: bytes, *_: Any, **options: Any) -> cms.ContentInfo:
        attributes = self.frame.attributes_of(data_digest)
        return self.frame.around(attributes, self.sign_raw(attributes, DIGEST))


def sign(pdf: bytes, *, reason: str, location: str, at: datetime) -> bytes:
    """Return the PDF signed with the leaf of the local authority."""
    authority = ensure_ca()
    out = IncrementalPdfFileWriter(io.BytesIO(pdf))
    metadata = signers.PdfSignatureMetadata(
        field_name=f"Signature{len(out.prev.embedded_signatures) + 1}",
        md_algorithm=DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        location=location,
    )
    signed = io.BytesIO()
    _PdfSignerAt(metadata, signer=_signer(authority, _ages(authority)), at=at).sign_pdf(out, output=signed)
    return signed.getvalue()


def verify(pdf: bytes) -> SignatureReport:
    """Say whether the last signature covers the whole file, is intact, and was made under our root. Never raises."""
    try:
        signatures = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
        if not signatures:
            return SignatureReport(is_valid=False, problem="unsigned")
        authority = ensure_ca()
        root = _root(authority, _ages(authority))
        context = ValidationContext(trust_roots=[root], allow_fetching=False)
        status = validate_pdf_signature(signatures[-1], signer_validation_context=context)
    except Exception:  # a file from anywhere may break the reader in any way
        return SignatureReport(is_valid=False, problem="unreadable")
    problem = ""
    if not (status.intact and status.valid) or status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        problem = "changed"
    elif not status.trusted:
        problem = "untrusted"
    signed_at = status.signer_reported_dt
    return SignatureReport(
        is_valid=not problem,
        problem=problem,
        signer=status.signing_cert.subject.human_friendly,
        signed_at=signed_at.astimezone(UTC) if signed_at else None,
        reason=str(signatures[-1].sig_object.get("/Reason", "")),
    )


def _ages(authority: Authority) -> tuple[int, ...]:
    """Return when key and certificates were put there: others may be put in their places while the program runs."""
    return tuple(path.stat().st_mtime_ns for path in (authority.key, authority.leaf, authority.root))


@lru_cache(maxsize=4)
def _root(authority: Authority, ages: tuple[int, ...]) -> asn1_x509.Certificate:
    return load_cert_from_pemder(str(authority.root))


@lru_cache(maxsize=4)
def _signer(authority: Authority, ages: tuple[int, ...]) -> _FramedSigner:
    signer = signers.SimpleSigner.load(
        key_file=str(authority.key), cert_file=str(authority.leaf), ca_chain_files=(str(authority.root),)
    )
    if signer is None:
        raise RuntimeError(f"the key at {authority.key} cannot be read")
    return _FramedSigner(signer)
