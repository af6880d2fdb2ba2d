"""Any process, any order of work, two database connections acting at once: what must agree does so after every step.

A step lets two people (or a person and the machine) try something at the same moment, each through a connection of their
own. Each is done or is refused with a reason; anything else (a deadlock, a broken constraint) fails. Afterwards
``agreement`` looks over everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from random import Random
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.support.campaign import figure, is_whole, size
from tongban.base.errors import TongbanError
from tongban.kernel.cases.tests import errand as errands
from tongban.kernel.cases.tests.agreement import agree
from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.models import Instance
from tongban.kernel.processes.operations import jobs
from tongban.kernel.processes.soundness import Sound, judge
from tongban.kernel.processes.tests import generated
from tongban.kernel.processes.tests import world as worlds
from tongban.kernel.processes.tests.generated import by_data, draw
from tongban.kernel.processes.tests.world import AT

pytestmark = pytest.mark.django_db(transaction=True)

RUNS, STEPS = size(10, 220), size(20, 52)
"""Hypothesis ends some runs early and counts the beginning as a step: at full size more than 200 times 50 are left."""
ATTEMPTS = 1
"""After so many a job gives up here. With all five and their pauses, next to nothing ever did within a run."""
LEAVES = ("task", "task", "job", *generated.LEAVES)
numbers = st.integers(0, 2**24)
pauses = st.sampled_from([0, 0, 1, 1, 5, 24, 24 * 3])


class AnyOrder(RuleBasedStateMachine):
    """Case after case, each to its end. Hypothesis draws numbers; what they mean depends on what is there."""

    world: worlds.World
    pool: ThreadPoolExecutor
    keys: Iterator[int]
    counted: Counter[str]

    @initialize(seed=numbers)
    def begin(self, seed: int) -> None:
        self.random = Random(seed)
        self.at = AT
        self.log: list[str] = []
        errands.forget()
        self.next_case()
        self.counted["runs"] += 1

    def next_case(self) -> None:
        """Begin another case of another process."""
        drawing = draw(self.small_block(), wrap_rounds=self.random.random() < 0.5)
        by_data(drawing)
        drawing.limit, drawing.job = self.random.choice(["", "5wd"]), errands.JOB
        self.errand = errands.begin(self.world, drawing, f"p{next(self.keys)}", self.at)
        self.counted["cases"] += 1

    def small_block(self) -> generated.Block:
        """Return a block that is judged sound at once, also on a busy machine."""
        while True:
            depth = self.random.choice([2, 3])
            block = generated.grow(self.random, depth=depth, kinds=generated.WIDE, leaves=LEAVES)
            if isinstance(judge(parse(draw(block).xml()), max_states=500), Sound):
                self.log.append(f"case of {block}")
                return block

    @rule(first=numbers, second=numbers, same=st.booleans(), hours=pauses)
    def two_try_at_once(self, first: int, second: int, same: bool, hours: int) -> None:
        self.next_case_after_the_end()
        self.at += timedelta(hours=hours)
        barrier = Barrier(2)
        acts = [errands.ACTS[first % len(errands.ACTS)], errands.ACTS[second % len(errands.ACTS)]]
        if same:
            acts[1] = acts[0]
        tries = zip(acts, (first, second), strict=True)
        done = [self.pool.submit(self.attempt, act, number, self.at, barrier) for act, number in tries]
        self.remember([future.result(60) for future in done])

    @rule(number=numbers, hours=pauses)
    def one_tries(self, number: int, hours: int) -> None:
        self.next_case_after_the_end()
        self.at += timedelta(hours=hours)
        act = errands.ACTS[number % len(errands.ACTS)]
        self.remember([self.attempt(act, number // 32, self.at)])

    def next_case_after_the_end(self) -> None:
        if self.errand.instance.status != Instance.ACTIVE:
            self.next_case()

    def attempt(self, act: errands.Act, number: int, at: datetime, barrier: Barrier | None = None) -> str:
        if barrier is not None:
            barrier.wait(30)
        try:
            act(self.errand, number, at)
        except errands.Nothing:
            return f"{act.__name__}: nothing to try"
        except TongbanError as refusal:
            return f"{act.__name__}: refused: {refusal.code} {refusal.data.get('why', '')}"
        return f"{act.__name__}: done"

    def remember(self, told: list[str]) -> None:
        self.log.append(" | ".join(told))
        self.counted["steps"] += 1
        for each in told:
            self.counted[each.partition(":")[0] + (" done" if each.endswith(": done") else " tried")] += 1

    @invariant()
    def everything_agrees(self) -> None:
        if not hasattr(self, "errand"):
            return
        try:
            agree(self.errand)
        except AssertionError:
            note("\n".join(self.log))
            raise

    def teardown(self) -> None:
        """Every case comes to its end: worked through, or cut short."""
        if not hasattr(self, "errand"):
            return
        if self.at.day % 3 == 0:
            self.attempt(errands.terminate, 0, self.at)
        self.work_through(Random(len(self.log)))
        assert agree(self.errand).instance.status != Instance.ACTIVE, "\n".join(self.log)

    def work_through(self, random: Random) -> None:
        for _ in range(200):
            if self.errand.instance.status != Instance.ACTIVE:
                return
            self.at += timedelta(days=1)
            for act in (errands.decide, errands.put_right, errands.work, errands.tick):
                self.attempt(act, random.randrange(2**24), self.at)
            for number in range(3):
                self.attempt(errands.complete, 4 * random.randrange(2**20) + number, self.at)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Two workers with a database connection each."""
    with ThreadPoolExecutor(2) as pool:
        yield pool
        barrier = Barrier(2)

        def leave() -> None:
            barrier.wait(30)
            connections.close_all()

        for future in [pool.submit(leave) for _ in range(2)]:
            future.result(60)


@pytest.mark.campaign
def test_whatever_is_tried_at_once_everything_agrees_afterwards(
    transactional_db: None, pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MAX_ATTEMPTS", ATTEMPTS)
    AnyOrder.world, AnyOrder.pool = worlds.build(), pool
    AnyOrder.keys, AnyOrder.counted = count(1), Counter()
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        AnyOrder,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    counted = AnyOrder.counted
    for act in [act.__name__ for act in errands.ACTS] if is_whole() else ["complete"]:
        assert counted[f"{act} done"], f"{act} was never possible: {counted}"
    assert not is_whole() or (counted["runs"] >= 200 and counted["steps"] >= 200 * 50)
    figure("runs of two connections in any order", counted["runs"], "runs")
    figure("cases worked on in them", counted["cases"], "cases")
    figure("steps, mostly of two at once", counted["steps"], "steps")
    figure("acts done", sum(n for name, n in counted.items() if name.endswith(" done")), "acts")
