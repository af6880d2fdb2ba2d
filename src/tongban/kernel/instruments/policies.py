"""Who may read a paper: its recipients, and whoever may read what it is about."""

from __future__ import annotations

from collections.abc import Callable

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.registry import Registry
from tongban.kernel.identity.service import holder_id
from tongban.kernel.instruments.models import Paper, Service

__all__ = ["CanRead", "can_read", "can_read_ref", "is_recipient", "register_paper_policy"]

CanRead = Callable[[Actor, Ref], bool]

_policies: Registry[CanRead] = Registry("paper policies")


def register_paper_policy(ref_kind: str, can_read: CanRead) -> None:
    """Say who may read papers about that kind of thing. Called once a kind, in ``AppConfig.ready()``."""
    _policies.register(ref_kind, can_read)


def can_read(actor: Actor, paper: Paper) -> bool:
    """True for a recipient and for whom the subject's policy allows; False when nobody registered one."""
    if any(is_recipient(actor, service) for service in paper.services.all()):
        return True
    policy = _policies.find(paper.subject_kind)
    return policy is not None and policy(actor, paper.subject)


def can_read_ref(actor: Actor, ref: Ref) -> bool:
    """Return ``can_read`` of the paper that a file is used for."""
    paper = Paper.objects.filter(pk=ref.id).prefetch_related("services").first()
    return paper is not None and can_read(actor, paper)


def is_recipient(actor: Actor, service: Service) -> bool:
    """True when the paper was served on the actor: as a person, for an entity, or by the query code that was shown."""
    match service.recipient_kind:
        case "person":  # in private: what was served on an official as a citizen is no business of the post
            return not actor.is_official and str(actor.person_id) == service.recipient_id
        case "entity":  # whoever may act for it now, also when not acting for it at this moment
            acts_for_it = str(actor.entity_id) == service.recipient_id
            return acts_for_it or holder_id("entity", service.recipient_id) in actor.holders
        case "holder":
            return service.recipient_id in {str(holder) for holder in actor.holders}
    return False
