"""What the citizen sees of a case: the road, the clock, the papers, what comes next."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from tongban.base.context import note
from tongban.base.text import LocalizedText
from tongban.kernel.cases import rules
from tongban.kernel.cases.errors import CaseNotFound, WrongCode
from tongban.kernel.cases.kinds import kind_of
from tongban.kernel.cases.models import Case
from tongban.kernel.cases.policies import is_party_task
from tongban.kernel.cases.queries.case import clocks_of_case, main_clock
from tongban.kernel.instruments import service as instruments
from tongban.kernel.processes import service as processes

PUBLIC_CLOCKS = frozenset({"statutory", "promised", "acceptance", "correction", "answer"})
"""The clocks that a citizen is told of; step clocks inside the office are not hers."""

__all__ = ["Progress", "RoadStep", "find_by_code", "find_by_number", "progress_of"]


@dataclass(frozen=True, slots=True)
class RoadStep:
    """A stage of the road: behind, now or ahead."""

    label: LocalizedText
    hint: LocalizedText
    status: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """The citizen's view of a case. Names of officials and opinions are not in it."""

    case: Case
    number: str
    title: LocalizedText
    kind_label: LocalizedText
    state_label: LocalizedText
    tone: str
    is_final: bool
    road: list[RoadStep]
    clock: Any | None
    clocks: list[Any]
    past_clocks: list[Any]
    papers: list[Any]
    tasks: list[Any]

    @property
    def done_first(self) -> list[RoadStep]:
        """Return the road newest first, without what is still ahead: how it came to where it is."""
        return [step for step in reversed(self.road) if step.status != "ahead"]


def find_by_code(number: str, code: str) -> Case:
    """Return the case that number and query code belong to. Raises WrongCode, the same for either being wrong."""
    number = number.strip().upper()
    case = Case.objects.select_related("unit").filter(number=number).first()
    digest = rules.code_digest(settings.SECRET_KEY, number, code)
    if not hmac.compare_digest(digest, case.code_digest if case else "-" * 64) or case is None:
        raise WrongCode
    note(case=case.number)
    return case


def find_by_number(number: str) -> Case:
    """Return a case by number without asking a policy; the caller must. Raises CaseNotFound."""
    case = Case.objects.select_related("unit", "entry").filter(number=number.strip().upper()).first()
    if case is None:
        raise CaseNotFound
    note(case=case.number)
    return case


def progress_of(case: Case, *, at: datetime) -> Progress:
    """Gather the progress of a case for somebody who may see it (a party, or who showed the code)."""
    kind = kind_of(case)
    state = kind.state(case.state)
    changes = list(case.changes.order_by("at", "pk").values_list("state", "at"))
    stages = {stage.key: stage for stage in kind.stages}
    road = [
        RoadStep(stages[view.key].called(is_again=view.is_again), stages[view.key].hint, view.status, view.at)
        for view in rules.stages_reached(
            kind.stages, changes, is_final=state.is_final, optional=kind.optional_stages
        )
    ]
    clocks = [view for view in clocks_of_case(case, at=at) if view.key in PUBLIC_CLOCKS]
    tasks = []
    if case.instance_id:
        waiting = [t for t in processes.tasks_of(case.instance_id) if t.state == "open"]
        tasks = [t for t in waiting if is_party_task(case, t.holder_id)]
    return Progress(
        case=case,
        number=case.number or "",
        title=case.title,
        kind_label=kind.label,
        state_label=state.public,
        tone=state.tone,
        is_final=state.is_final,
        road=road,
        clock=main_clock(clocks),
        clocks=[view for view in clocks if view.state != "stopped"],
        past_clocks=[view for view in clocks if view.state == "stopped"],
        papers=instruments.papers_of(case.ref),
        tasks=tasks,
    )
