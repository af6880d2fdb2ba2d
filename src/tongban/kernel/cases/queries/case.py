"""Everything the case page shows, gathered before anything renders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tongban.base.actor import Actor
from tongban.base.context import note
from tongban.base.statements import Statement
from tongban.base.text import LocalizedText
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.cases.kinds import CaseAction, CaseKind, State, kind_of, panels_of
from tongban.kernel.cases.models import Case, CaseClock
from tongban.kernel.cases.operations.bring import CHANNEL
from tongban.kernel.cases.policies import may_see, may_see_inside, with_rights
from tongban.kernel.cases.queries.lists import called
from tongban.kernel.cases.queries.mine import neighbours
from tongban.kernel.cases.queries.moves import MoveView, moves_of
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = [
    "ActView",
    "ActionView",
    "CasePage",
    "PanelView",
    "RecordView",
    "TaskView",
    "case_page",
    "clocks_of_case",
    "get_case",
    "get_move",
]


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """One button of a task: what it is called, how it looks, whether it asks for a form or an opinion first."""

    key: str
    label: LocalizedText
    style: str
    opinion: str
    form: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """An open step of the case. ``refusal`` says why I cannot do it now (another has it, it is another post's)."""

    id: int
    node: str
    name: LocalizedText
    form: str
    outcomes: list[OutcomeView]
    is_mine: bool
    claimed_by: str
    is_claimed_by_me: bool
    holder_label: LocalizedText
    opened_at: datetime
    refusal: LocalizedText | None
    opinion: str = ""
    note: str = ""
    asked_name: str = ""
    is_signer: bool = False

    @property
    def takes_opinion(self) -> bool:
        """Return whether any of its outcomes has use for an opinion."""
        return any(outcome.opinion != "none" for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class ActionView:
    """An action beside the process, with the reason when it is not allowed now."""

    action: CaseAction
    refusal: LocalizedText | None


@dataclass(frozen=True, slots=True)
class ActView:
    """One line of the timeline: the act, and the opinion when the reader may see it."""

    label: LocalizedText
    at: datetime
    who: LocalizedText
    unit: LocalizedText
    opinion: str
    note: LocalizedText
    papers: list[Any]
    times: int = 1


@dataclass(frozen=True, slots=True)
class RecordView:
    """What somebody wrote down when a step was done: the review, the inspection record, what was missing."""

    task_id: int
    name: LocalizedText
    outcome: LocalizedText
    who: str
    at: datetime | None
    answers: forms.AnswersView


@dataclass(frozen=True, slots=True)
class PanelView:
    """A panel of an application with its context."""

    key: str
    template: str
    place: str
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RefusedMove:
    """A move that cannot be made now, on which steps, and why."""

    label: LocalizedText
    steps: LocalizedText
    why: LocalizedText


@dataclass(frozen=True, slots=True)
class CasePage:
    """The case page in three parts: what it is, where it is, what I can do."""

    case: Case
    name: LocalizedText
    item: LocalizedText
    kind: CaseKind
    state: State
    compare: list[Any]
    answers: Any | None
    panels: list[PanelView]
    records: list[RecordView]
    clocks: list[Any]
    past_clocks: list[Any]
    main_clock: Any | None
    drawing: Any | None
    acts: list[ActView]
    papers: list[Any]
    tasks: list[TaskView]
    actions: list[ActionView]
    refused: list[ActionView]
    incidents: list[Any]
    channel: LocalizedText
    previous: str
    next: str
    moves: tuple[MoveView, ...] = ()

    @property
    def office(self) -> list[tuple[LocalizedText, list[MoveView]]]:
        """Return the moves that can be made now: each step's under its name when there are several steps, the case's last."""
        allowed = [move for move in self.moves if move.allowed]
        if len({move.task_id for move in allowed if move.task_id and move.key != "withdraw"}) < 2:
            return [(LocalizedText(""), allowed)] if allowed else []
        of_step: dict[int | None, list[MoveView]] = {}
        for move in sorted(allowed, key=lambda move: move.task_id is None):
            of_step.setdefault(move.task_id, []).append(move)
        return [(moves[0].step, moves) for moves in of_step.values()]

    @property
    def moves_refused(self) -> list[RefusedMove]:
        """Return the moves that are not allowed now, with why; what is refused for several steps alike stands once."""
        alike: dict[tuple[str, LocalizedText], list[MoveView]] = {}
        for move in self.moves:
            if move.why_not is not None:
                alike.setdefault((move.key, move.why_not.text), []).append(move)
        return [
            RefusedMove(moves[0].label, _listed(move.step for move in moves), why)
            for (_, why), moves in alike.items()
        ]

    @property
    def doable(self) -> list[TaskView]:
        """Return the open steps that I can do now."""
        return [task for task in self.tasks if task.refusal is None]

    @property
    def waiting(self) -> list[TaskView]:
        """Return the open steps that wait for somebody else."""
        return [task for task in self.tasks if task.refusal is not None]

    @property
    def is_idle(self) -> bool:
        """Return whether there is nothing that I can do now."""
        return not self.actions and not self.doable


def _listed(texts: Iterable[LocalizedText]) -> LocalizedText:
    known = [text for text in texts if text]
    return LocalizedText(zh="、".join(text.zh for text in known), en=", ".join(text.en for text in known))


ORDER_OF_STYLES = {"primary": 0, "danger": 2}
"""The main move first, what cannot be taken back last."""

CHANNELS = {
    "web": LocalizedText(zh="网上提交", en="Online"),
    "api": LocalizedText(zh="接口提交", en="By interface"),
    "desk": LocalizedText(zh="窗口提交", en="At the counter"),
    "command": LocalizedText(zh="导入", en="Imported"),
    "import": LocalizedText(zh="原系统", en="Earlier system"),
    "system": LocalizedText(zh="系统", en="System"),
}


def get_case(actor: Actor, number: str) -> Case:
    """Return a case by its number. Raises CaseNotFound when there is none or the actor may not know of it."""
    case = _BY_NUMBER.first(number=number)
    if case is None or not may_see(actor, case):
        raise CaseNotFound
    case.unit = identity.get_unit(case.unit_id)
    note(case=case.number)
    return case


_BY_NUMBER = Statement(
    lambda number: with_rights(Case.objects.select_related("instance", "entry").filter(number=number))
)


def case_page(actor: Actor, number: str, *, at: datetime, unmasked: bool = False) -> CasePage:
    """Gather the case page of an official; ``unmasked`` only after ``unmask`` wrote its act. Raises CaseNotFound."""
    case = get_case(actor, number)
    if not may_see_inside(actor, case):
        raise CaseNotFound
    kind = kind_of(case)
    tasks = processes.tasks_of(case.instance_id) if case.instance_id else []
    papers = instruments.papers_of(case.ref)
    clocks = clocks_of_case(case, at=at)
    panels = []
    for panel in panels_of(kind):
        context = panel.context(case, actor, at)
        if context is not None:
            panels.append(PanelView(panel.key, panel.template, panel.place, context))
    actions = [_action_view(actor, case, action) for action in kind.actions]
    name, item = called(case, masked=not unmasked)
    previous, following = neighbours(actor, number)
    return CasePage(
        case=case,
        name=name,
        item=item,
        kind=kind,
        state=kind.state(case.state),
        compare=forms.compare(case.entry, at=at, mask=not unmasked) if case.entry is not None else [],
        answers=_answers(case, actor, at=at, masked=not unmasked),
        panels=panels,
        records=_records(case, tasks, actor, masked=not unmasked),
        clocks=[clock for clock in clocks if clock.state != "stopped"],
        past_clocks=[clock for clock in clocks if clock.state == "stopped"],
        main_clock=main_clock(clocks),
        drawing=processes.drawing(case.instance) if case.instance is not None else None,
        acts=_acts(case, tasks, papers),
        papers=papers,
        tasks=_task_views(actor, case, tasks),
        actions=[view for view in actions if view is not None and view.refusal is None],
        refused=[view for view in actions if view is not None and view.refusal is not None],
        incidents=[i for i in processes.incidents_of(case.instance_id) if i.resolved_at is None]
        if case.instance_id
        else [],
        channel=CHANNELS.get(case.channel, LocalizedText(case.channel)),
        previous=previous,
        next=following,
        moves=moves_of(actor, case, tasks, papers=papers, at=at),
    )


def _answers(case: Case, actor: Actor, *, at: datetime, masked: bool) -> Any | None:
    if case.entry is None:
        return None
    return forms.answers_view(
        forms.form_of(case.entry),
        data=case.entry.data,
        at=at,
        actor=actor,
        about=case.ref,
        bound=case.entry.provenance,
        masked=masked,
        only_answered=case.channel == CHANNEL,
    )


def _records(case: Case, tasks: list[processes.TaskView], actor: Actor, *, masked: bool) -> list[RecordView]:
    """Return what was written down at the steps that are done, the newest first."""
    records = []
    for task in tasks:
        key = next((o.form for o in task.outcomes if o.key == task.outcome and o.form), task.form)
        if task.state != "done" or not key or not task.data or task.completed_at is None:
            continue
        answers = forms.answers_view(
            forms.get_form(key),
            data=task.data,
            at=task.completed_at,
            actor=actor,
            about=case.ref,
            masked=masked,
        )
        records.append(
            RecordView(
                task.id, task.name, task.outcome_label, task.completed_name, task.completed_at, answers
            )
        )
    return sorted(records, key=lambda record: (record.at or case.created_at, record.task_id), reverse=True)


def clocks_of_case(case: Case, *, at: datetime) -> list[Any]:
    """Return the clocks of a case, the one that matters most first."""
    views = calendars.views([each.clock for each in _CLOCKS.all(case=case.pk)], at=at)
    order = {"statutory": 1, "promised": 0}
    return sorted(
        views.values(), key=lambda view: (view.state == "stopped", order.get(view.key, 2), -view.id)
    )


_CLOCKS = Statement(lambda case: CaseClock.objects.filter(case=case).select_related("clock"))


def main_clock(clocks: list[Any]) -> Any | None:
    """Return the clock to show large: the first that still runs, otherwise none."""
    return next((clock for clock in clocks if clock.state != "stopped"), None)


def _task_views(actor: Actor, case: Case, tasks: list[processes.TaskView]) -> list[TaskView]:
    if case.instance is None:
        return []
    situation = processes.situation_of(case.instance, tasks)
    waiting = [task for task in tasks if task.state == "open"]
    names = identity.holder_names([task.holder_id for task in waiting])
    return [
        _task_view(actor, task, names.get(task.holder_id, LocalizedText("")), situation) for task in waiting
    ]


def _task_view(
    actor: Actor, task: processes.TaskView, holder: LocalizedText, situation: processes.Situation
) -> TaskView:
    is_mine = task.holder_id in actor.holders
    is_claimed_by_me = task.claimed_by is not None and task.claimed_by in actor.persons
    refusal = None
    if not is_mine:
        refusal = LocalizedText(zh="这一步由“{who}”办", en="This step is handled by “{who}”").format(
            who=holder
        )
    elif task.claimed_by is not None and not is_claimed_by_me:
        refusal = LocalizedText(zh="{who} 已经领取了这一步", en="{who} has taken this step").format(
            who=task.claimed_name
        )
    elif task.waits_for == "before":
        before = [each.claimed_name for each in situation.signers(task, "before")]
        refusal = LocalizedText(zh="先要等 {who} 签完", en="{who} has to sign first").format(
            who="、".join(before)
        )
    elif situation.is_others(actor, task):
        refusal = LocalizedText(
            zh="两名核查人员不能是同一个人，这一步要另一位同事签字",
            en="The two officers must be different people: a colleague has to sign this step",
        )
    return TaskView(
        id=task.id,
        node=task.node,
        name=task.name,
        form=task.form,
        outcomes=sorted(
            (
                OutcomeView(o.key, o.label, o.style, o.opinion, o.form or task.form)
                for o in task.outcomes
                if o.allowed
            ),
            key=lambda outcome: ORDER_OF_STYLES.get(outcome.style, 1),
        ),
        is_mine=is_mine,
        claimed_by=task.claimed_name,
        is_claimed_by_me=is_claimed_by_me,
        holder_label=holder,
        opened_at=task.opened_at,
        refusal=refusal,
        note=task.note,
        asked_name=task.asked_name,
        is_signer=task.is_signer,
    )


def _action_view(actor: Actor, case: Case, action: CaseAction) -> ActionView | None:
    refusal = action.refusal(actor, case)
    if refusal is False:
        return None
    return ActionView(action, refusal if isinstance(refusal, LocalizedText) else None)


def _acts(case: Case, tasks: list[Any], papers: list[Any]) -> list[ActView]:
    """Return the timeline: papers hang on the act that issued them, and the same act in a row stands once, counted."""
    by_task = {task.id: task for task in tasks}
    by_number = {paper.number: paper for paper in papers}
    rows: list[ActView] = []
    for act in ledger.acts_of(case=str(case.ref)):
        if act.verb == "instruments.serve":
            continue
        paper = by_number.get(str(act.facts.get("number"))) if act.verb == "instruments.issue" else None
        if paper is not None and rows:
            rows[-1] = replace(rows[-1], papers=[*rows[-1].papers, paper])
            continue
        row = _act(act, by_task)
        if rows and (row.label, row.who, row.note) == (rows[-1].label, rows[-1].who, rows[-1].note):
            rows[-1] = replace(row, times=rows[-1].times + 1, papers=rows[-1].papers)
        else:
            rows.append(row)
    return rows


TOLD = frozenset({"cases.warn_soon", "cases.warn_overdue", "cases.clocks_resumed"})
"""Acts that are about one of the clocks of the case: the timeline says which."""


def _act(act: ledger.ActRow, by_task: Mapping[int, processes.TaskView]) -> ActView:
    label, note, opinion = act.label, LocalizedText(""), ""
    if act.verb == "cases.complete_task":
        task = by_task.get(act.facts["task"])
        label = LocalizedText.of(act.facts["name"])
        note = LocalizedText.of(act.facts["outcome"])
        opinion = task.opinion if task is not None else ""
    elif act.verb in TOLD:
        note = LocalizedText.of(act.facts.get("clock"))
    elif act.verb == "cases.bring":
        note = LocalizedText(f"{act.facts['source']} {act.facts['old_number']}")
    return ActView(label=label, at=act.at, who=act.who, unit=act.unit, opinion=opinion, note=note, papers=[])


def get_move(
    actor: Actor, number: str, key: str, task_id: int | None, *, at: datetime
) -> tuple[Case, MoveView, processes.TaskView | None]:
    """Return a case, a move on it as the case page shows it, and the task it is about.

    Raises CaseNotFound, also for a move that is not even thought of.
    """
    case = get_case(actor, number)
    tasks = processes.tasks_of(case.instance_id) if case.instance_id else []
    found = moves_of(actor, case, tasks, papers=instruments.papers_of(case.ref), at=at)
    move = next((each for each in found if (each.key, each.task_id) == (key, task_id)), None)
    if move is None:
        raise CaseNotFound
    return case, move, next((task for task in tasks if task.id == task_id), None)
