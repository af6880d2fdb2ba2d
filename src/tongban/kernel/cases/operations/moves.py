"""The office moves on a case: back to an earlier step, taken back, signers, transfer, urging. Who is concerned gets a message.

Each is one transaction in the usual order of locks. ``processes`` moves the tokens; policy, access, ledger and announcement stand
here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.base import outbox
from tongban.base.actor import Actor
from tongban.base.errors import Forbidden, NotFound
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.cases import events
from tongban.kernel.cases.errors import CaseNotFound, ColleagueNotFound
from tongban.kernel.cases.models import Case
from tongban.kernel.cases.operations.clocks import keep_turn
from tongban.kernel.cases.operations.follow import locked_case
from tongban.kernel.cases.operations.open import give_access
from tongban.kernel.cases.operations.work import visible_task
from tongban.kernel.cases.policies import is_handling
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import MoveRefused

__all__ = ["add_signer", "colleague", "return_to", "tell", "transfer", "urge", "withdraw"]


@transaction.atomic
def return_to(*, actor: Actor, task_id: int, to_node: str, reason: str, at: datetime) -> Case:
    """Send a case back (退回) from my open step to the earlier step ``to_node``; who did it gets it again, and a message.

    Raises CaseNotFound, ReasonRequired, MoveRefused with the reason (docs/reference/moves.md).
    """
    task, case = _open_task(actor, task_id)
    acting = actor.acting_for(task.holder_id, task.claimed_by)
    advance = processes.return_to(actor=acting, task_id=task.id, to_node=to_node, reason=reason, at=at)
    back = next(each for each in advance.opened if each.node == to_node)
    _record(acting, "cases.return_task", case, task, at, reason=reason, to=back.name.as_json())
    gone = [each for each in advance.cancelled if each.id != task.id]
    _tell_holder(case, "return", back, acting, reason, at)
    for each in gone:
        _tell_holder(case, "cancelled", each, acting, reason, at, only_claimed=True)
    return _again(case)


@transaction.atomic
def withdraw(*, actor: Actor, task_id: int, reason: str, at: datetime) -> Case:
    """Take back (撤回) a step that I completed, before anybody acted on what it led to. Raises like ``return_to``."""
    task, case = _open_task(actor, task_id)
    acting = actor.acting_for(task.holder_id, task.completed_by)
    processes.withdraw(actor=acting, task_id=task.id, reason=reason, at=at)
    out = papers_since(case, task.completed_at)
    if out:
        why = processes.why_not("sent-out", paper=out[0].number)
        raise MoveRefused(why.text, move="withdraw", why=why.key)
    _record(acting, "cases.withdraw_task", case, task, at, reason=reason)
    return _again(case)


@transaction.atomic
def add_signer(*, actor: Actor, task_id: int, place: str, to: str, reason: str, at: datetime) -> Case:
    """Ask a colleague (``to`` is the key of a ``ColleagueView``) for an opinion on my step (加签).

    ``place`` is "before", "beside" or "after" (前、并、后). Raises as ``return_to``, and ColleagueNotFound.
    """
    task, case = _open_task(actor, task_id)
    signer = colleague(to, at)
    holder = identity.holder_id("post", signer.post_id)
    acting = actor.acting_for(task.holder_id, task.claimed_by)
    asked = processes.add_signer(
        actor=acting,
        task_id=task.id,
        place=place,
        holder_id=holder,
        person_id=signer.person_id,
        person_name=signer.name,
        reason=reason,
        at=at,
    )
    give_access(case=case, holder_id=holder, right="handle", at=at)
    keep_turn(case)
    _record(acting, "cases.add_signer", case, task, at, reason=reason, to=signer.name, place=place)
    if asked.state == "open":
        _tell_holder(case, "sign", asked, acting, reason, at)
    return _again(case)


@transaction.atomic
def transfer(*, actor: Actor, task_id: int, to: str, reason: str, at: datetime) -> Case:
    """Give my open step to a colleague (转办) whose post has the duty for it. Raises as ``add_signer``."""
    task, case = _open_task(actor, task_id)
    other = colleague(to, at)
    needed = processes.needed_duty(task.id)
    is_able = (needed is None and other.unit_id == actor.unit_id) or (
        needed is not None and needed[0] in other.duties and needed[1] == other.unit_id
    )
    if not is_able and task.holder_id in actor.holders:
        why = processes.why_not("not-qualified", who=other.name)
        raise MoveRefused(why.text, move="transfer", why=why.key)
    holder = identity.holder_id("post", other.post_id)
    acting = actor.acting_for(task.holder_id, task.claimed_by)
    given = processes.transfer(
        actor=acting,
        task_id=task.id,
        holder_id=holder,
        person_id=other.person_id,
        person_name=other.name,
        reason=reason,
        at=at,
    )
    give_access(case=case, holder_id=holder, right="handle", at=at)
    _record(acting, "cases.transfer_task", case, task, at, reason=reason, to=other.name)
    _tell_holder(case, "transfer", given, acting, reason, at)
    return _again(case)


@transaction.atomic
def urge(*, actor: Actor, task_id: int, reason: str, at: datetime) -> Case:
    """Remind whoever holds a step (催办); once in 24 hours a step. For officials who handle the case. Raises as ``return_to``."""
    task, case = _open_task(actor, task_id)
    if not is_handling(actor, case):
        raise Forbidden
    processes.urge(actor=actor, task_id=task.id, at=at)
    _record(actor, "cases.urge_task", case, task, at, reason=reason)
    _tell_holder(case, "urge", task, actor, reason, at)
    return _again(case)


def papers_since(case: Case, moment: datetime | None) -> list[Any]:
    """Return the papers of a case that went out after that moment."""
    if moment is None:
        return []
    return [paper for paper in instruments.papers_of(case.ref) if paper.issued_at > moment]


def colleague(key: str, at: datetime) -> identity.ColleagueView:
    """Return the colleague of a key. Raises ColleagueNotFound."""
    try:
        return identity.get_colleague(key, at)
    except NotFound:
        raise ColleagueNotFound from None


def tell(
    case: Case,
    move: str,
    people: Iterable[UUID],
    *,
    actor: Actor,
    reason: str,
    step: LocalizedText | None = None,
    at: datetime,
) -> None:
    """Announce a move; after commit each of these people gets a message. Whoever made the move needs none."""
    told = sorted({str(person) for person in people if person != actor.person_id})
    if told:
        outbox.announce(
            events.MOVED,
            case.ref,
            at=at,
            move=move,
            people=told,
            by=actor.signs_as,
            step=(step or LocalizedText("")).as_json(),
            reason=reason,
        )


def _open_task(actor: Actor, task_id: int) -> tuple[processes.TaskView, Case]:
    """Return a task as it is under the lock of its case. A stranger, and a party, learns nothing."""
    task, case = visible_task(actor, task_id)
    if not actor.is_official:
        raise CaseNotFound
    case = locked_case(case.ref)
    return processes.get_task(task.id), case


def _tell_holder(
    case: Case,
    move: str,
    task: processes.TaskView,
    actor: Actor,
    reason: str,
    at: datetime,
    *,
    only_claimed: bool = False,
) -> None:
    people = [task.claimed_by] if task.claimed_by else []
    if not people and not only_claimed:
        people = list(identity.people_behind(task.holder_id, at))
    tell(case, move, people, actor=actor, reason=reason, step=task.name, at=at)


def _record(
    actor: Actor,
    verb: str,
    case: Case,
    task: processes.TaskView,
    at: datetime,
    *,
    reason: str,
    **facts: Any,
) -> None:
    ledger.record(
        actor=actor,
        verb=verb,
        subject=Ref.to("task", task.id),
        case=str(case.ref),
        reason=reason.strip(),
        facts={"task": task.id, "name": task.name.as_json(), **facts},
        at=at,
    )


def _again(case: Case) -> Case:
    case.refresh_from_db()
    return case
