"""Telling the holder: a message for every change, and the paper that the law asks for where something is taken."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from tongban.apps.certificates.models import Certificate
from tongban.base.actor import Actor
from tongban.base.errors import NotFound
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText as T
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.messages import service as messages

__all__ = ["PAPERS", "WORDS", "serve_notice", "tell"]

PAPERS: Mapping[str, str] = {
    "suspend": "certificate-suspension",
    "revoke": "certificate-revocation",
    "forfeit": "certificate-forfeiture",
    "cancel": "certificate-cancellation",
}
"""The paper of each act that takes something from the holder."""

_SEE_PAPER_ZH = "决定书 {paper} 已经送达，理由、依据和怎么申请复议、起诉都写在里面。"
_SEE_PAPER_EN = " Decision {paper} has been served; it gives the reasons, the legal basis and your remedies."

WORDS: Mapping[str, tuple[T, T]] = {
    "certificates.suspend": (
        T("证照暂扣：{name}", "Certificate suspended: {name}"),
        T(
            f"您的证照{{number}}从今天起暂扣，到{{until}}为止，到期自动恢复。{_SEE_PAPER_ZH}",
            f"Your certificate {{number}} is suspended from today until {{until}}; it resumes by itself.{_SEE_PAPER_EN}",
        ),
    ),
    "certificates.suspend_open": (
        T("证照暂扣：{name}", "Certificate suspended: {name}"),
        T(
            f"您的证照{{number}}从今天起暂扣，恢复时另行通知。{_SEE_PAPER_ZH}",
            f"Your certificate {{number}} is suspended from today until further notice.{_SEE_PAPER_EN}",
        ),
    ),
    "certificates.resume": (
        T("证照恢复有效：{name}", "Certificate valid again: {name}"),
        T("您的证照 {number} 恢复有效，可以继续使用。", "Your certificate {number} is valid again."),
    ),
    "certificates.revoke": (
        T("证照撤销：{name}", "Certificate revoked: {name}"),
        T(
            f"您的证照 {{number}} 已被撤销，不能再使用。{_SEE_PAPER_ZH}",
            f"Your certificate {{number}} has been revoked and can no longer be used.{_SEE_PAPER_EN}",
        ),
    ),
    "certificates.forfeit": (
        T("证照吊销：{name}", "Certificate forfeited: {name}"),
        T(
            f"您的证照 {{number}} 已被吊销，不能再使用。{_SEE_PAPER_ZH}",
            f"Your certificate {{number}} has been forfeited and can no longer be used.{_SEE_PAPER_EN}",
        ),
    ),
    "certificates.cancel": (
        T("证照注销：{name}", "Certificate cancelled: {name}"),
        T(
            f"您的证照 {{number}} 已经注销，不再有效。{_SEE_PAPER_ZH}",
            f"Your certificate {{number}} has been cancelled and is no longer valid.{_SEE_PAPER_EN}",
        ),
    ),
    "certificates.cancel_formality": (
        T("证照注销：{name}", "Certificate cancelled: {name}"),
        T(
            "您的证照 {number} 早已失效，现在办了注销手续。",
            "Your certificate {number} was no longer in force; it has now been cancelled.",
        ),
    ),
    "certificates.expire": (
        T("证照到期：{name}", "Certificate expired: {name}"),
        T(
            "您的证照 {number} 有效期已满，从今天起失效。还要继续的，请重新申请。",
            "Your certificate {number} has reached the end of its validity. To continue, please apply anew.",
        ),
    ),
    "certificates.remind": (
        T("证照快到期了：{name}", "Certificate about to end: {name}"),
        T(
            "您的证照 {number} 有效期到{until}。要继续的，请在到期 30 日前申请延续。",
            "Your certificate {number} is valid until {until}. To continue, please apply for renewal 30 days before.",
        ),
    ),
    "certificates.renew": (
        T("证照延续：{name}", "Certificate renewed: {name}"),
        T(
            "您的证照 {number} 已经延续，新的一版有效期到{until}，在“我的证照”里。原来那一版作废。",
            "Your certificate {number} has been renewed until {until}. The new version is under My certificates; "
            "the earlier one is void.",
        ),
    ),
    "certificates.change": (
        T("证照变更：{name}", "Certificate changed: {name}"),
        T(
            "您的证照 {number} 的内容已经变更，新的一版在“我的证照”里。原来那一版作废。",
            "Your certificate {number} has been changed. The new version is under My certificates; the earlier one is void.",
        ),
    ),
}
"""Subject and body by template; content (``messages.yaml`` of a pack) goes before them."""


def tell(certificate: Certificate, what: str, *, at: datetime, **context: Any) -> None:
    """Send a message to the holder: the person, or whoever may act for the entity today."""
    for each in _contacts(certificate, at=at):
        messages.send(
            to_person=each.person_id,
            to_email=each.email,
            template=f"certificates.{what}",
            context={"name": certificate.type.name, "number": certificate.public_number, **context},
            occasion=certificate.ref,
            link=reverse("certificates:mine-one", args=[certificate.pk]),
            at=at,
        )


def serve_notice(
    certificate: Certificate,
    act: str,
    *,
    subject: Ref,
    actor: Actor,
    data: Mapping[str, Any],
    at: datetime,
) -> Any:
    """Issue the paper of an act and serve it on the holder; ``tell`` tells the people. Takes the number: call it last."""
    kind, found = _holders(certificate)
    return instruments.issue_paper(
        actor=actor,
        template=PAPERS[act],
        subject=subject,
        unit_id=certificate.type.unit_id,
        data={
            "certificate": certificate.type.name,
            "certificate_number": certificate.number,
            "identifier": certificate.identifier,
            "holder": certificate.all_names,
            "valid_from": certificate.valid_from,
            "valid_to": certificate.valid_to,
            "decided_on": at,
            "remedies": certificate.type.content.get("remedies") or REMEDIES,
            **data,
        },
        recipients=[instruments.Recipient(kind=kind, id=pk, name=name) for pk, name in found],
        at=at,
    )


REMEDIES = {
    "reconsideration": {
        "days": 60,
        "body": {"zh": "本级人民政府", "en": "the people's government of the county"},
    },
    "litigation": {"months": 6, "court": {"zh": "有管辖权的人民法院", "en": "the competent people's court"}},
}
"""Administrative Reconsideration Law arts. 20 and 24; Administrative Litigation Law art. 46. A type may name body and court."""


def _contacts(certificate: Certificate, *, at: datetime) -> list[identity.Contact]:
    kind, found = _holders(certificate)
    ids = [UUID(pk) for pk, _ in found]
    if not ids:
        return []
    if kind == "entity":
        return identity.contacts_of(entities=ids, at=at)
    return identity.contacts_of(people=ids, at=at)


def _holders(certificate: Certificate) -> tuple[str, list[tuple[str, str]]]:
    """Return kind, and id with name of everybody who holds it; without who is not in the books any more."""
    find = identity.get_entity if certificate.holder_kind == "entity" else identity.get_person
    found = []
    for key, name in certificate.holders:
        with contextlib.suppress(NotFound):
            found.append((str(find(key).pk), name))
    return certificate.holder_kind, found
