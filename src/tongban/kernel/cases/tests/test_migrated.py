"""A running case is moved to a corrected version of its process: it knows of the clocks and lets the new holder in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tongban.kernel.cases.models import Access, CaseClock
from tongban.kernel.cases.tests import errand as errands
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.models import Task
from tongban.kernel.processes.tests import world as worlds
from tongban.kernel.processes.tests.drawn import chain, end, process, start, user
from tongban.kernel.processes.tests.world import AT, SYSTEM

pytestmark = pytest.mark.django_db


def drawing(**more: str) -> Any:
    return SimpleNamespace(
        xml=lambda key: process(start(), user("look", **more), end(), chain("start", "look", "end"), key=key)
    )


def migrated(world: worlds.World, before: Any, after: Any) -> tuple[errands.Errand, Task]:
    """Return a case that was begun by one drawing and moved to the other."""
    errand = errands.begin(world, before, "p", AT)
    processes.publish(actor=SYSTEM, key="p", xml=after.xml("p"), at=AT)
    processes.migrate_instance(
        actor=world.admin, instance_id=errand.instance.pk, version=2, reason="更正", at=AT
    )
    return errand, Task.objects.select_related("clock").get(instance=errand.instance)


def test_another_holder_sees_the_case_and_the_step_keeps_its_clock() -> None:
    world = worlds.build()
    errand, task = migrated(
        world, drawing(_limit="5wd"), drawing(_limit="5wd", holder="duty:services.decide@unit")
    )
    chief = identity.holder_id("duty", f"{world.unit}:services.decide")
    assert task.holder_id == chief
    assert Access.objects.filter(case=errand.case, holder=chief, right="handle").exists()
    assert [tie.clock_id for tie in CaseClock.objects.filter(case=errand.case)] == [task.clock_id]
    assert task.clock is not None and task.clock.state == "running"


def test_the_case_knows_of_the_clock_of_a_new_limit() -> None:
    world = worlds.build()
    errand, task = migrated(world, drawing(_limit="5wd"), drawing(_limit="10wd"))
    ties = CaseClock.objects.filter(case=errand.case, role="step").order_by("pk").select_related("clock")
    assert [(tie.clock.limit_value, tie.clock.state) for tie in ties] == [(5, "stopped"), (10, "running")]
    assert task.clock_id == ties[1].clock_id
