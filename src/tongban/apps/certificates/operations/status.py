"""Changing the status of a certificate: the table of ``rules`` decides, then row, register, ledger, event, paper, message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tongban.apps.certificates import events, rules
from tongban.apps.certificates.errors import ActNotAllowed, CertificateNotFound, GroundsMissing
from tongban.apps.certificates.models import Certificate
from tongban.apps.certificates.operations.making import next_due, standing, write_register
from tongban.apps.certificates.operations.telling import serve_notice, tell
from tongban.apps.certificates.policies import may_read, require_handling
from tongban.base import outbox, work
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date
from tongban.kernel.calendars import service as calendars
from tongban.kernel.ledger import service as ledger

__all__ = ["Grounds", "act_at_once", "carry_out", "locked", "locked_for", "set_status"]

ITSELF = Actor.system("certificates")


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why something is done: in words, by which provision, and until when (only a suspension has an end)."""

    reason: str
    legal_basis: str = ""
    until: date | None = None

    @classmethod
    def given(cls, reason: str, legal_basis: str) -> Grounds:
        """Return what somebody wrote. Raises GroundsMissing with the fields that are empty or too long."""
        said = {"reason": " ".join(reason.split()), "legal_basis": " ".join(legal_basis.split())}
        errors = [
            {"field": field, "message": WORDS_MISSING[field].as_json()}
            for field, words in said.items()
            if not 0 < len(words) <= LONGEST[field]
        ]
        if errors:
            raise GroundsMissing(errors=errors)
        return cls(reason=said["reason"], legal_basis=said["legal_basis"])


LONGEST = {"reason": 1_000, "legal_basis": 200}
WORDS_MISSING = {
    "reason": T("写明理由，最多 1000 个字", "Give the reason, at most 1,000 characters"),
    "legal_basis": T("写明法律依据，最多 200 个字", "Give the legal basis, at most 200 characters"),
}


@work.unit()
def act_at_once(
    *, actor: Actor, certificate_id: UUID, act: str, grounds: Grounds, at: datetime
) -> Certificate:
    """Do what needs no second look: end a suspension, cancel what is no longer in force.

    Raises CertificateNotFound for strangers, ActNotYours, ActNotAllowed; what takes from the holder is refused here, it goes
    through a proceeding.
    """
    row = locked_for(actor=actor, certificate_id=certificate_id, at=at)
    if rules.needs_second_look(row.status, act):
        raise ActNotAllowed(act=act, status=row.status, needs="second look")
    return carry_out(certificate=row, act=act, grounds=grounds, actor=actor, case=None, at=at)


def locked_for(*, actor: Actor, certificate_id: UUID, at: datetime) -> Certificate:
    """Return a certificate under its lock to who may begin something with it. Raises CertificateNotFound, ActNotYours."""
    row = locked(certificate_id, at=at)
    if not may_read(actor, row):
        raise CertificateNotFound
    require_handling(actor, row)
    return row


def locked(certificate_id: UUID, *, at: datetime) -> Certificate:
    """Return a certificate under its lock, with what time has done to it written down first."""
    row = (
        Certificate.objects.select_for_update(of=("self",))
        .select_related("type__unit", "case")
        .filter(pk=certificate_id)
        .first()
    )
    if row is None:
        raise CertificateNotFound
    catch_up(row, at=at)
    return row


def catch_up(row: Certificate, *, at: datetime) -> bool:
    """Write down what happened by itself since the last look: a suspension over, a validity ended. True when something did."""
    day = local_date(at)
    now = row.status_on(day)
    if now == row.status or row.file_id is None:
        return False
    lapsed = "resume" if now == "valid" else "expire"
    set_status(row, now, actor=ITSELF, at=at, act=lapsed)
    tell(row, lapsed, at=at)
    return True


@work.unit()
def carry_out(
    *, certificate: Certificate, act: str, grounds: Grounds, actor: Actor, case: Any | None, at: datetime
) -> Certificate:
    """Carry an act out on a (locked) certificate. Who may is for the caller. Raises ActNotAllowed; then nothing is changed.

    What takes something from the holder is stated in a paper that is served; ``case`` is what the paper is about, and the
    timeline that shows the act.
    """
    before = certificate.status
    status = rules.after(before, act)
    if status is None or status == "replaced" or act == "expire":
        raise ActNotAllowed(act=act, status=before)
    set_status(certificate, status, actor=actor, at=at, act=act, grounds=grounds, case=case)
    if not rules.takes_from_holder(before, act):
        tell(certificate, "cancel_formality" if act == "cancel" else act, at=at)
        return certificate
    paper = serve_notice(
        certificate,
        act,
        subject=certificate.ref if case is None else case.ref,
        actor=actor,
        data={"reason": grounds.reason, "legal_basis": grounds.legal_basis, "until": grounds.until},
        at=at,
    )
    if act == "suspend" and grounds.until:
        tell(certificate, act, at=at, until=calendars.day_text(grounds.until), paper=paper.number)
    else:
        tell(certificate, "suspend_open" if act == "suspend" else act, at=at, paper=paper.number)
    return certificate


def set_status(
    row: Certificate,
    status: str,
    *,
    actor: Actor,
    at: datetime,
    act: str = "replace",
    grounds: Grounds | None = None,
    case: Any | None = None,
) -> None:
    """Write a status down everywhere it stands: row, register, ledger, event. The caller holds the lock and knows the rules."""
    row.status = status
    row.suspended_to = grounds.until if grounds and status == "suspended" else None
    row.looked_on = local_date(at)
    row.due_on = next_due(row, day=row.looked_on)
    row.save(update_fields=["status", "suspended_to", "due_on", "looked_on"])
    write_register(row, actor=actor, at=at)
    ledger.record(
        actor=actor,
        verb=f"certificates.{act}",
        subject=row.ref,
        case=str(row.case.ref if case is None else case.ref) if act != "replace" else "",
        reason=grounds.reason if grounds else "",
        facts={
            "number": row.public_number,
            **({"legal_basis": grounds.legal_basis} if grounds and grounds.legal_basis else {}),
            **({"until": row.suspended_to} if row.suspended_to else {}),
        },
        standing=standing(row),
        about=row.holder_keys,
        at=at,
    )
    outbox.announce(events.STATUS_CHANGED, row.ref, at=at, act=act, status=status)
