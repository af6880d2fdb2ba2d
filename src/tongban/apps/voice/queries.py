"""Reads of the mailbox: the public pages, the writer's part of her progress page, the official's panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from tongban.apps.voice import words
from tongban.apps.voice.errors import LetterNotFound
from tongban.apps.voice.models import Answer, Letter, Mailbox
from tongban.apps.voice.operations.publish import draft_of
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL, local_date
from tongban.design.paging import Page, paginate
from tongban.kernel.files import service as files
from tongban.kernel.processes import service as processes
from tongban.kernel.search import service as search

__all__ = [
    "Figures",
    "LetterRow",
    "PublicLetter",
    "answered_letters",
    "facts_of_letter",
    "figures",
    "list_mailboxes",
    "outcome_data",
    "panel_context",
    "party_context",
    "public_letter",
]

PAGE_SIZE = 15
FOUND_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A published letter in a list."""

    number: str
    title: str
    topic: LocalizedText
    unit: LocalizedText
    written_on: datetime
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class PublicAnswer:
    """One published answer."""

    text: str
    unit: LocalizedText
    at: datetime


@dataclass(frozen=True, slots=True)
class PublicLetter:
    """A published letter with its answers, oldest first."""

    number: str
    title: str
    question: str
    topic: LocalizedText
    mailbox: LocalizedText
    written_on: datetime
    answers: Sequence[PublicAnswer]


@dataclass(frozen=True, slots=True)
class Figures:
    """Letters of this year: how many came, how many of them were answered."""

    since: datetime
    received: int
    answered: int

    @property
    def rate(self) -> int | None:
        """Share of the received letters that were answered, 0 to 100."""
        return round(100 * self.answered / self.received) if self.received else None


def list_mailboxes() -> list[Mailbox]:
    """Return the mailboxes that take letters."""
    return list(Mailbox.objects.filter(is_open=True).order_by("key"))


def answered_letters(
    *, query: str = "", topic: str = "", page: int = 1, size: int = PAGE_SIZE
) -> Page[LetterRow]:
    """Return published letters, newest answer first; with a ``query`` the best hits first. At most two
    queries and the search's.
    """
    answers = _latest_published()
    if topic in words.TOPICS:
        answers = answers.filter(letter__topic=topic)
    if query.strip():
        numbers = [hit.ref.id for hit in search.search(query, kinds=["letter"], limit=FOUND_AT_MOST)]
        rank = {number: place for place, number in enumerate(numbers)}
        found = sorted(
            answers.filter(letter__case__number__in=numbers), key=lambda a: rank[str(a.letter.case.number)]
        )
        return _rows(paginate(found, number=page, size=size))
    return _rows(paginate(answers.order_by("-published_at", "pk"), number=page, size=size))


def public_letter(number: str) -> PublicLetter:
    """Return a published letter. Raises LetterNotFound when there is none or it is not public."""
    answers = list(
        Answer.objects.filter(letter__case__number=number, published_at__isnull=False)
        .select_related("unit", "letter__case", "letter__mailbox")
        .order_by("round")
    )
    if not answers:
        raise LetterNotFound
    last, letter = answers[-1], answers[-1].letter
    return PublicLetter(
        number=number,
        title=last.public_title,
        question=last.public_question,
        topic=words.TOPICS[letter.topic],
        mailbox=letter.mailbox.name,
        written_on=letter.case.submitted_at or last.delivered_at,
        answers=[PublicAnswer(a.public_answer, a.unit.name, a.delivered_at) for a in answers],
    )


def figures(*, at: datetime) -> Figures:
    """Count the letters that came in the calendar year of ``at`` and those of them that were answered (one
    query).
    """
    since = datetime(local_date(at).year, 1, 1, tzinfo=LOCAL)
    counted = Letter.objects.filter(case__submitted_at__gte=since, case__submitted_at__lte=at).aggregate(
        received=Count("pk"), answered=Count("pk", filter=Q(rounds__gt=0) | ~Q(declined_because=""))
    )
    return Figures(since, counted["received"], counted["answered"])


