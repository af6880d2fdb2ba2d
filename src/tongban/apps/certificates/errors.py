"""What the certificates application refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Forbidden, Invalid, NotFound
from tongban.base.text import LocalizedText

__all__ = [
    "ActNotAllowed",
    "ActNotYours",
    "CertificateNotFound",
    "CertificateTypeInvalid",
    "CertificateTypeUnknown",
    "CopyInvalid",
    "CopyNotPossible",
    "GroundsMissing",
    "HolderUnknown",
    "NothingChanged",
    "RenewalTooLate",
    "UnderProceeding",
]


class CertificateNotFound(NotFound):
    """No such certificate, or not one that this actor may see."""

    code = "certificate-not-found"
    title = LocalizedText(zh="没有找到这张证照", en="This certificate was not found")


class CertificateTypeUnknown(NotFound):
    """The installation doesn't issue certificates of that type."""

    code = "certificate-type-unknown"
    title = LocalizedText(zh="没有这种证照", en="There is no such type of certificate")


class CertificateTypeInvalid(Invalid):
    """The definition of a type cannot be used; ``errors`` name the places."""

    code = "certificate-type-invalid"
    title = LocalizedText(zh="证照类型有地方不对", en="The certificate type has faults")


class HolderUnknown(Conflict):
    """A certificate names its holder by ID number or credit code, and this applicant has none on record."""

    code = "certificate-holder-unknown"
    title = LocalizedText(
        zh="申请人没有证件号码或信用代码，不能制证",
        en="The applicant has no ID number or credit code on record; no certificate can be made",
    )


class ActNotAllowed(Conflict):
    """The status of the certificate doesn't allow this."""

    code = "certificate-act-not-allowed"
    title = LocalizedText(
        zh="证照现在的状态不能这样办", en="The certificate's present status does not allow this"
    )


class ActNotYours(Forbidden):
    """The actor may see the certificate, but this act is for the officers of the issuing organ."""

    code = "certificate-act-not-yours"
    title = LocalizedText(
        zh="只有发证机关的经办人能这样办", en="Only officers of the issuing organ may do this"
    )


class UnderProceeding(Conflict):
    """Another proceeding on this certificate is still open; ``number`` is its case."""

    code = "certificate-under-proceeding"
    title = LocalizedText(
        zh="这张证照还有一件没办完，先办完那件",
        en="Another proceeding on this certificate is still open; finish that first",
    )


class GroundsMissing(Invalid):
    """Reason or legal basis are missing or too long."""

    code = "certificate-grounds-missing"
    title = LocalizedText(zh="理由和法律依据都要写", en="Reason and legal basis are both needed")


class RenewalTooLate(Conflict):
    """The renewal was asked for after the last day of validity, or the certificate is valid for ever."""

    code = "certificate-renewal-too-late"
    title = LocalizedText(
        zh="有效期已经过了才申请延续，或者证照长期有效，不能延续",
        en="The renewal was asked for after the last day of validity, or the certificate has no end",
    )


class NothingChanged(Invalid):
    """A change that changes nothing makes no new version."""

    code = "certificate-nothing-changed"
    title = LocalizedText(zh="照面信息没有变化", en="Nothing on the face was changed")


class CopyNotPossible(Conflict):
    """Only a certificate that is valid today can be copied."""

    code = "certificate-copy-not-possible"
    title = LocalizedText(
        zh="只有有效的证照才能做加注件", en="Only a certificate that is valid today can be copied"
    )


class CopyInvalid(Invalid):
    """Purpose, receiver or duration are missing or wrong."""

    code = "certificate-copy-invalid"
    title = LocalizedText(zh="加注件有内容要改一下", en="The copy needs correcting")
