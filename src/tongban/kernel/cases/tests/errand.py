"""A case whose process is any drawing, and everything that people and the machine may try to do with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.kinds import kinds
from tongban.kernel.cases.models import Case
from tongban.kernel.cases.operations.hand_over import ADMINISTER
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.models import Account, Delegation, Holding
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.models import Instance, Job, Task
from tongban.kernel.processes.registry import operations
from tongban.kernel.processes.tests.generated import Drawing
from tongban.kernel.processes.tests.world import SYSTEM, World

__all__ = ["ACTS", "JOB", "Errand", "Nothing", "begin", "forget"]

JOB = "errand.post"
failing: set[str] = set()
"""Instances whose jobs fail at the moment."""


class Nothing(Exception):
    """There is nothing now with which this could be tried."""


def _post(context: processes.OperationContext) -> dict[str, str]:
    if str(context.instance_id) in failing:
        raise RuntimeError("the printer is on fire")
    return {"posted": context.node}


def register() -> None:
    """Make the kind and its operation known, once."""
    if JOB not in operations:
        processes.operation(JOB, pure_db=False)(_post)
    if "errand" not in {kind.key for kind in kinds}:
        done = cases.State(LocalizedText("办结", "Done"), LocalizedText("办结", "Done"), is_final=True)
        open_ = cases.State(LocalizedText("在办", "Open"), LocalizedText("在办", "Open"))
        states = {"draft": open_, "submitted": open_, "closed": done}
        cases.register_kind(
            cases.CaseKind("errand", LocalizedText("差事", "Errand"), "CS", "file", states, stages=())
        )


@dataclass
class Errand:
    """One such case, who may come near it, and what has been tried so far."""

    world: World
    case: Case
    tried: list[str] = field(default_factory=list)
    asked: set[int] = field(default_factory=set)

    @property
    def administrator(self) -> Actor:
        """Who may hand over: the test's administrator, with that duty too."""
        return replace(self.world.admin, duties=self.world.admin.duties | {ADMINISTER})

    @property
    def instance(self) -> Instance:
        return Instance.objects.get(pk=self.case.instance_id)

    def task(self, n: int, *states: str) -> Task:
        """Return one of the tasks in these states. Raises Nothing."""
        return _one_of(
            Task.objects.filter(instance=self.case.instance_id, state__in=states).order_by("pk"), n
        )

    def who(self, n: int, task: Task | None = None) -> Actor:
        """Return who acts: mostly one who may do the task, now and then somebody else."""
        people = [self.world.clerk, self.world.other_clerk, self.world.chief]
        if task is not None and n % 4:
            person = task.claimed_by if task.state == Task.OPEN else task.completed_by
            able = [
                one for one in people if task.holder_id in one.holders and person in (None, one.person_id)
            ]
            people = able or people
        return people[n // 4 % len(people)]

    def key_of(self, n: int) -> str:
        """Return the key of a colleague."""
        holding = Holding.objects.get(person_id=self.who(n).person_id)
        return f"{holding.post_id}:{holding.person_id}"


def begin(world: World, drawing: Drawing, key: str, at: datetime) -> Errand:
    """Publish a drawing and submit a case that it leads."""
    register()
    processes.publish(actor=SYSTEM, key=key, xml=drawing.xml(key), at=at)
    case = cases.open_case(
        actor=world.citizen,
        kind="errand",
        title=LocalizedText("差事", "Errand"),
        subject=Ref("errand", key),
        unit_id=world.unit,
        parties=[cases.NewParty("applicant", "李秀英", world.citizen.person_id)],
        at=at,
    )
    case, _ = cases.submit_case(
        actor=world.citizen,
        case_id=case.pk,
        definition_key=key,
        vars={"pick": 0, "people": ["王", "李"]},
        at=at,
    )
    return Errand(world, case)


def forget() -> None:
    """Nobody stands in for anybody yet: another run begins, at an earlier hour."""
    Delegation.objects.all().delete()


# What may be tried. Each takes any number and makes of it what can be done now, or nothing; what is refused raises.

Act = Callable[[Errand, int, datetime], object]


def complete(errand: Errand, n: int, at: datetime) -> None:
    task = errand.task(n // 5, Task.OPEN)
    outcome: dict[str, Any] = task.outcomes[n // 7 % len(task.outcomes)]
    cases.complete_task(
        actor=errand.who(n, task), task_id=task.pk, outcome=outcome["key"], opinion="看过", at=at
    )


def claim(errand: Errand, n: int, at: datetime) -> None:
    task = errand.task(n // 5, Task.OPEN)
    cases.claim_task(actor=errand.who(n, task), task_id=task.pk, at=at)


def release(errand: Errand, n: int, at: datetime) -> None:
    task = errand.task(n // 5, Task.OPEN)
    cases.release_task(actor=errand.who(n, task), task_id=task.pk, at=at)


def send_back(errand: Errand, n: int, at: datetime) -> None:
    task, to = errand.task(n // 5, Task.OPEN), errand.task(n // 11, Task.DONE)
    cases.return_to(actor=errand.who(n, task), task_id=task.pk, to_node=to.node, reason="少一页", at=at)


def take_back(errand: Errand, n: int, at: datetime) -> None:
    task = errand.task(-1 - n // 5 % 2, Task.DONE)
    cases.withdraw(actor=errand.who(n, task), task_id=task.pk, reason="写错了", at=at)


def add_signer(errand: Errand, n: int, at: datetime) -> None:
    task = errand.task(n // 5, Task.OPEN)
    to = errand.key_of(n // 3)
    errand.asked.add(int(to.partition(":")[0]))
    place = ("before", "beside", "after")[n // 13 % 3]
    cases.add_signer(actor=errand.who(n, task), task_id=task.pk, place=place, to=to, reason="请看", at=at)


def transfer(errand: Errand, n: int, at: datetime) -> None:
    task = errand.task(n // 5, Task.OPEN)
    to = errand.key_of(n // 3)
    errand.asked.add(int(to.partition(":")[0]))
    cases.transfer(actor=errand.who(n, task), task_id=task.pk, to=to, reason="出差", at=at)


def urge(errand: Errand, n: int, at: datetime) -> None:
    task = errand.task(n // 5, Task.OPEN)
    cases.urge(actor=errand.who(n), task_id=task.pk, reason="", at=at)


def circulate(errand: Errand, n: int, at: datetime) -> None:
    to = errand.key_of(n // 3)
    errand.asked.add(int(to.partition(":")[0]))
    cases.circulate(actor=errand.who(n), case_id=errand.case.pk, to=[to], reason="知悉", at=at)


def read(errand: Errand, n: int, at: datetime) -> None:
    cases.mark_read(actor=errand.who(n), case_id=errand.case.pk, at=at)


def hand_over(errand: Errand, n: int, at: datetime) -> None:
    """Somebody leaves; all that is in their hands goes to a colleague. (The appointment stays, so the run goes on.)"""
    leaving, to = errand.key_of(n), errand.key_of(n // 3)
    errand.asked.add(int(to.partition(":")[0]))
    cases.hand_over(actor=errand.administrator, person=leaving, to=to, reason="调走", at=at)


def delegate(errand: Errand, n: int, at: datetime) -> None:
    """Somebody is away for a week; a colleague stands in."""
    until = at + timedelta(days=7)
    cases.delegate(actor=errand.who(n), to=errand.key_of(n // 3), since=at, until=until, reason="出差", at=at)


def stand_in(errand: Errand, n: int, at: datetime) -> None:
    """A delegate does a step of the one who is away, claimed or not."""
    lent = _one_of(Delegation.objects.filter(since__lte=at, until__gt=at).order_by("pk"), n // 3)
    delegate = identity.actor_for(Account.objects.get(person_id=lent.to_person_id), at=at, channel="desk")
    theirs = Task.objects.filter(
        instance=errand.case.instance_id,
        state=Task.OPEN,
        holder_id__in=frozenset().union(*(each.holders for each in delegate.stands_in)),
    )
    task = _one_of(theirs.order_by("pk"), n // 5)
    outcome = task.outcomes[n // 7 % len(task.outcomes)]["key"]
    cases.complete_task(actor=delegate, task_id=task.pk, outcome=outcome, opinion="代办", at=at)


def decide(errand: Errand, n: int, at: datetime) -> None:
    """Change what the gateways go by."""
    processes.set_vars(instance_id=errand.instance.pk, values={"pick": n % 3}, at=at)


def tick(errand: Errand, n: int, at: datetime) -> None:
    processes.fire_due_timers(at=at)


def work(errand: Errand, n: int, at: datetime) -> None:
    processes.run_due_jobs(at=at)


def break_down(errand: Errand, n: int, at: datetime) -> None:
    """Let a worker be at the case's jobs while the machine behind them is broken."""
    _one_of(Job.objects.filter(instance=errand.case.instance_id, state=Job.WAITING, next_at__lte=at), n)
    failing.add(str(errand.case.instance_id))
    try:
        processes.run_due_jobs(at=at)
    finally:
        failing.discard(str(errand.case.instance_id))


def put_right(errand: Errand, n: int, at: datetime) -> None:
    """Retry or skip what has given up."""
    failed = Job.objects.filter(instance=errand.case.instance_id, state=Job.FAILED)
    go_on = (processes.retry_job, processes.skip_job)[n // 5 % 2]
    go_on(actor=errand.world.admin, job_id=_one_of(failed.order_by("pk"), n).pk, reason="修好了", at=at)


def terminate(errand: Errand, n: int, at: datetime) -> None:
    with transaction.atomic():
        cases.locked_case(errand.case.ref)
        processes.terminate(instance_id=errand.instance.pk, actor=errand.world.chief, reason="撤销", at=at)


ACTS: Sequence[Act] = (
    *[complete] * 8,
    *[claim, release, take_back, tick, work, decide] * 2,
    *[send_back, add_signer, transfer, stand_in, break_down, put_right] * 2,
    *[urge, circulate, read, hand_over, delegate],
)
"""What is tried, as often as it stands here. ``terminate`` comes at the end of a run."""


def _one_of(rows: Iterable[Any], n: int) -> Any:
    found = list(rows)
    if not found:
        raise Nothing
    return found[n % len(found)]
