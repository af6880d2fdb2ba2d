"""Who may see a certificate and what may be done with it.

The holder sees it (whoever is a party of the case that it came from), whoever handled that case, and the officers of the issuing
organ whose post has to do with certificates.
"""

from __future__ import annotations

from tongban.apps.certificates.errors import ActNotYours
from tongban.apps.certificates.models import Certificate
from tongban.base.actor import Actor
from tongban.kernel.cases import service as cases

__all__ = [
    "DECIDE",
    "HANDLE",
    "has_desk",
    "is_holder",
    "is_officer",
    "may_handle",
    "may_read",
    "require_handling",
]

HANDLE = "certificates.handle"
"""The duty of who looks after the certificates of the unit: finds them, proposes what is to be done with them."""
DECIDE = "certificates.decide"
"""The duty of who takes the second look."""


def has_desk(actor: Actor) -> bool:
    """True when the actor's post has to do with certificates at all."""
    return actor.is_official and not actor.duties.isdisjoint({HANDLE, DECIDE})


def is_officer(actor: Actor, certificate: Certificate) -> bool:
    """True for who has to do with the certificates of the issuing organ."""
    return has_desk(actor) and actor.unit_id == certificate.type.unit_id


def is_holder(actor: Actor, certificate: Certificate) -> bool:
    """True for the person whose certificate it is, and for whoever may act for the entity now; in private, not in a post."""
    return not actor.is_official and cases.is_party(actor, certificate.case)


def may_read(actor: Actor, certificate: Certificate) -> bool:
    """Holder, officers of the issuing organ, and who may see the case."""
    return cases.may_see(actor, certificate.case) or is_officer(actor, certificate)


def may_handle(actor: Actor, certificate: Certificate) -> bool:
    """True for who may begin something with the certificate."""
    return actor.is_system or (is_officer(actor, certificate) and HANDLE in actor.duties)


def require_handling(actor: Actor, certificate: Certificate) -> None:
    """Return when the actor may begin something with the certificate. Raises ActNotYours."""
    if not may_handle(actor, certificate):
        raise ActNotYours
