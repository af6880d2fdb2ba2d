"""What the actor may do with a case beside completing a step: for the case page, from what that page has loaded already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.base.text import LocalizedText as T
from tongban.kernel.cases.models import Case, Reading
from tongban.kernel.cases.policies import is_handling
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import service as processes

__all__ = [
    "LABELS",
    "MoveView",
    "ReadingView",
    "Target",
    "moves_of",
    "readings_of",
    "targets_of",
    "transfer_candidates",
]

LABELS = {
    "return": T(zh="退回", en="Send back"),
    "withdraw": T(zh="撤回", en="Take back"),
    "sign": T(zh="加签", en="Ask for an opinion"),
    "transfer": T(zh="转办", en="Pass on"),
    "urge": T(zh="催办", en="Urge"),
    "circulate": T(zh="传阅", en="Circulate"),
}


@dataclass(frozen=True, slots=True)
class MoveView:
    """A move on a step (``task_id``, ``step``), or on the case; allowed now, or ``why_not``.

    ``key`` and ``task_id`` are the address of its page.
    """

    key: str
    label: LocalizedText
    task_id: int | None
    step: LocalizedText
    why_not: processes.WhyNot | None

    @property
    def allowed(self) -> bool:
        """True when it can be made now."""
        return self.why_not is None


@dataclass(frozen=True, slots=True)
class Target:
    """A step to which a case can be sent back, and what becomes of the others then."""

    node: str
    name: LocalizedText
    who: str
    at: datetime | None
    cancelled: tuple[LocalizedText, ...]
    undone: tuple[LocalizedText, ...]


@dataclass(frozen=True, slots=True)
class ReadingView:
    """To whom a case was circulated, by whom, and whether it was read."""

    name: str
    by_name: str
    note: str
    at: datetime
    read_at: datetime | None
    read_name: str


def moves_of(
    actor: Actor,
    case: Case,
    tasks: Sequence[processes.TaskView],
    *,
    papers: Sequence[Any],
    at: datetime,
) -> tuple[MoveView, ...]:
    """Return the moves that this official may think of, in the order of ``LABELS``; no query.

    Those of the steps that are theirs, taking back their own last step, urging the steps of others, circulating. ``papers`` are
    those of the case.
    """
    if case.instance is None or not actor.is_official:
        return ()
    situation = processes.situation_of(case.instance, tasks)
    found: list[MoveView] = []
    mine = [
        task
        for task in tasks
        if task.state == "open" and task.holder_id in actor.holders and not situation.is_others(actor, task)
    ]
    for task in mine:
        if task.claimed_by is not None and task.claimed_by not in actor.persons:
            continue
        found.append(_view("return", task, situation.may_return(actor, task)[1]))
        found.append(_view("sign", task, situation.may_sign(actor, task)))
        why = situation.may_transfer(actor, task) or _nobody_else(actor, situation, task, at)
        found.append(_view("transfer", task, why))
    for task in _my_last(actor, tasks):
        why = situation.may_withdraw(actor, task) or _sent_out(task, papers)
        found.append(_view("withdraw", task, why))
    if is_handling(actor, case):
        for task in tasks:
            if task.state == "open" and not (task in mine and task.claimed_by in (None, *actor.persons)):
                found.append(_view("urge", task, situation.may_urge(actor, task, at)))
        is_free = processes.allows(case.instance, "circulate")
        why = None if is_free else processes.why_not("forbidden")
        found.append(MoveView("circulate", LABELS["circulate"], None, T(""), why))
    order = list(LABELS)
    return tuple(sorted(found, key=lambda move: order.index(move.key)))


def _view(key: str, task: processes.TaskView, why: processes.WhyNot | None) -> MoveView:
    return MoveView(key, LABELS[key], task.id, task.name, why)


def _nobody_else(
    actor: Actor, situation: processes.Situation, task: processes.TaskView, at: datetime
) -> processes.WhyNot | None:
    """Why a step cannot be passed on though it may be: no colleague could take it (as ``transfer_candidates`` finds them)."""
    duty, unit = situation.needed(task) or ("", actor.unit_id)
    besides = {*actor.persons, *situation.first_officers(task)}
    if unit is None or identity.has_colleague(at=at, unit_id=unit, duty=duty, besides=besides):
        return None
    return processes.why_not("nobody")


def _my_last(actor: Actor, tasks: Sequence[processes.TaskView]) -> list[processes.TaskView]:
    """Return the step that I did last: taking back is thought of while it is fresh."""
    done = [
        task
        for task in tasks
        if task.state == "done"
        and task.role == "main"
        and not task.is_void
        and task.completed_by in actor.persons
    ]
    return done[-1:]


def _sent_out(task: processes.TaskView, papers: Sequence[Any]) -> processes.WhyNot | None:
    out = [paper for paper in papers if task.completed_at is not None and paper.issued_at > task.completed_at]
    return processes.why_not("sent-out", paper=out[0].number) if out else None


def targets_of(actor: Actor, case: Case, task: processes.TaskView) -> list[Target]:
    """Return where a step can be sent back to, the latest first, with what each would cancel."""
    if case.instance is None:
        return []
    situation = processes.situation_of(case.instance, processes.tasks_of(case.instance.pk))
    choices, _ = situation.may_return(actor, task)
    return [_target(situation, done, task) for done in choices]


def _target(situation: processes.Situation, done: Any, task: processes.TaskView) -> Target:
    cancelled, undone = situation.consequences(done, task)
    return Target(
        node=done.node,
        name=done.name,
        who=done.completed_name,
        at=done.completed_at,
        cancelled=tuple(each.name for each in cancelled if each.id != task.id),
        undone=tuple(each.name for each in undone if each.id != done.id),
    )


def transfer_candidates(
    actor: Actor, case: Case, task: processes.TaskView, *, query: str, at: datetime
) -> list[identity.ColleagueView]:
    """Return the colleagues who may take a step over: those whose post has the duty for it, in the unit it belongs to, and who
    did not do the other of two steps that need two people.
    """
    needed = processes.needed_duty(task.id)
    duty, unit = needed if needed is not None else ("", actor.unit_id)
    found = identity.colleagues(at=at, unit_id=unit, duty=duty, query=query, besides=actor.persons)
    return [each for each in found if not processes.has_done_the_other(task, each.person_id)]


def readings_of(case: Case) -> list[ReadingView]:
    """Return to whom a case was circulated, the latest first."""
    return [
        ReadingView(r.name, r.by_name, r.note, r.at, r.read_at, r.read_name)
        for r in Reading.objects.filter(case=case).order_by("-at", "-pk")
    ]
