"""What the certificates application refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, NotFound
from tongban.base.text import LocalizedText

__all__ = ["CertificateNotFound", "CertificateTypeUnknown", "HolderUnknown"]


class CertificateNotFound(NotFound):
    """No such certificate, or not one that this actor may see."""

    code = "certificate-not-found"
    title = LocalizedText(zh="没有找到这张证照", en="This certificate was not found")


class CertificateTypeUnknown(NotFound):
    """The installation doesn't issue certificates of that type."""

    code = "certificate-type-unknown"
    title = LocalizedText(zh="没有这种证照", en="There is no such type of certificate")


class HolderUnknown(Conflict):
    """A certificate names its holder by ID number or credit code, and this applicant has none on record."""

    code = "certificate-holder-unknown"
    title = LocalizedText(
        zh="申请人没有证件号码或信用代码，不能制证",
        en="The applicant has no ID number or credit code on record; no certificate can be made",
    )
