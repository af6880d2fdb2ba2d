"""Standing in (委托): the holder of a post lets a colleague act in it for a period, and either of them ends it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.errors import Forbidden
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL
from tongban.kernel.cases.errors import ColleagueNotFound
from tongban.kernel.cases.operations.moves import colleague
from tongban.kernel.identity import service as identity
from tongban.kernel.messages import service as messages
from tongban.kernel.processes.errors import ReasonRequired

__all__ = ["WORDS", "delegate"]

WORDS = (
    LocalizedText(zh="请您代行：{post}", en="Please stand in: {post}"),
    LocalizedText(
        zh="{by} 请您从{since}到{until}代行“{post}”。\n{reason}",
        en="{by} asks you to stand in as “{post}” from {since} to {until}.\n{reason}",
    ),
)


@transaction.atomic
def delegate(*, actor: Actor, to: str, since: datetime, until: datetime, reason: str, at: datetime) -> None:
    """Let a colleague (key of a ``ColleagueView``) act in the actor's post from ``since`` until ``until``.

    What was delegated to the actor is not delegated on. Raises Forbidden, ReasonRequired, ColleagueNotFound,
    DelegationPeriodWrong, AdminDutyNotDelegable.
    """
    if actor.person_id is None or actor.post_id is None or actor.behalf_of is not None:
        raise Forbidden
    if not reason.strip():
        raise ReasonRequired
    holding = identity.holding_of(actor.person_id, actor.post_id, at)
    if holding is None:
        raise Forbidden
    other = colleague(to, at)
    if other.person_id == actor.person_id:
        raise ColleagueNotFound
    identity.delegate(
        actor=actor,
        holding_id=holding,
        to_person_id=other.person_id,
        since=since,
        until=until,
        at=at,
        reason=reason.strip(),
    )
    me = identity.get_colleague(f"{actor.post_id}:{actor.person_id}", at)
    messages.send(
        to_person=other.person_id,
        template="moves.delegate",
        context={
            "by": actor.name,
            "post": me.post_name,
            "since": _day(since),
            "until": _day(until),
            "reason": reason.strip(),
        },
        occasion=Ref.to("post", actor.post_id),
        at=at,
        link="/desk/delegations/",
    )


def _day(moment: datetime) -> LocalizedText:
    local = moment.astimezone(LOCAL)
    return LocalizedText(f"{local:%-m月%-d日 %H:%M}", f"{local:%d %b, %H:%M}")
