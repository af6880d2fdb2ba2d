"""The past of a pack: ``history.yaml`` is played through the same doors that everybody uses, each act at its own time.

A story says how many working days before the day of installation it begins and after how many working days each step
comes; what would lie in the future is left out. All stories are played together in the order of time, because numbers,
timers and clocks depend on it. Nothing is written beside the doors: an application of last March has its ledger, its
papers and its clocks exactly as if it had happened here.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from tongban.apps.services import service as services
from tongban.apps.voice import service as voice
from tongban.base import published
from tongban.base.actor import Actor
from tongban.base.errors import TongbanError
from tongban.base.packs import Pack, PackError, section
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL, freeze, local_date
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = [
    "LOADED",
    "Story",
    "Turn",
    "all_or_nothing",
    "load_history",
    "load_past",
    "play",
    "turns_of",
    "usernames_of",
]

LOADED = "main.load_history"
ledger.register_verb(LOADED, LocalizedText(zh="装入往年办件", en="Past cases loaded"))

SAMPLE = """#import "/base.typ": *
#set document(title: document-title)
#set page(paper: "a5")
#set text(font: song, lang: "zh")
#data.name

#data.note
"""

FILLING_IN = timedelta(minutes=9)
"""How long before submitting an applicant began to fill in the form."""


@dataclass(slots=True)
class Story:
    """One past case: what the pack says about it, and what is known of it while it is played."""

    row: Mapping[str, Any]
    is_letter: bool
    case_id: UUID = field(default_factory=lambda: UUID(int=0))  # known once the story has begun

    @property
    def key(self) -> str:
        """The name by which errors speak of it."""
        return str(self.row["key"])


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that happens at a moment: the begin of a story (``step`` is None) or one of its steps."""

    at: datetime
    story: Story
    step: Mapping[str, Any] | None


@section("history", order=85)
def load_history(pack: Pack, *, actor: Actor, at: datetime) -> int:
    """Play the pack's past, once, unless the operator wants a demo without one. Returns how many cases it made."""
    return load_past(pack, actor=actor, at=at) if settings.TONGBAN_DEMO_PAST else 0


def load_past(pack: Pack, *, actor: Actor, at: datetime) -> int:
    """Play the pack's past in one transaction; a second time does nothing. Returns how many cases it made."""
    subject = Ref.to("pack", pack.key)
    if not pack.has("history.yaml") or any(act.verb == LOADED for act in ledger.acts_of(subject)):
        return 0
    past = pack.yaml("history.yaml")
    stories = [
        *(Story(row, False) for row in past["applications"]),
        *(Story(row, True) for row in past["letters"]),
    ]
    with all_or_nothing(), instruments.printed_on_demand():
        made = play(stories, usernames=usernames_of(pack), now=at)
        ledger.record(actor=actor, verb=LOADED, subject=subject, facts={"cases": made}, at=at)
    return made


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """Play without savepoints: the section is one transaction that nobody else writes in, and a failure undoes all of it.

    A quarter of all statements would set or release a savepoint. Garbage is collected once at the end.
    """
    features = connection.features
    had_savepoints, features.uses_savepoints = features.uses_savepoints, False
    gc.disable()
    try:
        with transaction.atomic():
            yield
    finally:
        features.uses_savepoints = had_savepoints
        gc.enable()


def usernames_of(pack: Pack) -> dict[str, str]:
    """The citizen's account of each person, by citizen id."""
    accounts = pack.yaml("accounts.yaml", "accounts")
    return {str(row["person"]): row["username"] for row in accounts if not row.get("posts")}


# --- when -----------------------------------------------------------------------------------------------------


