"""PAdES signatures (ETSI EN 319 142, baseline B-B) under the local authority, and their verification."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from tongban.base.registry import Registry
from tongban.kernel.files.report import SignatureReport

__all__ = ["SignatureReport", "Signer", "local_signers", "sign_pdf", "verify_pdf"]


class Signer(Protocol):
    """Puts one signature on a PDF. A national e-seal system would be another of these."""

    def sign(self, pdf: bytes, *, reason: str, location: str, at: datetime) -> bytes:
        """Return the signed PDF (an incremental update of ``pdf``)."""
        ...


class LocalSigner:
    """Signs with the leaf of the local authority."""

    def sign(self, pdf: bytes, *, reason: str, location: str, at: datetime) -> bytes:
        """Return the signed PDF."""
        from tongban.kernel.files import pades

        return pades.sign(pdf, reason=reason, location=location, at=at)


local_signers: Registry[Signer] = Registry("signers")
local_signers.register("institution", LocalSigner())


def sign_pdf(pdf: bytes, *, signer: str = "institution", reason: str, location: str, at: datetime) -> bytes:
    """Return ``pdf`` with the signature of the named signer. ``at`` is the signing time that the signature states."""
    return local_signers.get(signer).sign(pdf, reason=reason, location=location, at=at)


def verify_pdf(pdf: bytes) -> SignatureReport:
    """Say whether the last signature covers the whole file, is intact, and was made under our root. Never raises."""
    from tongban.kernel.files import pades

    return pades.verify(pdf)
