"""The operations that processes of any item may name, beside ``certificates.issue``.

Which certificate is meant: the variable ``certificate_number`` (what the process or a form of it says), else the applicant's
newest certificate of ``certificate_type`` that is not replaced. The reason is the variable ``reason``, else the decision's
``reasons``; ``legal_basis`` and ``until`` likewise.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Q

from tongban.apps.certificates import rules
from tongban.apps.certificates.errors import CertificateNotFound
from tongban.apps.certificates.models import Certificate
from tongban.apps.certificates.operations.issue import holder_of, type_of
from tongban.apps.certificates.operations.making import face_of
from tongban.apps.certificates.operations.status import Grounds, carry_out, locked
from tongban.apps.certificates.operations.versions import Order, make_version
from tongban.base.time import local_date
from tongban.kernel.cases import service as cases
from tongban.kernel.forms import service as forms
from tongban.kernel.processes import service as processes

__all__ = ["certificate_meant"]


@processes.operation("certificates.suspend", pure_db=True)
def suspend(context: processes.OperationContext) -> dict[str, Any]:
    """Suspend the certificate that the case is about until the day ``until``."""
    return _carry_out(context, "suspend")


@processes.operation("certificates.resume", pure_db=True)
def resume(context: processes.OperationContext) -> dict[str, Any]:
    """End the suspension of the certificate that the case is about."""
    return _carry_out(context, "resume")


@processes.operation("certificates.revoke", pure_db=True)
def revoke(context: processes.OperationContext) -> dict[str, Any]:
    """Revoke the certificate that the case is about: it should not have been issued (Administrative Licensing Law art. 69)."""
    return _carry_out(context, "revoke")


@processes.operation("certificates.cancel", pure_db=True)
def cancel(context: processes.OperationContext) -> dict[str, Any]:
    """Cancel the certificate that the case is about (Administrative Licensing Law art. 70)."""
    return _carry_out(context, "cancel")


@processes.operation("certificates.renew", pure_db=False)
def renew(context: processes.OperationContext) -> dict[str, Any]:
    """Renew the certificate that the case is about; what its form answers goes onto the face."""
    return _make_version(context, "renew")


@processes.operation("certificates.change", pure_db=False)
def change(context: processes.OperationContext) -> dict[str, Any]:
    """Bring what the case's form answers onto the face of the certificate that the case is about."""
    return _make_version(context, "change")


def certificate_meant(case: Any, variables: Mapping[str, Any]) -> Certificate:
    """Return the certificate that a case is about. Raises CertificateNotFound, CertificateTypeUnknown, HolderUnknown."""
    kind, key = holder_of(case)
    held = Q(holder_kind=kind, holder_key=key)
    if kind == "person":
        held |= Q(co_holders__contains=[{"key": key}])
    found = Certificate.objects.select_related("type__unit", "case").filter(held, file__isnull=False)
    number = str(variables.get("certificate_number") or "")
    if number:
        found = found.filter(Q(number=number) | Q(public_number=number))
    else:
        found = found.filter(type=type_of(variables["certificate_type"]))
    chosen = found.exclude(status="replaced").order_by("-issued_at").first()
    if chosen is None:
        raise CertificateNotFound
    return chosen


def _carry_out(context: processes.OperationContext, act: str) -> dict[str, Any]:
    case = cases.locked_case(context.owner)
    row = locked(certificate_meant(case, context.vars).pk, at=context.at)
    carry_out(
        certificate=row, act=act, grounds=_grounds(context), actor=context.actor, case=case, at=context.at
    )
    return {"certificate": str(row.pk), "certificate_number": row.public_number}


def _make_version(context: processes.OperationContext, act: str) -> dict[str, Any]:
    case: Any = cases.case_of(context.owner)
    made = Certificate.objects.filter(made_in_id=case.pk).select_related("type__unit", "replaces").first()
    old = made.replaces if made is not None and made.replaces is not None else None
    if old is None:
        old = certificate_meant(case, context.vars)
    form = forms.form_of(case.entry)
    answers = forms.answers_of(form, case.entry.data, at=context.at)
    fields = [
        f for f in old.type.content["fields"] if f["key"] in old.data and answers.get(f["from"]) is not None
    ]
    face = face_of(fields, form, answers, holder=old.all_names)
    validity = old.type.content["validity"]
    version = make_version(
        certificate=old,
        case=case,
        order=Order(
            act,
            applied_on=local_date(case.submitted_at),
            valid_to=rules.last_day(validity, local_date(context.at), answers)
            if "until" in validity
            else None,
            changes={key: row["value"] for key, row in face.items()},
            is_holders=True,
        ),
        actor=context.actor,
        at=context.at,
    )
    return {"certificate": str(version.pk), "certificate_number": version.public_number}


def _grounds(context: processes.OperationContext) -> Grounds:
    said = dict(context.task.data) if context.task else {}
    known = {**context.vars, **said}
    until = known.get("until")
    return Grounds(
        reason=str(known.get("reason") or known.get("reasons") or ""),
        legal_basis=str(known.get("legal_basis") or ""),
        until=date.fromisoformat(until) if isinstance(until, str) and until else None,
    )