def turns_of(story: Story, *, now: datetime, calendar: calendars.Calendar) -> Iterator[Turn]:
    """Yield the turns of a story that lie before ``now``."""
    day = working_days_from(local_date(now), -int(story.row["ago"]), calendar)
    at = min(_moment(day, story.row["time"]), now - timedelta(minutes=30))
    yield Turn(at, story, None)
    for step in story.row["steps"]:
        day = working_days_from(day, int(step["after"]), calendar)
        at = max(_moment(day, step["time"]), at + timedelta(minutes=2))
        if at > now:
            return
        yield Turn(at, story, step)


def working_days_from(day: date, count: int, calendar: calendars.Calendar) -> date:
    """Return the day that lies ``count`` working days after ``day`` (before it when negative)."""
    step = timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        day += step
        while not calendars.is_working_day(calendar, day):
            day += step
    return day


def _moment(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=LOCAL)


# --- what -----------------------------------------------------------------------------------------------------


def play(stories: Sequence[Story], *, usernames: Mapping[str, str], now: datetime) -> int:
    """Play all stories in the order of time; the timers of every night in between fire at their time.

    Raises PackError when a story does not fit the process that it plays.
    """
    calendar = calendars.current_calendar()
    turns = sorted((t for story in stories for t in turns_of(story, now=now, calendar=calendar)), key=_order)
    if not turns:
        return 0
    player = Player(usernames)
    night = turns[0].at
    for turn in turns:
        night = _let_time_pass(night, turn.at)
        with freeze(turn.at), published.scope():
            try:
                player.play(turn)
                processes.run_due_jobs(at=turn.at)
            except (TongbanError, LookupError) as error:
                step = turn.step and (turn.step.get("task") or turn.step.get("action") or "rate")
                raise PackError(
                    f"history.yaml: {turn.story.key}, {step or 'begin'}: {error!r} {_details(error)}"
                ) from error
    _let_time_pass(night, now)
    return len(stories)


def _order(turn: Turn) -> tuple[datetime, str]:
    return turn.at, turn.story.key


def _details(error: Exception) -> Any:
    return getattr(error, "data", "") or ""


def _let_time_pass(since: datetime, until: datetime) -> datetime:
    """Fire what falls due in the nights between two moments; return the last night that was seen."""
    while local_date(since) < local_date(until):
        due = processes.next_timer_at()
        if due is None or local_date(due) > local_date(until):
            return _night(local_date(until))  # nothing can happen before
        since = max(_night(local_date(since) + timedelta(days=1)), _night(local_date(due)))
        with freeze(since):
            if processes.fire_due_timers(at=since):
                processes.run_due_jobs(at=since)
    return since


def _night(day: date) -> datetime:
    return _moment(day, "00:01")


