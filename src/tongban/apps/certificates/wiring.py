"""What the certificates application makes known to the modules below it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from tongban.apps.certificates import packs
from tongban.apps.certificates.duties import DUTIES
from tongban.apps.certificates.editable import CertificateEditable
from tongban.apps.certificates.kind import KIND
from tongban.apps.certificates.models import Certificate, CertificateType, Copy
from tongban.apps.certificates.operations import issue, making, proceed, processes
from tongban.apps.certificates.operations.telling import WORDS
from tongban.apps.certificates.policies import has_desk, is_holder, may_read
from tongban.base import builtin, editables, exchange
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText as T
from tongban.design import navigation
from tongban.design.navigation import NavEntry
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages

__all__ = ["register"]

VERBS = {
    "certificates.issue": T("制证", "Certificate made"),
    "certificates.suspend": T("暂扣", "Suspended"),
    "certificates.resume": T("恢复有效", "Valid again"),
    "certificates.revoke": T("撤销", "Revoked"),
    "certificates.forfeit": T("吊销", "Forfeited"),
    "certificates.cancel": T("注销", "Cancelled"),
    "certificates.renew": T("延续，换发新的一版", "Renewed, new version"),
    "certificates.change": T("变更，换发新的一版", "Changed, new version"),
    "certificates.expire": T("有效期满，失效", "Expired"),
    "certificates.replace": T("被新的一版取代", "Replaced by a new version"),
    "certificates.copy": T("持证人制作加注件", "Copy made by the holder"),
    "certificates.end_copy": T("加注件失效", "Copy ended"),
    "certificates.put_type": T("发布证照类型", "Certificate type published"),
}


def register() -> None:
    """Called once by ``CertificatesConfig.ready``."""
    identity.register_duties(DUTIES)
    for verb, label in VERBS.items():
        ledger.register_verb(verb, label)
    identity.register_standing(
        "certificates.types",
        T("证照类型", "Certificate types"),
        count=lambda unit: CertificateType.objects.filter(unit_id=unit).count(),
        move=lambda unit, heir: CertificateType.objects.filter(unit_id=unit).update(unit_id=heir),
    )
    ledger.register_purpose(
        "certificates.desk", T("发证机关查看证照", "Issuing organ looks at a certificate")
    )
    ledger.register_field_labels(_field_labels)
    query = f"SELECT id::text, {making.STANDING} FROM certificates_certificate"  # noqa: S608
    ledger.register_subject_check("certificate", query)
    ledger.register_act_reader("certificate", _may_read)
    files.register_file_policy("certificate", _may_read)
    exchange.register_facts("case-certificate", _of_case)
    files.register_file_policy("certificate-copy", _holds_copy)
    instruments.register_paper_policy("certificate", _may_read)
    cases.register_kind(KIND)
    editables.register(CertificateEditable())
    for key, (subject, body) in WORDS.items():
        messages.register_words(key, subject=subject, body=body)
    _register_navigation()
    builtin.register("certificates", Path(__file__).parent / "builtin")
    _ = (issue, packs, proceed, processes)  # importing them registered the operations and the pack section


def _register_navigation() -> None:
    navigation.register_account(
        NavEntry(
            key="certificates",
            label=T("我的证照", "My certificates"),
            url_name="certificates:mine",
            icon="idcard",
            order=30,
            visible=lambda actor: not actor.is_official,
        )
    )
    navigation.register_desk(
        NavEntry(
            key="certificates",
            group=T("业务", "Work"),
            label=T("证照", "Certificates"),
            url_name="certificates:desk",
            icon="idcard",
            order=50,
            visible=has_desk,
        )
    )


def _may_read(actor: Actor, ref: Ref) -> bool:
    found = Certificate.objects.select_related("case", "type").filter(pk=UUID(ref.id)).first()
    return found is not None and may_read(actor, found)


def _holds_copy(actor: Actor, ref: Ref) -> bool:
    copy = Copy.objects.select_related("certificate__case").filter(pk=UUID(ref.id)).first()
    return copy is not None and is_holder(actor, copy.certificate)


def _of_case(case_id: str) -> Mapping[str, Any] | None:
    """Tell of the certificate that a case ended with (``base.exchange``): its name, number and validity."""
    found = Certificate.objects.select_related("type__unit").filter(made_in_id=UUID(case_id)).first()
    if found is None:
        return None
    return {
        "name": found.type.name.zh,
        "number": found.number,
        "valid_from": found.valid_from.isoformat(),
        "valid_to": found.valid_to.isoformat() if found.valid_to else "",
        "unit": found.type.unit.name.zh,
    }


def _field_labels(keys: Iterable[str]) -> dict[str, T]:
    return {key: T("持证主体", "Holder") for key in keys if key == "holder_name"}
