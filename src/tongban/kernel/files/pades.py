"""The signing and verifying itself, with pyHanko. Imported at the first signature: it takes half a second to load."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from asn1crypto import x509 as asn1_x509
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from tongban.kernel.files.authority import Authority, ensure_ca
from tongban.kernel.files.report import SignatureReport

__all__ = ["sign", "verify"]


class _PdfSignerAt(signers.PdfSigner):
    """States the moment that was passed in, where pyHanko would ask the system's clock."""

    def __init__(self, *args: Any, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.at = at

    def init_signing_session(self, *args: Any, **options: Any) -> Any:
        session = super().init_signing_session(*args, **options)
        session.system_time = self.at
        return session


def sign(pdf: bytes, *, reason: str, location: str, at: datetime) -> bytes:
    """Return the PDF signed with the leaf of the local authority."""
    authority = ensure_ca()
    out = IncrementalPdfFileWriter(io.BytesIO(pdf))
    metadata = signers.PdfSignatureMetadata(
        field_name=f"Signature{len(out.prev.embedded_signatures) + 1}",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        location=location,
    )
    signed = io.BytesIO()
    _PdfSignerAt(metadata, signer=_signer(authority), at=at).sign_pdf(out, output=signed)
    return signed.getvalue()


def verify(pdf: bytes) -> SignatureReport:
    """Say whether the last signature covers the whole file, is intact, and was made under our root. Never raises."""
    try:
        signatures = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
        if not signatures:
            return SignatureReport(is_valid=False, problem="unsigned")
        context = ValidationContext(trust_roots=[_certificate(str(ensure_ca().root))], allow_fetching=False)
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


@lru_cache(maxsize=4)
def _certificate(path: str) -> asn1_x509.Certificate:
    return load_cert_from_pemder(path)


def _signer(authority: Authority) -> signers.SimpleSigner:
    signer = signers.SimpleSigner.load(
        key_file=str(authority.key), cert_file=str(authority.leaf), ca_chain_files=(str(authority.root),)
    )
    if signer is None:
        raise RuntimeError(f"the key at {authority.key} cannot be read")
    return signer