class Player:
    """Does what a turn says, as the one who did it."""

    def __init__(self, usernames: Mapping[str, str]) -> None:
        self.usernames = usernames
        self._posts: dict[str, list[Actor]] = {}

    def play(self, turn: Turn) -> None:
        """Begin a story or take its next step."""
        story, step, at = turn.story, turn.step, turn.at
        if step is None:
            begin = self._write if story.is_letter else self._apply
            begin(story, at)
        elif "rate" in step:
            case = self._case(story)
            actor = self._citizen(story, at)
            services.rate_case(actor=actor, case=case, level=step["rate"], text=step["text"], at=at)
        elif "resubmit" in step:
            services.resubmit_application(actor=self._citizen(story, at), case_id=story.case_id, at=at)
        elif "action" in step:
            actor = self._actor(story, step["by"], at)
            cases.run_action(actor=actor, case_id=story.case_id, key=step["action"], data=step["data"], at=at)
        else:
            self._complete(story, step, at)

    # beginnings

    def _apply(self, story: Story, at: datetime) -> None:
        """Fill in the form, page by page, give the materials and submit."""
        row, began = story.row, at - FILLING_IN
        actor = self._citizen(story, began)
        case = services.create_application(
            actor=actor, item_key=row["item"], entity_id=actor.entity_id, at=began
        )
        story.case_id = case.pk
        item = services.get_item(row["item"])
        form = forms.get_form(item.form_key)
        for page in form.pages:
            values = {f.key: row["answers"][f.key] for f in page.fields if f.key in row["answers"]}
            if values:
                services.save_page(actor=actor, case_id=case.pk, page=page.key, values=values, at=began)
        for material in item.materials:
            if material["key"] in row["materials"]:
                upload = sample_of(LocalizedText.of(material["name"]).zh)
                services.put_material(
                    actor=actor, case_id=case.pk, key=material["key"], upload=upload.again(), at=at
                )
        if row.get("submit", True):
            services.submit_application(actor=actor, case_id=case.pk, at=at)

    def _write(self, story: Story, at: datetime) -> None:
        """Write to the mailbox, with or without an account."""
        row = story.row
        person = identity.get_person(row["person"])
        actor = self._citizen(story, at) if row["signed_in"] else Actor.stranger()
        values = {name: row[name] for name in ("kind", "title", "body", "may_publish")}
        values |= {"name": person.name, "phone": person.phone}
        sent = voice.write_letter(actor=actor, mailbox=row["mailbox"], values=values, send_key="", at=at)
        story.case_id = sent.case_id

    # steps

    def _complete(self, story: Story, step: Mapping[str, Any], at: datetime) -> None:
        case = self._case(story)
        open_here = [
            t for t in processes.tasks_of(case.instance_id) if t.node == step["task"] and t.state == "open"
        ]
        if not open_here:
            raise LookupError(f"no open task {step['task']!r} in state {case.state!r}")
        task = open_here[0]
        data = {k: str(local_date(at)) if v == "{today}" else v for k, v in step.get("data", {}).items()}
        cases.complete_task(
            actor=self._actor(story, step["by"], at, holder=task.holder_id),
            task_id=task.id,
            outcome=step["outcome"],
            opinion=step.get("opinion", ""),
            data=data,
            at=at,
        )

    def _case(self, story: Story) -> Any:
        return cases.case_of(Ref.to("case", story.case_id))

    # who

    def _actor(self, story: Story, who: str, at: datetime, holder: int | None = None) -> Actor:
        if who in ("applicant", "writer"):
            return self._citizen(story, at)
        return self._official(who, at, holder)

    def _citizen(self, story: Story, at: datetime) -> Actor:
        """The citizen, for the entity that applies; or whoever holds the letter's query code."""
        row = story.row
        if story.is_letter and not row["signed_in"]:
            return identity.actor_for_code(story.case_id)
        entity = identity.get_entity(row["entity"]).pk if "entity" in row else None
        return identity.actor_for(
            account_of(self.usernames[row["person"]]), at=at, channel="web", entity_id=entity
        )

    def _official(self, username: str, at: datetime, holder: int | None) -> Actor:
        """The official in the post that holds the task, in their first post when any will do."""
        if username not in self._posts:  # posts of a pack are held since before its past
            account = account_of(username)
            self._posts[username] = [
                identity.actor_for(account, at=at, channel="desk", post_id=post.post_id)
                for post in identity.posts_of(account, at)
            ]
        actors = self._posts[username]
        return next((a for a in actors if holder in a.holders), actors[0])


@dataclass(frozen=True, slots=True)
class Sample:
    """A stand-in for what applicants uploaded; the file store keeps its bytes only once."""

    name: str
    content: bytes

    def again(self) -> SimpleUploadedFile:
        """Return it as a fresh upload."""
        return SimpleUploadedFile(f"{self.name}.pdf", self.content, content_type="application/pdf")


def account_of(username: str) -> Any:
    """Return the account with that name."""
    return get_user_model()._default_manager.get_by_natural_key(username)


@cache
def sample_of(name: str) -> Sample:
    """Return a page that says which material it stands for."""
    pdf = files.render_typst(SAMPLE, {"name": name, "note": "演示材料，由安装程序生成。"}, title=name)
    return Sample(name, pdf)
