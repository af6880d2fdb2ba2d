"""A move and a completion, or two moves, at the same moment on two connections: one happens, the other is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tongban.base.errors import TongbanError
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.models import Instance, Task
from tongban.kernel.processes.tests import world as worlds
from tongban.kernel.processes.tests.drawn import boundary, chain, end, par, process, start, user
from tongban.kernel.processes.tests.test_at_the_same_time import at_once
from tongban.kernel.processes.tests.test_office_moves import do, opened, post_of
from tongban.kernel.processes.tests.world import AT, publish
from tongban.kernel.processes.tests.world import start as begin

pytestmark = pytest.mark.django_db(transaction=True)
TRIES = 5


@pytest.fixture
def world(transactional_db: None) -> worlds.World:
    return worlds.build()


def one_wins(*acts: object) -> list[object]:
    results = at_once(*acts)  # type: ignore[arg-type]
    refused = [result for result in results if isinstance(result, Exception)]
    assert all(isinstance(error, TongbanError) for error in refused), refused
    assert len(refused) == len(results) - 1
    return results


def agrees(instance_id: object) -> None:
    """Every resting token of a person has one open task, and no other is open."""
    state = Instance.objects.get(pk=instance_id).state
    tokens = {int(number) for number, token in state["tokens"].items() if token[0] != "join"}
    rows = Task.objects.filter(instance=instance_id, state="open", role="main").values_list(
        "token", flat=True
    )
    assert sorted(rows) == sorted(tokens)


def test_taking_back_and_going_on_at_once(world: worlds.World) -> None:
    publish(process(start(), user("a"), user("b"), user("c"), end(), chain("start", "a", "b", "c", "end")))
    for _ in range(TRIES):
        [a] = begin(world).opened
        do(world.clerk, a)
        b = opened(a.instance_id)["b"]
        one_wins(
            lambda a=a: processes.withdraw(actor=world.clerk, task_id=a.id, reason="写错了", at=AT),
            lambda b=b: do(world.other_clerk, b),
        )
        agrees(a.instance_id)


def test_sending_back_and_finishing_the_sibling_at_once(world: worlds.World) -> None:
    """Before the split or through the join: either way nothing of the sibling is lost or doubled."""
    publish(
        process(
            start(), user("t"), par("split"), user("a"), user("b"), par("join"), user("c"), end(),
            chain("start", "t", "split", "a", "join", "c", "end"), chain("split", "b", "join"),
        )
    )  # fmt: skip
    for _ in range(TRIES):
        [t] = begin(world).opened
        do(world.clerk, t)
        now = opened(t.instance_id)
        at_once(
            lambda now=now: processes.return_to(
                actor=world.clerk, task_id=now["a"].id, to_node="t", reason="重来", at=AT
            ),
            lambda now=now: do(world.other_clerk, now["b"]),
        )
        assert list(opened(t.instance_id)) == ["t"]
        agrees(t.instance_id)


def test_two_give_a_step_away_at_once(world: worlds.World) -> None:
    publish(process(start(), user("a"), end(), chain("start", "a", "end")))
    for _ in range(TRIES):
        [a] = begin(world).opened

        def give(actor, to, a=a):
            return lambda: processes.transfer(actor=actor, task_id=a.id, reason="出差", at=AT, **post_of(to))

        one_wins(give(world.clerk, world.chief), give(world.other_clerk, world.chief))
        assert processes.get_task(a.id).claimed_name == "周局"


def test_a_signer_answers_while_the_step_is_taken_back(world: worlds.World) -> None:
    """Taken back first, the signer has nothing to answer; answered first, the next step is there and is taken back too."""
    publish(process(start(), user("a"), user("b"), end(), chain("start", "a", "b", "end")))
    for _ in range(TRIES):
        [a] = begin(world).opened
        signer = processes.add_signer(
            actor=world.clerk, task_id=a.id, place="after", reason="请把关", at=AT, **post_of(world.chief)
        )
        do(world.clerk, a)
        at_once(
            lambda a=a: processes.withdraw(actor=world.clerk, task_id=a.id, reason="还要改", at=AT),
            lambda signer=signer: do(world.chief, signer, "agree"),
        )
        assert list(opened(a.instance_id)) in (["a"], ["b"])
        agrees(a.instance_id)


def test_a_timer_fires_while_the_step_is_sent_back(world: worlds.World) -> None:
    publish(
        process(
            start(), user("a"), user("b"), boundary("late", "b", "1d"), user("c"), end(),
            chain("start", "a", "b", "end"), chain("late", "c", "end"),
        )
    )  # fmt: skip
    for _ in range(TRIES):
        [a] = begin(world).opened
        do(world.clerk, a)
        b = opened(a.instance_id)["b"]
        at_once(
            lambda b=b: processes.return_to(
                actor=world.clerk, task_id=b.id, to_node="a", reason="重来", at=AT
            ),
            lambda: processes.fire_due_timers(at=AT + timedelta(days=30)),
        )
        assert list(opened(a.instance_id)) in (["a"], ["c"])
        agrees(a.instance_id)
