"""The mailbox through the API: write a letter, read answered letters, follow and judge one's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Header, Router, Schema, Status

from tongban.apps.voice import queries
from tongban.apps.voice.crowds import slow_down
from tongban.apps.voice.errors import LetterNotFound, NothingToJudge
from tongban.apps.voice.operations.write import open_mailbox, write_letter
from tongban.base.actor import Actor
from tongban.base.time import now
from tongban.design.paging import page_number
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.api import api_actor

__all__ = ["router"]

router = Router(tags=["letters"])


class Text(Schema):
    """A text in both languages."""

    zh: str
    en: str = ""


class NewLetter(Schema):
    """A letter to be sent. With a token, name and telephone come from the population register."""

    kind: Literal["question", "complaint", "suggestion", "help"]
    title: str
    body: str
    may_publish: bool
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    mailbox: str = "county-head"


class Receipt(Schema):
    """Number and query code. The code is given to writers without an account only, and only here."""

    number: str
    query_code: str | None = None


class LetterRow(Schema):
    """An answered letter in the public list."""

    number: str
    title: str
    topic: Text
    unit: Text
    written_at: datetime
    answered_at: datetime


class LetterList(Schema):
    """A page of answered letters."""

    items: list[LetterRow]
    page: int
    has_next: bool


class ClockOut(Schema):
    """A time limit with the way its last day came about."""

    key: str
    label: Text
    limit: Text
    due_on: str | None
    provisional: bool
    state: str
    mark: str
    sentence: Text


class AnswerOut(Schema):
    """An answer."""

    text: str
    unit: Text
    at: datetime


class PaperOut(Schema):
    """A paper that was served."""

    id: UUID
    number: str
    title: Text
    issued_at: datetime


class LetterOut(Schema):
    """A letter: what is public to everybody; state, clocks and papers to the writer only."""

    number: str
    title: str
    topic: Text
    body: str
    answers: list[AnswerOut]
    state: str | None = None
    state_label: Text | None = None
    clocks: list[ClockOut] | None = None
    papers: list[PaperOut] | None = None
    outcomes: list[str] | None = None


class Judgement(Schema):
    """How the writer finds the answer. ``text`` is the reason when the letter is to be taken up again, else
    a comment.
    """

    outcome: Literal["satisfied", "reopen"]
    text: str = Field(default="", max_length=600)


@router.post("/letters", response={201: Receipt}, auth=None, summary="Write a letter")
def create_letter(
    request: HttpRequest,
    letter: NewLetter,
    idempotency_key: str | None = Header(None, alias="Idempotency-Key", max_length=200),
) -> Status:
    """Send a letter, with or without a token. With a token, ``Idempotency-Key`` makes a repetition
    harmless.
    """
    actor, at = api_actor(request), now()
    slow_down(request, actor)
    body = letter.dict(exclude_none=True)
    mailbox = body.pop("mailbox")
    values = forms.clean_json(forms.get_form(open_mailbox(mailbox).form), body)
    sent = write_letter(actor=actor, mailbox=mailbox, values=values, at=at)
    code = None if actor.person_id is not None and not actor.is_official else sent.code
    return Status(201, {"number": sent.number, "query_code": code})


@router.get("/letters", response=LetterList, auth=None, summary="Answered letters that are public")
def list_letters(request: HttpRequest, q: str = "", topic: str = "", page: str = "1") -> dict[str, Any]:
    """Return published letters, newest answer first, or the best hits for ``q``."""
    found = queries.answered_letters(query=q[:100], topic=topic, page=page_number(page))
    items = [
        {
            "number": row.number,
            "title": row.title,
            "topic": row.topic.as_json(),
            "unit": row.unit.as_json(),
            "written_at": row.written_on,
            "answered_at": row.answered_at,
        }
        for row in found
    ]
    return {"items": items, "page": found.number, "has_next": found.has_next}


CODE = Header(None, alias="Query-Code", description="The query code of a letter written without an account")


@router.get("/letters/{number}", response=LetterOut, auth=None, summary="One letter")
def get_letter(request: HttpRequest, number: str, query_code: str | None = CODE) -> dict[str, Any]:
    """Return one's own letter (by token or by the ``Query-Code`` header) in full, anybody's as far as it is
    public.
    """
    found = _own(request, number, query_code)
    return _own_view(*found) if found else _public_view(number)


@router.post(
    "/letters/{number}/judgement", response=LetterOut, auth=None, summary="Satisfied, or take it up again"
)
def judge_letter(
    request: HttpRequest, number: str, judgement: Judgement, query_code: str | None = CODE
) -> dict[str, Any]:
    """Say whether the answer satisfies. Not satisfied takes the letter up again, once."""
    found = _own(request, number, query_code)
    if found is None:
        raise LetterNotFound
    case, actor = found
    waiting = cases.progress_of(case, at=now()).tasks
    if not waiting:
        raise NothingToJudge
    data = {"reason" if judgement.outcome == "reopen" else "text": judgement.text}
    cases.complete_task(actor=actor, task_id=waiting[0].id, outcome=judgement.outcome, data=data, at=now())
    case.refresh_from_db()
    return _own_view(case, actor)


def _own(request: HttpRequest, number: str, code: str | None) -> tuple[Any, Actor] | None:
    """Return the case and the capacity in which the caller may see it, None for a stranger. Raises
    WrongCode.
    """
    actor = api_actor(request)
    if code:
        case = cases.case_by_code(request, number, code)
        return (case, identity.actor_for_code(case.pk, channel="api")) if case.kind == "letter" else None
    try:
        case = cases.find_by_number(number)
    except CaseNotFound:
        return None
    return (
        (case, actor)
        if case.kind == "letter" and not actor.is_official and cases.is_party(actor, case)
        else None
    )


def _public_view(number: str) -> dict[str, Any]:
    letter = queries.public_letter(number)
    return {
        "number": letter.number,
        "title": letter.title,
        "topic": letter.topic.as_json(),
        "body": letter.question,
        "answers": [{"text": a.text, "unit": a.unit.as_json(), "at": a.at} for a in letter.answers],
    }


def _own_view(case: Any, actor: Actor) -> dict[str, Any]:
    at = now()
    progress, party = cases.progress_of(case, at=at), queries.party_context(case, actor, at)
    return {
        "number": case.number,
        "title": case.title.zh,
        "topic": party["topic"].as_json(),
        "body": party["body"],
        "answers": [
            {"text": a.text, "unit": a.unit.name.as_json(), "at": a.delivered_at}
            for a in reversed(party["answers"])
        ],
        "state": case.state,
        "state_label": progress.state_label.as_json(),
        "clocks": [
            {
                "key": clock.key,
                "label": clock.label.as_json(),
                "limit": clock.limit.as_json(),
                "due_on": clock.due_on.isoformat() if clock.due_on else None,
                "provisional": clock.provisional,
                "state": clock.state,
                "mark": clock.mark,
                "sentence": clock.sentence.as_json(),
            }
            for clock in progress.clocks
        ],
        "papers": [
            {"id": p.id, "number": p.number, "title": p.title.as_json(), "issued_at": p.issued_at}
            for p in progress.papers
        ],
        "outcomes": [o.key for task in progress.tasks for o in task.outcomes if o.allowed],
    }
