"""The look that the stateful proof takes after every step: whatever does not agree is seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tongban.kernel.calendars.models import Clock
from tongban.kernel.cases.models import Access
from tongban.kernel.cases.tests import errand as errands
from tongban.kernel.cases.tests.agreement import agree
from tongban.kernel.cases.tests.errand import Errand
from tongban.kernel.identity import service as identity
from tongban.kernel.processes.models import Instance, Job, Task, Timer
from tongban.kernel.processes.tests import world as worlds
from tongban.kernel.processes.tests.generated import Block, draw
from tongban.kernel.processes.tests.world import AT


@pytest.fixture
def errand(db: None) -> Errand:
    drawing = draw(Block("par", (Block("limited"), Block("job"), Block("wait"))))
    drawing.limit, drawing.job = "5wd", errands.JOB
    return errands.begin(worlds.build(), drawing, "p", AT)


def lose_a_token(errand: Errand) -> None:
    instance = errand.instance
    del instance.state["tokens"][min(instance.state["tokens"])]
    instance.save()


def double_a_token(errand: Errand) -> None:
    instance = errand.instance
    tokens = instance.state["tokens"]
    tokens["99"] = tokens[min(tokens)]
    instance.save()


def bring_a_token_to_the_join(errand: Errand) -> None:
    """All that is left waits there."""
    instance = errand.instance
    graph_flow = next(iter(instance.state["taken"]))
    instance.state["tokens"] = {"99": ["p2", graph_flow]}
    instance.save()


def open_a_task_for_nobody(errand: Errand) -> None:
    task = Task.objects.get(state="open")
    task.pk, task.token, task.clock = None, 99, None
    task.save()


def stop_the_clock(errand: Errand) -> None:
    Clock.objects.filter(key="step").update(state="stopped", stopped_at=AT)


def let_a_stranger_in(errand: Errand) -> None:
    holder = identity.holder_id("unit", str(errand.world.unit))
    Access.objects.create(case=errand.case, holder_id=holder, right="handle", since=AT)


BREAK: dict[str, Callable[[Errand], object]] = {
    "a token is lost": lose_a_token,
    "a token is doubled": double_a_token,
    "a join waits in vain": bring_a_token_to_the_join,
    "a task is lost": lambda errand: Task.objects.update(state="cancelled"),
    "a task is doubled": open_a_task_for_nobody,
    "a job is lost": lambda errand: Job.objects.update(state="done"),
    "a timer is lost": lambda errand: Timer.objects.all().delete(),
    "a timer is left over": lambda errand: Timer.objects.update(token=99),
    "a failed job without an incident": lambda errand: Job.objects.update(state="failed"),
    "an instance that ended with work left": lambda errand: Instance.objects.update(
        status="ended", ended_at=AT
    ),
    "a clock that stopped too early": stop_the_clock,
    "a step that stands elsewhere in the list": lambda errand: Task.objects.update(turn_at=AT),
    "the holder of a step who may not see": lambda errand: Access.objects.filter(right="handle").delete(),
    "somebody who may see and should not": let_a_stranger_in,
    "a party who may not see": lambda errand: Access.objects.filter(right="party").delete(),
}


def test_what_agrees_is_left_in_peace(errand: Errand) -> None:
    agree(errand)


@pytest.mark.parametrize("what", BREAK)
def test_what_does_not_agree_is_seen(what: str, errand: Errand) -> None:
    BREAK[what](errand)
    with pytest.raises((AssertionError, ValueError)):
        agree(errand)
