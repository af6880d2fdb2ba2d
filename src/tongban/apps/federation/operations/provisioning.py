"""What provisioning programs do: operations of identity, done with the program's own duties and written down as its acts.

A program opens, corrects and closes accounts (as the system administrator does). It appoints and ends appointments only when the
security administrator allowed it. The three administrators and their posts it neither sees nor touches.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongban.apps.federation.errors import BadSystem, TokenWrong
from tongban.apps.federation.models import Provisioned, Provisioner
from tongban.apps.federation.operations.systems import digest_of
from tongban.apps.federation.rules import CLIENT_ID, RESERVED
from tongban.apps.federation.scim.rules import UserFacts
from tongban.base.actor import Actor
from tongban.base.errors import Forbidden, NotFound
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText as T
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = [
    "Official",
    "actor_of",
    "change_official",
    "external_ids",
    "get_official",
    "open_official",
    "provisioner_of",
    "register_provisioner",
    "set_holders",
    "switch_appointing",
    "switch_provisioner",
]

REASON = "人事系统（SCIM）"
PREFIX = "tbp_"


@dataclass(frozen=True, slots=True)
class Official:
    """An official as a program knows them."""

    row: identity.OfficialRow
    external_id: str = ""


# --- the programs ---


@transaction.atomic
def register_provisioner(*, actor: Actor, key: str, name: str, at: datetime) -> tuple[Provisioner, str]:
    """Register a program and return it with its token: this is the only time it can be seen. Raises BadSystem."""
    identity.require_duty(actor, "admin.system")
    faults = []
    if not CLIENT_ID.fullmatch(key) or key in RESERVED:
        faults.append(
            ("key", T("2 到 40 位小写字母、数字和短横线，字母开头", "2 to 40 small letters, digits, hyphens"))
        )
    elif Provisioner.objects.filter(key=key).exists():
        faults.append(("key", T("这个代号已经有了", "Another program has this id")))
    if not name:
        faults.append(("name", T("请填名称", "Give the name")))
    if faults:
        raise BadSystem(errors=[{"field": field, "message": text.as_json()} for field, text in faults])
    plain = PREFIX + secrets.token_urlsafe(32)
    row = Provisioner.objects.create(key=key, name=name, token_digest=digest_of(plain), made_at=at)
    _record(actor, "federation.register_provisioner", row, at)
    return row, plain


@transaction.atomic
def switch_provisioner(*, actor: Actor, key: str, is_open: bool, at: datetime) -> None:
    """Shut a program out or let it in again. Raises NotFound."""
    identity.require_duty(actor, "admin.system")
    row = _locked(key)
    row.is_open = is_open
    row.save(update_fields=["is_open"])
    _record(actor, "federation.open_provisioner" if is_open else "federation.shut_provisioner", row, at)


@transaction.atomic
def switch_appointing(*, actor: Actor, key: str, may_appoint: bool, at: datetime) -> None:
    """Let a program appoint, or no longer: that is the security administrator's to say. Raises NotFound."""
    identity.require_duty(actor, "admin.security")
    row = _locked(key)
    row.may_appoint = may_appoint
    row.save(update_fields=["may_appoint"])
    _record(actor, "federation.allow_appointing" if may_appoint else "federation.forbid_appointing", row, at)


def _locked(key: str) -> Provisioner:
    row = Provisioner.objects.select_for_update().filter(key=key).first()
    if row is None:
        raise NotFound
    return row


def provisioner_of(plain: str) -> Provisioner:
    """Return the program that shows this token. Raises TokenWrong."""
    row = Provisioner.objects.filter(token_digest=digest_of(plain), is_open=True).first()
    if row is None:
        raise TokenWrong
    return row


def actor_of(program: Provisioner) -> Actor:
    """Return as whom a program acts: with the duties that two administrators gave it, and none else."""
    duties = {"admin.system", *(["admin.security"] if program.may_appoint else [])}
    return Actor(channel="api", name=program.name, duties=frozenset(duties))


# --- people ---


def get_official(person_id: UUID, *, at: datetime) -> identity.OfficialRow:
    """Return an official. Raises NotFound, also for an administrator."""
    _, rows = identity.list_accounts_of_officials(at=at, person_id=person_id, limit=1)
    if not rows or rows[0].account is None:
        raise NotFound
    return rows[0]


def external_ids(program: Provisioner, people: Sequence[UUID]) -> dict[UUID, str]:
    """Return under which ids the program knows these people."""
    rows = Provisioned.objects.filter(provisioner=program, person_id__in=people)
    return dict(rows.values_list("person_id", "external_id"))


