"""What the API of cases takes and answers, and how its answers are made from cases, tasks, clocks and papers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

from tongban.base.actor import Actor
from tongban.base.errors import Forbidden
from tongban.base.time import now
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = [
    "ActionIn",
    "CaseHead",
    "CaseOut",
    "CirculateIn",
    "ColleagueOut",
    "CompleteIn",
    "CompletedOut",
    "MoveOut",
    "ReadOut",
    "ReasonIn",
    "ReturnIn",
    "SignIn",
    "TaskOut",
    "ToIn",
    "UrgeIn",
    "case_out",
    "head_out",
    "move_out",
    "task_out",
]


class Text(Schema):
    """A text in both languages."""

    zh: str
    en: str


class ClockOut(Schema):
    """A clock with its derivation: how its due date came about."""

    key: str
    label: Text
    limit: Text
    state: str
    mark: str
    started_on: date
    due_on: date | None
    due_at: datetime | None
    provisional: bool
    remaining_days: int
    derivation: Text
    legal_source: Text
    confidence: str


class PaperOut(Schema):
    """A statutory paper; the PDF is at ``/papers/<id>/``."""

    id: UUID
    template: str
    number: str
    title: Text
    issued_at: datetime
    state: str
    verify_code: str


class ActOut(Schema):
    """One act of the ledger. Citizens are named by their role only."""

    verb: str
    label: Text
    at: datetime
    who: Text
    facts: dict[str, Any]


class OutcomeOut(Schema):
    """A way to complete a task."""

    key: str
    label: Text
    opinion: str
    form: str


class TaskOut(Schema):
    """An open task of the caller."""

    id: int
    case: str
    node: str
    name: Text
    form: str
    opened_at: datetime
    claimed_by: str
    outcomes: list[OutcomeOut]


class CaseHead(Schema):
    """A case and where it stands."""

    id: UUID
    number: str
    kind: str
    title: Text
    subject: str
    unit: Text
    state: str
    state_label: Text
    result: str
    submitted_at: datetime
    accepted_at: datetime | None
    decided_at: datetime | None
    closed_at: datetime | None


class CaseOut(CaseHead):
    """A case. ``acts`` are there for officials who handle it."""

    clocks: list[ClockOut]
    papers: list[PaperOut]
    tasks: list[TaskOut]
    acts: list[ActOut]


class CompletedOut(CaseHead):
    """The case as it stands after a step; ``tasks`` are those that the step opened for the caller."""

    tasks: list[TaskOut]


class CompleteIn(Schema):
    """How a task is completed."""

    outcome: str
    opinion: str = ""
    data: dict[str, Any] = Field(default_factory=dict)
    code: str = ""


class ActionIn(Schema):
    """What an action needs to know."""

    data: dict[str, Any] = Field(default_factory=dict)
    code: str = ""


class ReasonIn(Schema):
    """Why."""

    reason: str


class UrgeIn(Schema):
    """What to say, if anything."""

    reason: str = ""


class ReturnIn(ReasonIn):
    """To which step (its id in the process)."""

    to_node: str


class ToIn(ReasonIn):
    """To which colleague (the ``key`` of one)."""

    to: str


class SignIn(ToIn):
    """Where the colleague signs: before, beside or after."""

    place: Literal["before", "beside", "after"]


class CirculateIn(ReasonIn):
    """Keys of colleagues, or ``unit:<id>`` for a whole unit."""

    to: list[str]


class MoveOut(Schema):
    """An office move: allowed now, or the key of the reason why not, in words too."""

    key: str
    task: int | None
    label: Text
    allowed: bool
    why: str
    why_text: Text | None


class ReadOut(Schema):
    """How many readings were marked."""

    read: int


class ColleagueOut(Schema):
    """An official in a post."""

    key: str
    name: str
    post: Text
    unit: Text


def move_out(move: Any) -> dict[str, Any]:
    why = move.why_not
    return {
        "key": move.key,
        "task": move.task_id,
        "label": move.label.as_json(),
        "allowed": move.allowed,
        "why": why.key if why else "",
        "why_text": why.text.as_json() if why else None,
    }


def case_out(actor: Actor, case: Any) -> dict[str, Any]:
    progress = cases.progress_of(case, at=now())
    tasks = processes.tasks_of(case.instance_id) if case.instance_id else []
    mine = [
        task
        for task in tasks
        if task.state == "open" and (task.holder_id in actor.holders or task in progress.tasks)
    ]
    try:
        identity.check(actor, "handle", "case", case)
        acts = ledger.acts_of(case=str(case.ref))
    except Forbidden:
        acts = []
    return {
        **head_out(case),
        "clocks": [clock_out(clock) for clock in [*progress.clocks, *progress.past_clocks]],
        "papers": [paper_out(paper) for paper in progress.papers],
        "tasks": [task_out(task, case.number) for task in mine],
        "acts": [act_out(act) for act in acts],
    }


def head_out(case: Any) -> dict[str, Any]:
    return {
        "id": case.pk,
        "number": case.number,
        "kind": case.kind,
        "title": case.title.as_json(),
        "subject": str(case.subject),
        "unit": identity.get_unit(case.unit_id).name.as_json(),
        "state": case.state,
        "state_label": cases.kind_of(case).state(case.state).public.as_json(),
        "result": case.result,
        "submitted_at": case.submitted_at,
        "accepted_at": case.accepted_at,
        "decided_at": case.decided_at,
        "closed_at": case.closed_at,
    }


def clock_out(clock: Any) -> dict[str, Any]:
    return {
        "key": clock.key,
        "label": clock.label.as_json(),
        "limit": clock.limit.as_json(),
        "state": clock.state,
        "mark": clock.mark,
        "started_on": clock.started_on,
        "due_on": clock.due_on,
        "due_at": clock.due_at,
        "provisional": clock.provisional,
        "remaining_days": clock.remaining_days,
        "derivation": clock.sentence.as_json(),
        "legal_source": clock.legal_source.as_json(),
        "confidence": clock.confidence,
    }


def paper_out(paper: instruments.PaperView) -> dict[str, Any]:
    return {
        "id": paper.id,
        "template": paper.template,
        "number": paper.number,
        "title": paper.title.as_json(),
        "issued_at": paper.issued_at,
        "state": paper.state,
        "verify_code": paper.verify_code,
    }


def act_out(act: Any) -> dict[str, Any]:
    return {
        "verb": act.verb,
        "label": act.label.as_json(),
        "at": act.at,
        "who": act.who.as_json(),
        "facts": dict(act.facts),
    }


def task_out(task: processes.TaskView, number: str) -> dict[str, Any]:
    return {
        "id": task.id,
        "case": number,
        "node": task.node,
        "name": task.name.as_json(),
        "form": task.form,
        "opened_at": task.opened_at,
        "claimed_by": task.claimed_name,
        "outcomes": [
            {"key": o.key, "label": o.label.as_json(), "opinion": o.opinion, "form": o.form or task.form}
            for o in task.outcomes
            if o.allowed
        ],
    }
