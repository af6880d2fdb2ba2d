"""What the certificates application makes known to the modules below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tongban.apps.certificates import packs
from tongban.apps.certificates.models import Certificate
from tongban.apps.certificates.operations import issue
from tongban.apps.certificates.queries import may_read
from tongban.base import exchange
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText as T
from tongban.design import navigation
from tongban.design.navigation import NavEntry
from tongban.kernel.files import service as files
from tongban.kernel.ledger import service as ledger

__all__ = ["register"]


def register() -> None:
    """Called once by ``CertificatesConfig.ready``."""
    ledger.register_verb("certificates.issue", T("制证", "Certificate made"))
    query = f"SELECT id::text, {issue.STANDING} FROM certificates_certificate"  # noqa: S608
    ledger.register_subject_check("certificate", query)
    files.register_file_policy("certificate", _may_read)
    exchange.register_facts("case-certificate", _of_case)
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
    _ = (issue, packs)  # importing them registered the operation and the pack section


def _may_read(actor: Actor, ref: Ref) -> bool:
    certificate = Certificate.objects.select_related("case").filter(pk=UUID(ref.id)).first()
    return certificate is not None and may_read(actor, certificate)


def _of_case(case_id: str) -> Mapping[str, Any] | None:
    """Tell of the certificate that a case ended with (``base.exchange``): its name, number and validity."""
    found = Certificate.objects.select_related("type__unit").filter(case_id=UUID(case_id)).first()
    if found is None:
        return None
    return {
        "name": found.type.name.zh,
        "number": found.number,
        "valid_from": found.valid_from.isoformat(),
        "valid_to": found.valid_to.isoformat() if found.valid_to else "",
        "unit": found.type.unit.name.zh,
    }
