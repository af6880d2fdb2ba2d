"""What a case does when its process moves: it follows. Called by ``processes`` in the transaction of the move."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tongban.base import outbox, work
from tongban.base.actor import Actor
from tongban.base.context import note
from tongban.base.ref import Ref
from tongban.base.statements import Statement
from tongban.kernel.cases.kinds import kind_of
from tongban.kernel.cases.models import Access, Case
from tongban.kernel.cases.operations.clocks import keep_turn, tie_step_clock
from tongban.kernel.cases.operations.open import give_access, set_state
from tongban.kernel.cases.policies import forget_rights, is_party_task, know_people, with_people
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import service as processes

__all__ = ["CaseOwner", "case_of", "locked_case", "locked_case_of_task"]


def case_of(owner: Ref) -> Case:
    """Return the case that a process instance, a paper or a message belongs to. Raises Case.DoesNotExist."""
    pk = UUID(owner.id)
    return work.held(Case, pk) or Case.objects.select_related("unit").get(pk=pk)


def locked_case(owner: Ref) -> Case:
    """Return the case under its lock, which every operation on a case takes first. Raises Case.DoesNotExist.

    Within a unit of work everybody gets the same object. It comes with unit, answers, parties and rights.
    """
    pk = UUID(owner.id)
    return work.hold(Case, pk, lambda: _known(_LOCK.get(pk=pk)))


def locked_case_of_task(task_id: int) -> Case:
    """Return the case to which a task belongs, like ``locked_case``. Raises Case.DoesNotExist."""
    case = _known(_LOCK_BY_TASK.get(task_id=task_id))
    return work.hold(Case, case.pk, lambda: case)


def _locking(cases: QuerySet[Case]) -> QuerySet[Case]:
    return with_people(cases).select_for_update(of=("self",)).select_related("entry")


_LOCK = Statement(lambda pk: _locking(Case.objects.filter(pk=pk)))
_LOCK_BY_TASK = Statement(lambda task_id: _locking(Case.objects.filter(instance__tasks=task_id)))


def _known(case: Case) -> Case:
    know_people(case)
    case.unit = identity.get_unit(case.unit_id)
    note(case=case.number)
    return case


def take_access_back(case: Case, tasks: Iterable[processes.TaskView]) -> None:
    """Who came to see the case only through a step that was taken back sees it no longer."""
    for task in tasks:
        Access.objects.filter(
            case=case, holder_id=task.holder_id, right="handle", since=task.opened_at
        ).delete()
    forget_rights(case)


class CaseOwner:
    """Keeps the case in step with its process: state, access of new holders, the end."""

    def lock(self, owner: Ref) -> None:
        """Take the lock of the case before the engine takes that of the instance (lock order)."""
        locked_case(owner)

    def on_advance(self, instance: Any, advance: processes.Advance, *, actor: Actor, at: datetime) -> None:
        """Follow one move: enter the states that the entered nodes name, let the new holders in, close at the end."""
        case = locked_case(instance.owner)
        for node in advance.entered:
            if node.state:
                set_state(case=case, state=node.state, actor=actor, at=at)
        if advance.move == "withdraw":
            take_access_back(case, advance.cancelled)
        if advance.move == "return":
            case.facts = {**case.facts, "returns": case.facts.get("returns", 0) + 1}
            work.change(case, "facts")
        for task in advance.opened:
            if not is_party_task(case, task.holder_id):
                give_access(case=case, holder_id=task.holder_id, right="handle", at=at)
            if task.clock_id is not None:
                tie_step_clock(case=case, clock_id=task.clock_id)
            outbox.announce("cases.task_opened", case.ref, at=at, task=task.id)
        if advance.ended and case.closed_at is None:
            if not kind_of(case).state(case.state).is_final:
                set_state(case=case, state="closed", actor=actor, at=at)
            case.closed_at = at
            work.change(case, "closed_at")
        keep_turn(case, instance.pk)
