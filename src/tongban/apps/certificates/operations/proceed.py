"""Proceedings on a certificate: an officer proposes, another agrees, then it is carried out. Each is a case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tongban.apps.certificates import rules
from tongban.apps.certificates.errors import ActNotAllowed, UnderProceeding
from tongban.apps.certificates.kind import KIND, NAMES
from tongban.apps.certificates.models import Certificate, Proceeding
from tongban.apps.certificates.operations.status import Grounds, carry_out, locked, locked_for
from tongban.apps.certificates.operations.versions import Order, check_change, make_version
from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import service as processes

__all__ = ["open_proceeding"]

PROCESS = "certificate-act"
"""The built-in process."""


@work.unit()
def open_proceeding(
    *, actor: Actor, certificate_id: UUID, act: str, changes: Mapping[str, Any] | None = None, at: datetime
) -> tuple[Any, Any]:
    """Begin a proceeding: return its case and the step in which the officer gives reason and legal basis.

    ``changes`` are the new words of the face, for "change". Raises CertificateNotFound, ActNotYours, ActNotAllowed,
    UnderProceeding (naming the case), NothingChanged.
    """
    certificate = locked_for(actor=actor, certificate_id=certificate_id, at=at)
    if rules.after(certificate.status, act) is None or not rules.needs_second_look(certificate.status, act):
        raise ActNotAllowed(act=act, status=certificate.status)
    open_one = open_proceeding_of(certificate)
    if open_one is not None:
        raise UnderProceeding(number=open_one.case.number)
    real = check_change(certificate, changes or {}) if act == "change" else {}
    case = cases.open_case(
        actor=actor,
        kind=KIND.key,
        title=LocalizedText("{act}：{name} {number}", "{act}: {name} {number}").format(
            act=NAMES[act], name=certificate.type.name, number=certificate.number
        ),
        subject=certificate.ref,
        unit_id=certificate.type.unit_id,
        parties=[],
        at=at,
    )
    work.add(Proceeding(case=case, certificate=certificate, act=act, changes=real))
    cases.give_access(case=case, holder_id=identity.holder_id("post", actor.post_id), right="handle", at=at)
    case, _ = cases.submit_case(
        actor=actor, case_id=case.pk, definition_key=PROCESS, vars={"act": act}, at=at
    )
    assert case.instance_id is not None  # noqa: S101 - it was just submitted
    [task] = [task for task in processes.tasks_of(case.instance_id) if task.state == "open"]
    cases.claim_task(actor=actor, task_id=task.id, at=at)
    return case, task


def open_proceeding_of(certificate: Certificate) -> Proceeding | None:
    """Return the proceeding on this certificate that is not over, if there is one."""
    return (
        Proceeding.objects.select_related("case")
        .filter(certificate=certificate, case__closed_at__isnull=True)
        .first()
    )


@processes.operation("certificates.carry_out", pure_db=True)
def carry_out_proceeding(context: processes.OperationContext) -> None:
    """Carry out what two officers agreed on. What the certificate's status does not allow any more refuses the whole step."""
    case = cases.locked_case(context.owner)
    proceeding = Proceeding.objects.get(case_id=case.pk)
    said = context.vars["data"]["propose"]
    until = said.get("until")
    carry_out(
        certificate=locked(proceeding.certificate_id, at=context.at),
        act=proceeding.act,
        grounds=Grounds(said["reason"], said["legal_basis"], date.fromisoformat(until) if until else None),
        actor=context.actor,
        case=case,
        at=context.at,
    )


@processes.operation("certificates.make_version", pure_db=False)
def make_version_of_proceeding(context: processes.OperationContext) -> dict[str, Any]:
    """The job that makes the new version that two officers agreed on."""
    case = cases.case_of(context.owner)
    proceeding = Proceeding.objects.select_related("certificate__type__unit").get(case_id=case.pk)
    said = context.vars["data"]["propose"]
    applied_on = said.get("applied_on")
    made = make_version(
        certificate=proceeding.certificate,
        case=case,
        order=Order(
            proceeding.act,
            applied_on=date.fromisoformat(applied_on) if applied_on else None,
            changes=proceeding.changes,
            reason=said["reason"],
        ),
        actor=context.actor,
        at=context.at,
    )
    return {"certificate": str(made.pk)}
