"""The API of cases and tasks. The same doors and the same policies as the pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Header, Query, Router

from tongban.base.actor import Actor
from tongban.base.errors import Forbidden
from tongban.base.time import now
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.api_shapes import (
    ActionIn,
    CaseHead,
    CaseOut,
    CirculateIn,
    ColleagueOut,
    CompletedOut,
    CompleteIn,
    MoveOut,
    ReadOut,
    ReasonIn,
    ReturnIn,
    SignIn,
    TaskOut,
    ToIn,
    UrgeIn,
    case_out,
    head_out,
    move_out,
    task_out,
)
from tongban.kernel.cases.errors import CaseNotFound, WrongCode
from tongban.kernel.cases.operations.work import complete_step, visible_task
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.api import Bearer, api_actor
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import TaskNotFound

__all__ = ["router"]

router = Router(tags=["cases"])


CODE = Header(None, alias="Query-Code", description="The query code, for a caller without a token")


@router.get("/cases/{number}", response=CaseOut, summary="A case by its number")
def get_case(request: HttpRequest, number: str, query_code: str | None = CODE) -> dict[str, Any]:
    """Return a case to its parties, to officials who handle it, and to whoever knows its query code."""
    actor, case = _party_or_official(request, number, query_code or "")
    return case_out(actor, case)


@router.post("/cases/{number}/actions/{key}", response=CaseOut, summary="Do something beside the process")
def do_action(request: HttpRequest, number: str, key: str, body: ActionIn) -> dict[str, Any]:
    """Withdraw, extend and the like; 409 with the reason when it is not allowed now."""
    actor, case = _party_or_official(request, number, body.code)
    case = cases.run_action(actor=actor, case_id=case.pk, key=key, data=body.data, at=now())
    return case_out(actor, case)


@router.get("/tasks", response=list[TaskOut], auth=Bearer(), summary="My open tasks")
def list_tasks(
    request: HttpRequest, kind: str = "", page: int = Query(1, ge=1, le=100_000)
) -> list[dict[str, Any]]:
    """Return a page of the tasks that wait for the caller's post, the most urgent first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = list(cases.my_tasks(actor, kind=kind, page=page))
    tasks = processes.get_tasks(task_id for task_id, _ in found)
    return [task_out(tasks[task_id], number) for task_id, number in found if task_id in tasks]


@router.post("/tasks/{task_id}/claim", response=TaskOut, auth=Bearer(), summary="Take a task out of the pool")
def claim(request: HttpRequest, task_id: int) -> dict[str, Any]:
    """Claim a task; 409 when a colleague has it."""
    cases.claim_task(actor=request.actor, task_id=task_id, at=now())  # type: ignore[attr-defined]
    task = processes.get_task(task_id)
    return task_out(task, cases.case_of(task.owner).number or "")


