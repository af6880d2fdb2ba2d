"""Who may see and do what: each module registers one policy per kind of thing, identity asks them.

Deny by default: a kind without a policy shows nothing, an action that a policy does not name is refused. The
product itself (timers, jobs, installation) is asked nothing: its channel cannot come from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from tongban.base.actor import Actor
from tongban.base.errors import Forbidden, NotFound
from tongban.base.registry import Registry

__all__ = ["Policy", "can", "check", "policies", "register_policy", "visible"]

M = TypeVar("M", bound=Model)
Scope = Callable[[Actor], Q]
Predicate = Callable[[Actor, Any], bool]


@dataclass(frozen=True)
class Policy:
    """``scope`` says in SQL what an actor may see.

    ``can`` says for a visible thing which actions are allowed.

    A scope that joins many rows must use ``Exists``, so that no row appears twice.
    """

    kind: str
    scope: Scope
    can: Mapping[str, Predicate]


policies: Registry[Policy] = Registry("policies")


def register_policy(kind: str, scope: Scope, can: Mapping[str, Predicate] | None = None) -> Policy:
    """Register the policy of ``kind`` (the kind of the Ref). Call it in ``AppConfig.ready()``."""
    known = policies.find(kind)
    if known is not None and (known.scope, dict(known.can)) == (scope, dict(can or {})):
        return known
    return policies.register(kind, Policy(kind, scope, dict(can or {})))


def visible(kind: str, queryset: QuerySet[M], actor: Actor) -> QuerySet[M]:
    """Return what ``actor`` may see of ``queryset``; nothing for a kind without a policy."""
    if actor.is_system:
        return queryset
    policy = policies.find(kind)
    return queryset.none() if policy is None else queryset.filter(policy.scope(actor))


def can(actor: Actor, action: str, kind: str, obj: Any) -> bool:
    """True when ``actor`` may do ``action`` with a thing that is visible to them.

    Does not look at visibility.
    """
    if actor.is_system:
        return True
    policy = policies.find(kind)
    predicate = policy.can.get(action) if policy else None
    return predicate is not None and bool(predicate(actor, obj))


def check(actor: Actor, action: str, kind: str, obj: Model) -> None:
    """Return when ``actor`` may do ``action`` with ``obj``.

    Raises NotFound when the thing is not visible to the actor (so nobody learns that it exists), Forbidden
    when it is visible but the action is not theirs.
    """
    if actor.is_system:
        return
    if not visible(kind, type(obj)._default_manager.filter(pk=obj.pk), actor).exists():
        raise NotFound
    if not can(actor, action, kind, obj):
        raise Forbidden(action=action)
