"""Handing over (交接): when a person leaves, what is in their hands goes to a successor, after a look at what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.errors import Forbidden
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText as T
from tongban.kernel.cases.errors import ColleagueNotFound
from tongban.kernel.cases.models import Case, Reading
from tongban.kernel.cases.operations.follow import locked_case
from tongban.kernel.cases.operations.moves import colleague, tell
from tongban.kernel.cases.operations.open import give_access
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import ReasonRequired

__all__ = ["ADMINISTER", "FATES", "HandOver", "Piece", "hand_over", "preview_hand_over"]

ADMINISTER = "admin.unit"
"""The duty of whoever administers a unit: hands over the work of its people."""
SECURITY = "admin.security"
"""The security administrator ends appointments in every unit, and hands over where a unit has nobody who could."""

FATES = {
    "successor": T(zh="交给接手的人", en="Goes to the successor"),
    "pool": T(zh="退回待领，同岗位的人都能办", en="Back to all who can do it"),
    "nobody": T(
        zh="接手的人没有这项职责，暂时没有人能办", en="Nobody can do it: the successor lacks the duty"
    ),
    "ends": T(zh="到此为止", en="Ends now"),
}
"""What becomes of a piece."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing in somebody's hands, and its fate (a key of ``FATES``).

    ``kind`` is "task", "signer", "post" (a step that only this person's post could do), "reading" or "delegation".
    """

    kind: str
    id: int
    case_id: UUID | None
    number: str
    title: T
    what: T
    fate: str

    @property
    def fate_label(self) -> T:
        """The fate in words."""
        return FATES[self.fate]


@dataclass(frozen=True, slots=True)
class HandOver:
    """Everything that is handed over, from whom to whom."""

    person: identity.ColleagueView
    to: identity.ColleagueView
    pieces: tuple[Piece, ...]

    @property
    def without_anybody(self) -> tuple[Piece, ...]:
        """What nobody can do afterwards: somebody must be appointed."""
        return tuple(piece for piece in self.pieces if piece.fate == "nobody")


def preview_hand_over(*, actor: Actor, person: str, to: str, at: datetime) -> HandOver:
    """Say what would become of everything in a person's hands; changes nothing.

    ``person`` and ``to`` are keys of ``ColleagueView``. For the administrator of the person's unit and the security
    administrator (whose page shows no titles of cases). Raises Forbidden,
    ColleagueNotFound, also for handing over to the same person.
    """
    leaver = _leaver(actor, person, at)
    heir = colleague(to, at)
    if heir.person_id == leaver.person_id:
        raise ColleagueNotFound
    return HandOver(leaver, heir, tuple(_pieces(leaver, heir, at)))


@transaction.atomic
def hand_over(*, actor: Actor, person: str, to: str, reason: str, at: datetime) -> HandOver:
    """Do what ``preview_hand_over`` says and return it. Raises as that, and ReasonRequired.

    Each case is locked in turn, in one order for all; what somebody did meanwhile is found and left alone. The appointment
    itself is ended by the security administrator.
    """
    if not reason.strip():
        raise ReasonRequired
    plan = preview_hand_over(actor=actor, person=person, to=to, at=at)
    done = []
    holder = identity.holder_id("post", plan.to.post_id)
    for piece in sorted(plan.pieces, key=lambda piece: (str(piece.case_id or ""), piece.kind, piece.id)):
        if _carry_out(piece, plan, holder, actor, reason, at):
            done.append(piece)
    ledger.record(
        actor=actor,
        verb="cases.hand_over",
        subject=Ref.to("post", plan.person.post_id),
        reason=reason.strip(),
        facts={"count": len(done), "from": plan.person.name, "to": plan.to.name},
        at=at,
    )
    return HandOver(plan.person, plan.to, tuple(done))


def _leaver(actor: Actor, person: str, at: datetime) -> identity.ColleagueView:
    if actor.duties.isdisjoint({ADMINISTER, SECURITY}) or actor.unit_id is None:
        raise Forbidden
    leaver = colleague(person, at)
    if leaver.unit_id != actor.unit_id and SECURITY not in actor.duties:
        raise Forbidden
    return leaver


# what there is


def _pieces(leaver: identity.ColleagueView, heir: identity.ColleagueView, at: datetime) -> Iterator[Piece]:
    tasks = processes.tasks_in_hands(leaver.person_id)
    posts = _posts_alone(leaver, at)
    tasks += [task for task in processes.unclaimed_tasks(posts) if task.id not in {t.id for t in tasks}]
    cases = Case.objects.in_bulk([UUID(task.owner.id) for task in tasks if task.owner.kind == "case"])
    for task in sorted(tasks, key=lambda task: task.id):
        case = cases.get(UUID(task.owner.id)) if task.owner.kind == "case" else None
        if case is not None:
            kind = "signer" if task.is_signer else "task" if task.claimed_by else "post"
            fate = _fate(task, heir, is_alone=task.holder_id in posts, at=at)
            yield Piece(kind, task.id, case.pk, case.number or "", case.title, task.name, fate)
    unread = Reading.objects.filter(person_id=leaver.person_id, read_at=None).select_related("case")
    for reading in unread.order_by("pk"):
        case = reading.case
        yield Piece("reading", reading.pk, case.pk, case.number or "", case.title, READING, "successor")
    for given in identity.delegations_from(leaver.person_id, at):
        yield Piece(
            "delegation", given.id, None, "", given.post_name, GIVEN.format(who=given.to_name), "ends"
        )
    for taken in identity.delegations_to(leaver.person_id, at):
        yield Piece(
            "delegation", taken.id, None, "", taken.post_name, TAKEN.format(who=taken.from_name), "ends"
        )


READING = T(zh="传阅，还没看", en="Circulated, not read")
GIVEN = T(zh="委托给 {who}", en="Delegated to {who}")
TAKEN = T(zh="代 {who} 行使", en="Standing in for {who}")


def _posts_alone(leaver: identity.ColleagueView, at: datetime) -> set[int]:
    """Return the holders that only this person stands for: the post, and its duties in the unit."""
    pairs = [
        ("post", str(leaver.post_id)),
        *(("duty", f"{leaver.unit_id}:{d}") for d in sorted(leaver.duties)),
    ]
    holders = identity.holder_ids(pairs).values()
    return {h for h in holders if set(identity.people_behind(h, at)) <= {leaver.person_id}}


def _fate(task: processes.TaskView, heir: identity.ColleagueView, *, is_alone: bool, at: datetime) -> str:
    if processes.has_done_the_other(task, heir.person_id):
        return "nobody" if is_alone else "pool"
    if task.is_signer:
        return "successor"
    needed = processes.needed_duty(task.id)
    is_able = identity.holds(heir.person_id, task.holder_id, at) or (
        needed[0] in heir.duties and needed[1] == heir.unit_id if needed is not None else True
    )
    return "successor" if is_able else "nobody" if is_alone else "pool"


# what is done


def _carry_out(piece: Piece, plan: HandOver, holder: int, actor: Actor, reason: str, at: datetime) -> bool:
    if piece.case_id is None:
        identity.end_delegation(actor=actor, delegation_id=piece.id, reason=reason, at=at)
        return True
    case = locked_case(Ref.to("case", piece.case_id))
    if piece.kind == "reading":
        return _pass_reading(piece, plan, holder, case, at)
    given = _pass_task(piece, plan, holder, case, at)
    if given is None:
        return False
    ledger.record(
        actor=actor,
        verb="cases.transfer_task",
        subject=Ref.to("task", piece.id),
        case=str(case.ref),
        reason=reason.strip(),
        facts={
            "task": piece.id,
            "name": piece.what.as_json(),
            "to": plan.to.name if given.claimed_by else "",
        },
        at=at,
    )
    if given.claimed_by:
        tell(case, "hand_over", [plan.to.person_id], actor=actor, reason=reason, step=piece.what, at=at)
    return True


def _pass_task(
    piece: Piece, plan: HandOver, holder: int, case: Case, at: datetime
) -> processes.TaskView | None:
    """Give the task to the successor, or (pool, nobody) back to all who hold it; None when it was done meanwhile."""
    is_theirs = piece.fate == "successor"
    now_held = processes.get_task(piece.id).holder_id
    if is_theirs and identity.holds(plan.to.person_id, now_held, at):
        holder = now_held  # what many could do, many still can when the successor gives it back
    found = processes.reassign_task(
        task_id=piece.id,
        of_person=plan.person.person_id if piece.kind != "post" else None,
        holder_id=holder if is_theirs else None,
        person_id=plan.to.person_id if is_theirs else None,
        person_name=plan.to.name if is_theirs else "",
        at=at,
    )
    if found is not None and is_theirs:
        give_access(case=case, holder_id=holder, right="handle", at=at)
    return found


def _pass_reading(piece: Piece, plan: HandOver, holder: int, case: Case, at: datetime) -> bool:
    reading: Any = Reading.objects.select_for_update().filter(pk=piece.id, read_at=None).first()
    if reading is None:
        return False
    heir = {"holder_id": holder, "person_id": plan.to.person_id}
    if Reading.objects.filter(case=case, read_at=None, **heir).exists():
        reading.delete()
    else:
        reading.holder_id, reading.person_id, reading.name = holder, plan.to.person_id, plan.to.name
        reading.save(update_fields=["holder_id", "person_id", "name"])
    give_access(case=case, holder_id=holder, right="view", at=at)
    return True
