"""A certificate, what may be done about it, and what is seen of that."""

from __future__ import annotations

from typing import Any

from tests.support.county import County
from tongban.apps.certificates import service as certificates
from tongban.apps.certificates.models import Certificate
from tongban.kernel.cases import service as cases
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages
from tongban.kernel.registers import service as registers

SUSPEND = {
    "heard": True,
    "until": "2026-07-31",
    "reason": "经查，经营场所后厨改作他用，不再符合条件。",
    "legal_basis": "《食品安全法》第一百二十六条",
}
TAKE = {key: SUSPEND[key] for key in ("heard", "reason", "legal_basis")}
CANCEL = {
    "ground": "request",
    "reason": "持证人申请注销，店已关门。",
    "legal_basis": "《行政许可法》第七十条",
}
RENEW = {
    "applied_on": "2026-06-01",
    "reason": "现场核查仍符合条件。",
    "legal_basis": "《行政许可法》第五十条",
}
CHANGE = {"reason": "店招换了名字。", "legal_basis": "《行政许可法》第四十九条"}


def grant_certificate(county: County) -> Certificate:
    """The noodle shop's licence, granted and made."""
    county.grant(county.review(county.accept(county.submit())))
    county.drain()
    [found] = certificates.list_certificates_of(county.actor("citizen"))
    return found


def propose(
    county: County,
    certificate: Certificate,
    act: str,
    data: dict[str, Any],
    who: str = "officer1",
    **changes: Any,
) -> Any:
    case, task = certificates.open_proceeding(
        actor=county.actor(who), certificate_id=certificate.pk, act=act, at=county.now, **changes
    )
    cases.complete_task(actor=county.actor(who), task_id=task.id, outcome=act, data=data, at=county.now)
    return county.again(case)


def carried_out(
    county: County, certificate: Certificate, act: str, data: dict[str, Any], **changes: Any
) -> Any:
    case = county.do("chief", propose(county, certificate, act, data, **changes), "check", "approve")
    county.drain()
    return county.again(case)


def status_of(certificate: Certificate) -> tuple[str, str]:
    """Return what the row and the register say."""
    certificate.refresh_from_db()
    return certificate.status, registers.get_record("certificates", certificate.identifier).values["status"]


def verbs_on(certificate: Certificate) -> list[str]:
    return [act.verb for act in ledger.acts_of(certificate.ref)]


def told(county: County) -> list[str]:
    """Return the templates of the holder's newest messages, newest first."""
    return [
        message.subject.zh.partition("：")[0]
        for message in messages.inbox_of(county.actor("citizen").person_id)
    ]