@transaction.atomic
def open_official(*, program: Provisioner, facts: UserFacts, at: datetime) -> UUID:
    """Open an official's account. Nobody is told a password: its bearer gets a link from the administrator. Raises BadAccount."""
    actor = actor_of(program)
    account, _ = identity.open_official_account(
        actor=actor,
        name=facts.name,
        username=facts.username,
        citizen_id=facts.citizen_id,
        phone=facts.phone,
        email=facts.email,
        at=at,
    )
    person_id = account.person_id
    if person_id is None:  # open_official_account always names one
        raise NotFound
    _remember(program, person_id, facts.external_id)
    if not facts.active:
        identity.close_account(actor=actor, username=facts.username, at=at, reason=REASON)
    _did(program, actor, "open", person_id, at)
    return person_id


@transaction.atomic
def change_official(*, program: Provisioner, person_id: UUID, facts: UserFacts, at: datetime) -> None:
    """Make an official's account what ``facts`` say: names, e-mail, telephone, open or closed. Raises BadAccount, NotFound."""
    actor = actor_of(program)
    row = get_official(person_id, at=at)
    account = row.account
    if account is None:
        raise NotFound
    if (row.name, row.email, row.phone) != (facts.name, facts.email, facts.phone):
        identity.correct_official(
            actor=actor, person_id=person_id, name=facts.name, phone=facts.phone, email=facts.email, at=at
        )
        _did(program, actor, "correct", person_id, at)
    _remember(program, person_id, facts.external_id)
    if account.is_active and not facts.active:
        identity.close_account(actor=actor, username=account.username, at=at, reason=REASON)
        _did(program, actor, "close", person_id, at)
        if program.may_appoint:
            _leave(actor, row, at)
    elif facts.active and not account.is_active:
        identity.reopen_account(actor=actor, account_id=account.pk, at=at, reason=REASON)
        _did(program, actor, "reopen", person_id, at)


def _leave(actor: Actor, row: identity.OfficialRow, at: datetime) -> None:
    """End the appointments of who left; what is in hands goes to a colleague in the same post.

    Where there is none and something is in hands, the appointment stays: a person must say who takes it over.
    """
    for held in row.posts:
        others = [h for h in identity.get_post(held.post_id, at).holders if h.has_begun]
        heir = next((h for h in others if h.person_id != row.person_id), None)
        if processes.tasks_in_hands(row.person_id):
            if heir is None or not held.is_running(at):
                continue
            unit = identity.get_post(held.post_id, at).post.unit_id
            cases.hand_over(
                actor=_in_unit(actor, unit),
                person=f"{held.post_id}:{row.person_id}",
                to=f"{held.post_id}:{heir.person_id}",
                reason=REASON,
                at=at,
            )
        identity.end_holding(actor=actor, holding_id=held.holding_id, at=at, reason=REASON)


def _in_unit(actor: Actor, unit_id: int) -> Actor:

    return replace(actor, unit_id=unit_id)


# --- posts ---


@transaction.atomic
def set_holders(*, program: Provisioner, post_id: int, people: set[UUID], at: datetime) -> None:
    """Let exactly these people hold a post: appoint who does not, end the appointment of who is not among them.

    Raises Forbidden for a program that may not appoint, NotFound for an administrator's post or somebody who is no official.
    """
    actor = actor_of(program)
    if not program.may_appoint:
        raise Forbidden
    post = identity.get_post(post_id, at)
    if post.is_admin or post.post.closed_at is not None:
        raise NotFound
    held = {holder.person_id: holder for holder in post.holders}
    for person_id in people - held.keys():
        get_official(person_id, at=at)
        identity.appoint(actor=actor, person_id=person_id, post_id=post_id, at=at)
        _did(program, actor, "appoint", person_id, at)
    for person_id in held.keys() - people:
        get_official(person_id, at=at)
        identity.end_holding(actor=actor, holding_id=held[person_id].holding_id, at=at, reason=REASON)
        _did(program, actor, "end", person_id, at)


def _remember(program: Provisioner, person_id: UUID, external_id: str) -> None:
    if external_id:
        Provisioned.objects.update_or_create(
            provisioner=program, person_id=person_id, defaults={"external_id": external_id}
        )
    else:
        Provisioned.objects.filter(provisioner=program, person_id=person_id).delete()


def _did(program: Provisioner, actor: Actor, what: str, person_id: UUID, at: datetime) -> None:
    ledger.record(
        actor=actor,
        verb="federation.provision",
        subject=Ref.to("person", person_id),
        at=at,
        facts={"program": program.key, "what": what},
    )


def _record(actor: Actor, verb: str, row: Provisioner, at: datetime) -> None:
    ledger.record(
        actor=actor, verb=verb, subject=Ref("provisioner", row.key), at=at, facts={"name": row.name}
    )
