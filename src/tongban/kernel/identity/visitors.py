"""Who has signed in, for the top of every page."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from tongban.base.actor import Actor
from tongban.base.time import now
from tongban.design.navigation import Choice, Visitor
from tongban.kernel.identity.models import Account
from tongban.kernel.identity.queries.capacities import posts_of
from tongban.kernel.identity.queries.representatives import entities_of

__all__ = ["describe"]


def describe(request: HttpRequest) -> Visitor | None:
    """Return name, capacity and the capacities to choose from; None for a stranger."""
    actor: Actor | None = getattr(request, "actor", None)
    account = getattr(request, "user", None)
    if actor is None or actor.account_id is None or not isinstance(account, Account):
        return None
    return _official(actor, account) if account.kind == "official" else _citizen(actor)


def _official(actor: Actor, account: Account) -> Visitor:
    posts = list({post.post_id: post for post in reversed(posts_of(account, now()))}.values())[::-1]
    held = next((post for post in posts if post.post_id == actor.post_id), None)
    choices = [
        Choice(
            value=str(post.post_id),
            label=f"{post.unit_short_name} {post.name}" + (_("（代行）") if post.is_delegated else ""),
            is_current=post.post_id == actor.post_id,
        )
        for post in posts
    ]
    return Visitor(
        name=actor.name,
        detail=f"{held.unit_short_name} {held.name}" if held else _("现在没有岗位"),
        choices=choices if len(choices) > 1 else (),
        choice_field="post",
        switch_url=reverse("identity:switch-post"),
    )


def _citizen(actor: Actor) -> Visitor:
    entities = entities_of(actor.person_id, now())
    current = next((entity for entity in entities if entity.entity_id == actor.entity_id), None)
    choices = [
        Choice(value="self", label=_("替自己办"), is_current=current is None),
        *(
            Choice(
                value=str(entity.entity_id),
                label=_("替 %(entity)s 办") % {"entity": entity.name},
                is_current=entity == current,
            )
            for entity in entities
        ),
    ]
    return Visitor(
        name=actor.name,
        detail=_("正在替 %(entity)s 办") % {"entity": current.name} if current else "",
        choices=choices if entities else (),
        choice_field="entity",
        switch_url=reverse("identity:act-for"),
    )
