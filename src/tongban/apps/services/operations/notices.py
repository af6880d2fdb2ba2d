"""Telling the applicant: the paper that the law asks for, served, and a message that it is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongban.apps.services.queries import parties as people
from tongban.base.actor import Actor
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.messages import service as messages

__all__ = ["notify", "serve_paper"]

APPLICANTS = ("applicant", "co-applicant")


def serve_paper(*, case: Any, actor: Actor, template: str, data: Mapping[str, Any], at: datetime) -> Any:
    """Issue a paper of the case and serve it electronically on the applicant. Takes the number: call it last.

    A firm's paper is served on the firm: who represents it today may open it, not who did so then. ``notify`` tells people.
    """
    return instruments.issue_paper(
        actor=actor,
        template=template,
        subject=case.ref,
        unit_id=case.unit_id,
        data=data,
        recipients=[
            instruments.Recipient.entity(party.entity_id, case.applicant_name)
            if party.entity_id is not None
            else instruments.Recipient(kind="person", id=str(party.person_id), name=party.name)
            for party in case.parties.all()
            if party.role in APPLICANTS
        ],
        at=at,
    )


def notify(*, case: Any, template: str, at: datetime, **context: Any) -> None:
    """Send a message to everybody who may act for the applicant now."""
    for each in recipients_of(case, at=at):
        messages.send(
            to_person=each.person_id,
            to_email=each.email,
            template=template,
            context={"number": case.number, "item": case.title, **context},
            occasion=case.ref,
            at=at,
            link=f"/my/cases/{case.number}/",
        )


def recipients_of(case: Any, *, at: datetime) -> list[identity.Contact]:
    """Return whom to tell: the applicants, who represents the applying entity today, who acts for the applicant today."""
    applicants = [party for party in case.parties.all() if party.role in APPLICANTS]
    alone = [party.person_id for party in applicants if party.entity_id is None and party.person_id]
    return identity.contacts_of(
        people=[*alone, *people.running_agents(case)],
        entities=[party.entity_id for party in applicants if party.entity_id is not None],
        at=at,
    )
