"""What the certificates application makes known to the modules below it."""

from __future__ import annotations

from uuid import UUID

from tongban.apps.certificates import packs
from tongban.apps.certificates.models import Certificate
from tongban.apps.certificates.operations import issue
from tongban.apps.certificates.queries import may_read
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
