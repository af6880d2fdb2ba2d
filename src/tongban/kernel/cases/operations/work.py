"""Working on a case: claim a task, give it back, complete it, do an action beside the process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.errors import Invalid
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.cases.errors import ActionRefused, CaseNotFound, TaskNotYours
from tongban.kernel.cases.kinds import CaseAction, kind_of
from tongban.kernel.cases.models import Case
from tongban.kernel.cases.operations.clocks import keep_turn
from tongban.kernel.cases.operations.follow import locked_case, locked_case_of_task
from tongban.kernel.cases.policies import is_party, is_party_task, may_see
from tongban.kernel.forms import service as forms
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import TaskNotFound

__all__ = ["claim_task", "complete_step", "complete_task", "release_task", "run_action"]


@work.unit()
def claim_task(*, actor: Actor, task_id: int, at: datetime) -> None:
    """Take a task out of the pool of one's post. Raises CaseNotFound, TaskNotYours, TaskTaken."""
    actor, task, case = _task_and_case(actor, task_id)
    processes.claim_task(actor=actor, task_id=task.id, at=at)
    _record(actor, "cases.claim_task", case, task, at)


@work.unit()
def release_task(*, actor: Actor, task_id: int, at: datetime) -> None:
    """Give a claimed task back to the pool."""
    actor, task, case = _task_and_case(actor, task_id)
    processes.release_task(actor=actor, task_id=task.id, at=at)
    _record(actor, "cases.release_task", case, task, at)


def complete_task(
    *,
    actor: Actor,
    task_id: int,
    outcome: str,
    opinion: str = "",
    data: Mapping[str, Any] | None = None,
    at: datetime,
) -> Case:
    """Complete a task with an outcome; the process moves on and takes its legal effects with it, in one transaction.

    ``data`` are the answers of the outcome's (or the task's) form. Raises CaseNotFound for strangers, TaskNotYours,
    TaskDone (naming who did it and when), TaskTaken, Invalid with the fields that are wrong. Nothing is changed then.
    """
    case, _ = complete_step(actor=actor, task_id=task_id, outcome=outcome, opinion=opinion, data=data, at=at)
    return case


@work.unit()
def complete_step(
    *,
    actor: Actor,
    task_id: int,
    outcome: str,
    opinion: str = "",
    data: Mapping[str, Any] | None = None,
    read: Callable[[Any, Mapping[str, Any]], Mapping[str, Any]] | None = None,
    at: datetime,
) -> tuple[Case, processes.Advance]:
    """Complete a task like ``complete_task`` and tell also what the step opened.

    ``read`` makes answers out of what a program sent; it is told the form.
    """
    actor, task, case = _task_and_case(actor, task_id)
    key = form_of(task, outcome)
    if key and read is not None and task.state == "open":
        data = read(forms.get_form(key), data or {})
    values = _checked(actor, case, key, data, at=at) if task.state == "open" else {}
    ledger.record(
        actor=actor,
        verb="cases.complete_task",
        subject=Ref.to("task", task.id),
        case=str(case.ref),
        payload={"outcome": outcome, "opinion": opinion, **values},
        facts={
            "task": task.id,
            "name": task.name.as_json(),
            "outcome": _label(task, outcome).as_json(),
        },
        at=at,
    )
    advance = processes.complete_task(
        actor=actor, task_id=task.id, outcome=outcome, opinion=opinion, data=values, at=at
    )
    keep_turn(case)  # a step that waits for signatures ends without the process moving on
    return case, advance


def _checked(
    actor: Actor, case: Case, key: str, data: Mapping[str, Any] | None, *, at: datetime
) -> dict[str, Any]:
    """Return the answers that count. Raises Invalid with the fields that are wrong; without a form nothing is taken."""
    if not key:
        return {}
    form = forms.get_form(key)
    errors = forms.check(form, data or {}, at=at, actor=actor, about=case.ref)
    if errors:
        raise Invalid(errors=[error.as_json() for error in errors])
    return forms.answers_of(form, data or {}, at=at)


def form_of(task: processes.TaskView, outcome: str) -> str:
    """Return the key of the form to fill in for this outcome of this task, "" for none."""
    return next((o.form for o in task.outcomes if o.key == outcome and o.form), task.form)


@work.unit()
def run_action(
    *, actor: Actor, case_id: UUID, key: str, data: Mapping[str, Any] | None = None, at: datetime
) -> Case:
    """Do something beside the process (withdraw, extend). Raises CaseNotFound, ActionRefused with the reason, Invalid."""
    try:
        case = locked_case(Ref.to("case", case_id))
    except Case.DoesNotExist:
        raise CaseNotFound from None
    if not may_see(actor, case):
        raise CaseNotFound
    action = find_action(case, key)
    refusal = action.refusal(actor, case)
    if refusal is False:
        raise CaseNotFound
    if refusal is not None:
        raise ActionRefused(refusal if isinstance(refusal, LocalizedText) else None)
    values = _checked(actor, case, action.form, data, at=at)
    action.run(actor=actor, case_id=case.pk, data=values, at=at)
    return case


def find_action(case: Case, key: str) -> CaseAction:
    """Return an action of the case's kind. Raises CaseNotFound when there is none of that name."""
    for action in kind_of(case).actions:
        if action.key == key:
            return action
    raise CaseNotFound


def visible_task(actor: Actor, task_id: int) -> tuple[processes.TaskView, Case]:
    """Return a task and its case. Raises CaseNotFound, the same for a task that is not there and for one of a stranger's case."""
    try:
        task = processes.get_task(task_id)
    except TaskNotFound:
        raise CaseNotFound from None
    case = Case.objects.filter(pk=UUID(task.owner.id)).first() if task.owner.kind == "case" else None
    if case is None or not may_see(actor, case):
        raise CaseNotFound
    return task, case


def _task_and_case(actor: Actor, task_id: int) -> tuple[Actor, processes.TaskView, Case]:
    """Return the actor, the task and its case, the case locked.

    A stranger learns nothing, a colleague that it isn't his. A party may do a party's step in whichever way she is known:
    signed in, for her firm, or by the query code.
    """
    try:
        case = locked_case_of_task(task_id)
    except Case.DoesNotExist:
        raise CaseNotFound from None
    if not may_see(actor, case):
        raise CaseNotFound
    task = processes.locked_task(task_id)
    if task.holder_id not in actor.holders:
        if not is_party_task(case, task.holder_id) or not is_party(actor, case):
            raise TaskNotYours
        actor = replace(actor, holders=actor.holders | {task.holder_id})
    return actor.acting_for(task.holder_id, task.claimed_by), task, case


def _record(actor: Actor, verb: str, case: Case, task: processes.TaskView, at: datetime) -> None:
    ledger.record(
        actor=actor,
        verb=verb,
        subject=Ref.to("task", task.id),
        case=str(case.ref),
        facts={"task": task.id, "name": task.name.as_json()},
        at=at,
    )


def _label(task: processes.TaskView, outcome: str) -> LocalizedText:
    return next((o.label for o in task.outcomes if o.key == outcome), LocalizedText(outcome))