def party_context(case: Any, actor: Actor, at: datetime) -> Mapping[str, Any]:
    """Return what the writer sees of her letter beside its progress: what she wrote, what she was told."""
    letter = Letter.objects.get(pk=case.pk)
    answers = list(letter.answers.select_related("unit").order_by("-round"))
    return {
        "topic": words.TOPICS[letter.topic],
        "body": case.entry.data.get("body", "") if case.entry_id else "",
        "attachments": files.files_of(case.ref, role="letter.attachment"),
        "answers": answers,
        "declined_because": letter.declined_because,
        "is_public": any(answer.published_at for answer in answers),
    }


def facts_of_letter(case_id: str) -> Mapping[str, Any] | None:
    """Tell of a letter (``base.exchange``): what it says, what was answered last, who answers within which limit."""
    letter = Letter.objects.select_related("case__entry", "bureau", "mailbox").filter(case_id=case_id).first()
    if letter is None:
        return None
    answer = letter.answers.select_related("unit").order_by("-round").first()
    limit = letter.mailbox.limits.get(letter.complexity or "general") or {}
    return {
        "topic": letter.topic,
        "body": letter.case.entry.data.get("body", "") if letter.case.entry else "",
        "name": letter.case.applicant_name,
        "unit_id": letter.bureau_id or letter.case.unit_id,
        "limit": limit.get("limit", ""),
        "answer": answer.text if answer else letter.declined_because,
        "answered_at": answer.delivered_at.isoformat() if answer else "",
    }


def panel_context(case: Any, actor: Actor, at: datetime) -> Mapping[str, Any]:
    """Return the official's panel: the writer's wish, attachments, how often it went back, what was
    answered.
    """
    letter = Letter.objects.select_related("mailbox").get(pk=case.pk)
    tasks = processes.tasks_of(case.instance_id) if case.instance_id else []
    done = [task for task in tasks if task.state == "done"]
    draft = _answer_in_check(tasks)
    return {
        "letter": letter,
        "number": case.number,
        "topic": words.TOPICS[letter.topic],
        "attachments": files.files_of(case.ref, role="letter.attachment"),
        "returned": [task.data for task in done if task.outcome == "return_once"],
        "reopened": [task.data for task in done if task.outcome == "reopen"],
        "note": next((t.data.get("note") for t in reversed(done) if t.outcome == "assign"), ""),
        "comment": next((t.data.get("text") for t in reversed(done) if t.outcome == "satisfied"), ""),
        "answers": list(letter.answers.select_related("unit").order_by("round")),
        "draft": draft,
        "masked": draft_of(case, draft).masked if draft and letter.may_publish else None,
    }


def outcome_data(case: Any, task: Any, outcome: str) -> dict[str, Any]:
    """Return what a task's form begins with: the public text, masked, when an answer is checked."""
    if task.node == "check" and outcome == "publish":
        draft = _answer_in_check(processes.tasks_of(task.instance_id))
        return draft_of(case, draft).as_data() if draft else {}
    return {}


def _answer_in_check(tasks: Sequence[Any]) -> str:
    """Return the text of the answer that waits for being checked, "" when none does."""
    if not any(task.node == "check" and task.state == "open" for task in tasks):
        return ""
    answers = [task for task in tasks if task.node == "answer" and task.outcome == "answer"]
    return str(answers[-1].data.get("text", "")) if answers else ""


def _latest_published() -> QuerySet[Answer]:
    """Of each letter the newest published answer: a letter that was answered twice stands once in the
    list.
    """
    newest = Answer.objects.filter(letter=OuterRef("letter"), published_at__isnull=False).order_by("-round")
    return Answer.objects.filter(
        published_at__isnull=False, pk=Subquery(newest.values("pk")[:1])
    ).select_related("letter__case", "unit")


def _rows(page: Page[Answer]) -> Page[LetterRow]:
    rows = [
        LetterRow(
            number=str(answer.letter.case.number),
            title=answer.public_title,
            topic=words.TOPICS[answer.letter.topic],
            unit=answer.unit.name,
            written_on=answer.letter.case.submitted_at or answer.delivered_at,
            answered_at=answer.delivered_at,
        )
        for answer in page
    ]
    return Page(items=rows, number=page.number, has_next=page.has_next)