@router.get("/tasks/{task_id}/moves", response=list[MoveOut], auth=Bearer(), summary="The moves on a task")
def list_moves(request: HttpRequest, task_id: int) -> list[dict[str, Any]]:
    """Return the office moves on a task: those allowed now, and for the others why not."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    _, case = visible_task(actor, task_id)
    page = cases.case_page(actor, case.number or "", at=now())
    return [move_out(move) for move in page.moves if move.task_id in (task_id, None)]


@router.post(
    "/tasks/{task_id}/return", response=CaseHead, auth=Bearer(), summary="Send back to an earlier step"
)
def return_task(request: HttpRequest, task_id: int, body: ReturnIn) -> dict[str, Any]:
    """Send a case back; 409 with ``why`` when it is not allowed now."""
    case = cases.return_to(
        actor=_me(request), task_id=task_id, to_node=body.to_node, reason=body.reason, at=now()
    )
    return head_out(case)


@router.post("/tasks/{task_id}/withdraw", response=CaseHead, auth=Bearer(), summary="Take back a step")
def withdraw_task(request: HttpRequest, task_id: int, body: ReasonIn) -> dict[str, Any]:
    """Take back a step that I completed, before anybody acted on what it led to; 409 with ``why``."""
    return head_out(cases.withdraw(actor=_me(request), task_id=task_id, reason=body.reason, at=now()))


@router.post(
    "/tasks/{task_id}/signers", response=CaseHead, auth=Bearer(), summary="Ask a colleague for an opinion"
)
def add_signer(request: HttpRequest, task_id: int, body: SignIn) -> dict[str, Any]:
    """Ask a colleague for an opinion before, beside or after my step; 409 with ``why``."""
    case = cases.add_signer(
        actor=_me(request), task_id=task_id, place=body.place, to=body.to, reason=body.reason, at=now()
    )
    return head_out(case)


@router.post("/tasks/{task_id}/transfer", response=CaseHead, auth=Bearer(), summary="Pass a task on")
def transfer_task(request: HttpRequest, task_id: int, body: ToIn) -> dict[str, Any]:
    """Give my step to a colleague whose post has the duty for it; 409 with ``why``."""
    case = cases.transfer(actor=_me(request), task_id=task_id, to=body.to, reason=body.reason, at=now())
    return head_out(case)


@router.post("/tasks/{task_id}/urge", response=CaseHead, auth=Bearer(), summary="Urge whoever holds a task")
def urge_task(request: HttpRequest, task_id: int, body: UrgeIn) -> dict[str, Any]:
    """Send a message to whoever holds a step, once in 24 hours; 409 with ``why``."""
    return head_out(cases.urge(actor=_me(request), task_id=task_id, reason=body.reason, at=now()))


@router.post("/cases/{number}/readings", response=CaseHead, auth=Bearer(), summary="Circulate a case")
def circulate(request: HttpRequest, number: str, body: CirculateIn) -> dict[str, Any]:
    """Send a case to colleagues or units to read."""
    case = cases.get_case(_me(request), number)
    found = cases.circulate(actor=_me(request), case_id=case.pk, to=body.to, reason=body.reason, at=now())
    return head_out(found)


@router.post("/cases/{number}/readings/read", response=ReadOut, auth=Bearer(), summary="I have read it")
def mark_read(request: HttpRequest, number: str) -> dict[str, Any]:
    """Note that the caller has read what was circulated to them of this case."""
    case = cases.get_case(_me(request), number)
    return {"read": cases.mark_read(actor=_me(request), case_id=case.pk, at=now())}


@router.get("/colleagues", response=list[ColleagueOut], auth=Bearer(), summary="Colleagues in their posts")
def list_colleagues(request: HttpRequest, q: str = "") -> list[dict[str, Any]]:
    """Return colleagues of the own unit, or those of all units whose name, post or unit has ``q``; ``key`` names one."""
    actor = _me(request)
    if not actor.is_official:
        raise Forbidden
    unit = None if q else actor.unit_id
    found = identity.colleagues(at=now(), unit_id=unit, query=q[:40], besides=actor.persons)
    return [
        {"key": c.key, "name": c.name, "post": c.post_name.as_json(), "unit": c.unit_name.as_json()}
        for c in found
    ]


def _me(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@router.post("/tasks/{task_id}/complete", response=CompletedOut, summary="Complete a task")
def complete(request: HttpRequest, task_id: int, body: CompleteIn) -> dict[str, Any]:
    """Complete a task with an outcome, an opinion and the answers of its form; 409 names who was quicker."""
    actor = api_actor(request)
    if body.code:
        actor = _actor_by_code(request, task_id, body.code)
    case, advance = complete_step(
        actor=actor,
        task_id=task_id,
        outcome=body.outcome,
        opinion=body.opinion,
        data=body.data,
        read=forms.clean_json,
        at=now(),
    )
    mine = [task for task in advance.opened if task.holder_id in actor.holders]
    return {**head_out(case), "tasks": [task_out(task, case.number or "") for task in mine]}


def _actor_by_code(request: HttpRequest, task_id: int, code: str) -> Actor:
    """Return who showed the query code of the task's case. Raises WrongCode, also when there is no such task."""
    try:
        case = cases.case_of(processes.get_task(task_id).owner)
    except TaskNotFound:
        raise WrongCode from None
    cases.case_by_code(request, case.number or "", code)
    return identity.actor_for_code(case.pk, channel="api")


def _party_or_official(request: HttpRequest, number: str, code: str) -> tuple[Actor, Any]:
    actor = api_actor(request)
    if code:
        case = cases.case_by_code(request, number, code)
        return identity.actor_for_code(case.pk, channel="api"), case
    if actor.is_stranger:
        raise CaseNotFound
    return actor, cases.get_case(actor, number)
