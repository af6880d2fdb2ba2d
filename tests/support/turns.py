"""What every operation has to keep: a step stands in lists by when its case is due next."""

from __future__ import annotations

from django.db.models import BooleanField, F, Func, OuterRef, Q, Subquery

from tongban.kernel.cases.models import CaseClock
from tongban.kernel.processes.models import Task

__all__ = ["steps_out_of_turn"]


def steps_out_of_turn() -> list[str]:
    """Return the steps in somebody's hands whose turn is not that of the first running clock of their case."""
    running = CaseClock.objects.filter(case__instance=OuterRef("instance_id"), clock__state="running")
    soonest = Subquery(running.order_by("clock__due_at").values("clock__due_at")[:1])
    differs = Func(
        F("turn_at"),
        soonest,
        template="(%(expressions)s)",
        arg_joiner=" IS DISTINCT FROM ",
        output_field=BooleanField(),
    )
    found = Task.objects.filter(Q(differs), state__in=["open", "planned"], owner_kind="case")
    return [
        f"{task.node} of {task.owner_id}: {task.turn_at}, due {task.due}"
        for task in found.annotate(due=soonest)
    ]
