"""Posts, who holds them and who stands in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tongban.base.actor import Actor
from tongban.base.errors import Forbidden, NotFound
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.identity import rules
from tongban.kernel.identity.errors import (
    AdminDutiesClash,
    AdminDutyNotDelegable,
    BadPost,
    DelegationPeriodWrong,
    HoldingPeriodWrong,
    PostAbolished,
    PostHeld,
    UnitClosed,
)
from tongban.kernel.identity.heirs import unit_in_charge
from tongban.kernel.identity.models import Delegation, Holding, Person, Post, Unit
from tongban.kernel.identity.operations.authority import require_duty
from tongban.kernel.identity.queries.holders import holder_ids
from tongban.kernel.identity.rules import ADMIN_DUTIES, clashing_duties
from tongban.kernel.ledger import service as ledger

__all__ = [
    "abolish_post",
    "appoint",
    "change_post",
    "delegate",
    "end_delegation",
    "end_holding",
    "found_post",
    "put_post",
]


@transaction.atomic
def put_post(
    *, actor: Actor, unit_id: int, code: str, name: LocalizedText, duties: Iterable[str], at: datetime
) -> Post:
    """Create a post or change its name and duties; of a unit that was merged it is a post of the successor.

    Raises AdminDutiesClash when that would unite two administrators.
    """
    require_duty(actor, "admin.security")
    unit_id = unit_in_charge(unit_id)
    wanted = sorted(set(duties))
    if clashing_duties(wanted):
        raise AdminDutiesClash
    post = Post.objects.select_for_update().filter(unit_id=unit_id, code=code).first() or Post(
        unit_id=unit_id, code=code
    )
    if post.closed_at is not None:
        raise PostAbolished
    if not post._state.adding:
        if (post.name, sorted(post.duties)) == (name, wanted):
            return post
        for holding in post.holdings.all():
            _refuse_clash(holding.person_id, wanted, holding.since, holding.until, other_than=post.pk)
        if (
            ADMIN_DUTIES & set(wanted)
            and Delegation.objects.filter(from_holding__post=post, until__gt=at).exists()
        ):
            raise AdminDutyNotDelegable
    before = sorted(post.duties)
    post.name, post.duties = name, wanted
    post.save()
    # Who may hold a task is there before the first task is: making it takes a lock that nobody should wait for then.
    held_by = [("post", str(post.pk)), ("unit", str(unit_id))]
    holder_ids([*held_by, *(("duty", f"{unit_id}:{duty}") for duty in wanted)])
    ledger.record(
        actor=actor,
        verb="identity.put_post",
        subject=Ref.to("post", post.pk),
        at=at,
        payload={"name": name, "duties": wanted},
        facts={"code": code, "duties": wanted, "before": before},
    )
    return post


@transaction.atomic
def found_post(
    *, actor: Actor, unit_id: int, name: LocalizedText, duties: Iterable[str], at: datetime
) -> Post:
    """Found a post in a unit; its code comes from the initials of its name. Raises as ``put_post``, and BadPost, UnitClosed."""
    require_duty(actor, "admin.security")
    unit = Unit.objects.select_for_update(of=("self",)).filter(pk=unit_id).first()
    if unit is None:
        raise NotFound
    if unit.closed_at is not None:
        raise UnitClosed
    _refuse_nameless(name)
    taken = set(Post.objects.filter(unit=unit).values_list("code", flat=True))
    code = rules.free_code(f"{unit.code}-{rules.initials(name.zh)}"[:55], taken)
    return put_post(actor=actor, unit_id=unit_id, code=code, name=name, duties=duties, at=at)


@transaction.atomic
def change_post(
    *, actor: Actor, post_id: int, name: LocalizedText, duties: Iterable[str], at: datetime
) -> Post:
    """Rename a post or change what its holders may do from this moment. Raises as ``put_post``, and BadPost, NotFound."""
    require_duty(actor, "admin.security")
    post = Post.objects.filter(pk=post_id).first()
    if post is None:
        raise NotFound
    _refuse_nameless(name)
    return put_post(actor=actor, unit_id=post.unit_id, code=post.code, name=name, duties=duties, at=at)


def _refuse_nameless(name: LocalizedText) -> None:
    if not name.zh.strip():
        fault = rules.Fault("name_zh", "请填岗位名称", "Give the name of the post")
        raise BadPost(errors=[fault.as_error()])


@transaction.atomic
def abolish_post(*, actor: Actor, post_id: int, reason: str, at: datetime) -> Post:
    """Abolish a post that nobody holds, now or later. Raises PostHeld, NotFound."""
    require_duty(actor, "admin.security")
    post = Post.objects.select_for_update().filter(pk=post_id, closed_at=None).first()
    if post is None:
        raise NotFound
    if Holding.objects.filter(Q(until__isnull=True) | Q(until__gt=at), post=post).exists():
        raise PostHeld
    duties, post.duties, post.closed_at = post.duties, [], at
    post.save(update_fields=["duties", "closed_at"])
    ledger.record(
        actor=actor,
        verb="identity.abolish_post",
        subject=Ref.to("post", post.pk),
        at=at,
        reason=reason,
        facts={"code": post.code, "duties": duties},
    )
    return post


@transaction.atomic
def appoint(
    *,
    actor: Actor,
    person_id: UUID,
    post_id: int,
    at: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Holding:
    """Let a person hold a post from ``since`` (now by default). Raises AdminDutiesClash.

    A holding of the same post that is still open is left as it is.
    """
    require_duty(actor, "admin.security")
    person = Person.objects.select_for_update().get(pk=person_id)
    post = Post.objects.select_for_update().get(pk=post_id)
    if post.closed_at is not None:
        raise PostAbolished
    standing = Holding.objects.filter(person=person, post=post, until__isnull=True).first()
    if standing is not None:
        return standing
    since = since or at
    if until is not None and until <= since:
        raise HoldingPeriodWrong
    _refuse_clash(person.pk, post.duties, since, until)
    holding = Holding.objects.create(person=person, post=post, since=since, until=until)
    ledger.record(
        actor=actor,
        verb="identity.appoint",
        subject=Ref.to("post", post.pk),
        at=at,
        facts={"holding": holding.pk},
        about=[person.citizen_id or ""],
    )
    return holding


def _refuse_clash(
    person_id: UUID,
    duties: Iterable[str],
    since: datetime,
    until: datetime | None,
    *,
    other_than: int | None = None,
) -> None:
    overlapping = Holding.objects.filter(Q(until__isnull=True) | Q(until__gt=since), person_id=person_id)
    if until is not None:
        overlapping = overlapping.filter(since__lt=until)
    if other_than is not None:
        overlapping = overlapping.exclude(post_id=other_than)
    others = overlapping.values_list("post__duties", flat=True)
    if any(clashing_duties([*duties, *theirs]) for theirs in others):
        raise AdminDutiesClash


@transaction.atomic
def end_holding(*, actor: Actor, holding_id: int, at: datetime, reason: str = "") -> Holding:
    """End a holding at this moment, and with it every delegation from it."""
    require_duty(actor, "admin.security")
    holding = (
        Holding.objects.select_for_update(of=("self",)).select_related("person").filter(pk=holding_id).first()
    )
    if holding is None:
        raise NotFound
    holding.until = max(at, holding.since)
    holding.save(update_fields=["until"])
    ledger.record(
        actor=actor,
        verb="identity.end_holding",
        subject=Ref.to("post", holding.post_id),
        at=at,
        reason=reason,
        facts={"holding": holding.pk},
        about=[holding.person.citizen_id or ""],
    )
    return holding


@transaction.atomic
def delegate(
    *,
    actor: Actor,
    holding_id: int,
    to_person_id: UUID,
    since: datetime,
    until: datetime,
    at: datetime,
    reason: str = "",
) -> Delegation:
    """Let another person act in a post for a period. Its holder does, or the security administrator.

    What was delegated to somebody is not theirs to delegate on. Raises AdminDutyNotDelegable for an administrator's post,
    DelegationPeriodWrong.
    """
    holding = (
        Holding.objects.select_for_update(of=("self",)).select_related("post").filter(pk=holding_id).first()
    )
    if holding is None:
        raise NotFound
    if actor.person_id != holding.person_id or not actor.is_official:
        require_duty(actor, "admin.security")
    if to_person_id == holding.person_id:
        raise Forbidden
    if ADMIN_DUTIES & set(holding.post.duties):
        raise AdminDutyNotDelegable
    if until <= max(since, at):
        raise DelegationPeriodWrong
    to_person = Person.objects.get(pk=to_person_id)
    delegation = Delegation.objects.create(
        from_holding=holding, to_person=to_person, since=since, until=until
    )
    ledger.record(
        actor=actor,
        verb="identity.delegate",
        subject=Ref.to("post", holding.post_id),
        at=at,
        reason=reason,
        facts={"since": since, "until": until},
        about=[to_person.citizen_id or ""],
    )
    return delegation


@transaction.atomic
def end_delegation(*, actor: Actor, delegation_id: int, at: datetime, reason: str = "") -> None:
    """End a delegation before its time, or call off one that has not begun.

    Who gave it does, the delegate, whoever administers the post's unit (``admin.unit``), or the security administrator. Raises
    NotFound, Forbidden.
    """
    found = (
        Delegation.objects.select_for_update(of=("self",))
        .select_related("from_holding__post", "to_person")
        .filter(pk=delegation_id, until__gt=at)
        .first()
    )
    if found is None:
        raise NotFound
    holding = found.from_holding
    is_theirs = actor.is_official and actor.person_id in (holding.person_id, found.to_person_id)
    is_units = "admin.unit" in actor.duties and actor.unit_id == holding.post.unit_id
    if not is_theirs and not is_units:
        require_duty(actor, "admin.security")
    if found.since >= at:
        found.delete()
    else:
        found.until = at
        found.save(update_fields=["until"])
    ledger.record(
        actor=actor,
        verb="identity.end_delegation",
        subject=Ref.to("post", holding.post_id),
        at=at,
        reason=reason,
        facts={"since": found.since},
        about=[found.to_person.citizen_id or ""],
    )
