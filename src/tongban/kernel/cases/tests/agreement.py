"""What must agree at every moment: tokens, tasks, timers, jobs, incidents, clocks, access. One look over the rows of one case."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Min

from tongban.kernel.calendars.models import Clock
from tongban.kernel.cases.models import Access, Reading
from tongban.kernel.cases.tests.errand import Errand
from tongban.kernel.identity import service as identity
from tongban.kernel.processes.engine import State
from tongban.kernel.processes.graph import Graph, Kind
from tongban.kernel.processes.joins import deadlocked
from tongban.kernel.processes.models import Incident, Instance, Job, Task, Timer
from tongban.kernel.processes.operations.binding import graph_of
from tongban.kernel.processes.statespace import Places
from tongban.kernel.processes.tests.reaching import can_end

__all__ = ["agree", "look"]

WAITING = ("waiting", "failed")
"""A timer or a job that its token still waits for: it is to come, or somebody has to put it right."""


class Look(NamedTuple):
    """Everything about one instance at one moment."""

    instance: Instance
    graph: Graph
    state: State
    tasks: list[Task]
    timers: set[tuple[int, str]]
    jobs: list[Job]

    def main(self, token: int) -> list[Task]:
        return [task for task in self.tasks if task.token == token and task.role == Task.MAIN]


def look(errand: Errand) -> Look:
    """Read the rows."""
    instance = errand.instance
    timers = Timer.objects.filter(instance=instance, state__in=WAITING).values_list("token", "node")
    return Look(
        instance,
        graph_of(instance.definition_id),
        State.of(instance.state),
        list(instance.tasks.order_by("pk")),
        set(timers),
        list(instance.jobs.filter(state__in=WAITING)),
    )


def agree(errand: Errand) -> Look:
    """Check that everything agrees."""
    seen = look(errand)
    tokens_are_right(seen)
    every_token_has_its_row(seen)
    every_row_has_its_token(seen)
    signers_stand_by_their_step(seen)
    clocks_run_for_open_steps(seen)
    steps_stand_by_when_the_case_is_due(errand, seen)
    who_has_a_step_may_see_the_case(errand, seen)
    return seen


def tokens_are_right(seen: Look) -> None:
    """No place has two, no join waits in vain, and there is a way to the end."""
    assert (seen.instance.status == Instance.ACTIVE) == bool(seen.state.tokens)
    places = Places(seen.graph)
    assert places.doubled(places.key(seen.state)) is None
    scopes = {token.scope for token in seen.state.tokens.values()}
    assert not deadlocked(seen.graph, seen.state.tokens, scopes)
    assert can_end(seen.graph, seen.state)


def every_token_has_its_row(seen: Look) -> None:
    """No task, timer or job is lost."""
    for number, token in seen.state.tokens.items():
        node = seen.graph.nodes[token.node]
        is_host = node.repeat is not None and token.index < 0
        jobs = [job for job in seen.jobs if (job.token, job.node) == (number, node.id)]
        if node.kind is Kind.USER and not is_host:
            (task,) = seen.main(number)
            assert task.node == node.id
            assert task.state == Task.OPEN or (task.state == Task.DONE and task.waits_for == Task.AFTER)
        elif node.kind is Kind.SERVICE:
            assert len(jobs) == 1, (number, node.id)
        elif node.kind is Kind.TIMER:
            assert (number, node.id) in seen.timers
        if token.index < 0:
            is_open = node.kind is not Kind.USER or is_host or seen.main(number)[0].state == Task.OPEN
            for timer in node.timers:
                assert timer in token.fired or not is_open or (number, timer) in seen.timers, timer


def every_row_has_its_token(seen: Look) -> None:
    """No task, timer or job is left over or doubled."""
    tokens = seen.state.tokens
    for task in seen.tasks:
        if task.role == Task.MAIN and task.state == Task.OPEN:
            assert task.token in tokens and tokens[task.token].node == task.node
            assert len(seen.main(task.token)) == 1
    hosts = {(n, timer) for n, token in tokens.items() for timer in seen.graph.nodes[token.node].timers}
    assert seen.timers <= hosts | {(n, token.node) for n, token in tokens.items()}
    assert {job.token for job in seen.jobs} <= set(tokens)
    open_incidents = Incident.objects.filter(job__instance=seen.instance, resolved_at__isnull=True)
    assert sorted(open_incidents.values_list("job", flat=True)) == sorted(
        job.pk for job in seen.jobs if job.state == Job.FAILED
    )


def signers_stand_by_their_step(seen: Look) -> None:
    """Who was asked can answer, and a step waits for nobody who has answered."""
    by_id = {task.pk: task for task in seen.tasks}
    for task in seen.tasks:
        if task.role != Task.MAIN and task.state in (Task.OPEN, Task.PLANNED):
            main = by_id[task.main_id]
            asked_after_it = task.role == Task.AFTER and task.state == Task.OPEN
            assert main.state == (Task.DONE if asked_after_it else Task.OPEN)
            assert main.waits_for
        if task.role == Task.MAIN and task.state == Task.OPEN:
            waiting = {
                t.role for t in seen.tasks if t.main_id == task.pk and t.state in (Task.OPEN, Task.PLANNED)
            }
            assert bool(task.waits_for) == bool(waiting)
            assert not task.waits_for or task.waits_for in waiting


def clocks_run_for_open_steps(seen: Look) -> None:
    """The clock of a step runs exactly while the step is open."""
    clocks = {
        clock.pk: clock
        for clock in Clock.objects.filter(pk__in=[t.clock_id for t in seen.tasks if t.clock_id])
    }
    for task in seen.tasks:
        needs_one = task.role == Task.MAIN and bool(seen.graph.nodes[task.node].limit)
        assert bool(task.clock_id) == needs_one
        if task.clock_id:
            assert (clocks[task.clock_id].state == "running") == (task.state == Task.OPEN)


def steps_stand_by_when_the_case_is_due(errand: Errand, seen: Look) -> None:
    """Whoever has a step finds it in the list where the first running clock of the case puts it."""
    running = Clock.objects.filter(owner_kind="case", owner_id=str(errand.case.pk), state="running")
    soonest = running.aggregate(soonest=Min("due_at"))["soonest"]
    assert {t.turn_at for t in seen.tasks if t.state in (Task.OPEN, Task.PLANNED)} <= {soonest}


def who_has_a_step_may_see_the_case(errand: Errand, seen: Look) -> None:
    """Holders of steps are let in, colleagues who were asked too, nobody else; the party stays."""
    access: dict[str, set[int]] = {"party": set(), "handle": set(), "view": set()}
    for right, holder in Access.objects.filter(case=errand.case).values_list("right", "holder"):
        access[right].add(holder)
    window = identity.holder_id("duty", f"{errand.world.unit}:services.window")
    asked = {identity.holder_id("post", str(post)) for post in errand.asked}
    holders = {task.holder_id for task in seen.tasks if task.state in (Task.OPEN, Task.PLANNED)}
    assert holders <= access["handle"] <= {window} | asked
    readers = set(Reading.objects.filter(case=errand.case).values_list("holder", flat=True))
    assert readers <= access["view"] <= asked, (
        "a reading that was handed over leaves its first reader the right to look"
    )
    assert identity.holder_id("person", errand.world.citizen.person_id) in access["party"]
    assert len(access["party"]) == 2, "the party, and the query code"
