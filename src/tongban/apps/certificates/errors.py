"""What the certificates application refuses."""

from __future__ import annotations

from tongban.base.errors import NotFound
from tongban.base.text import LocalizedText

__all__ = ["CertificateNotFound", "CertificateTypeUnknown"]


class CertificateNotFound(NotFound):
    """No such certificate, or not one that this actor may see."""

    code = "certificate-not-found"
    title = LocalizedText(zh="没有找到这张证照", en="This certificate was not found")


class CertificateTypeUnknown(NotFound):
    """The installation doesn't issue certificates of that type."""

    code = "certificate-type-unknown"
    title = LocalizedText(zh="没有这种证照", en="There is no such type of certificate")
