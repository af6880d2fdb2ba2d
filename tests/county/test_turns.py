"""A step stands in its list by when its case is due next, whatever moves the clocks."""

from __future__ import annotations

from procrastinate.contrib.django.models import ProcrastinateJob

from tests.support.county import County
from tests.support.turns import steps_out_of_turn
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.kernel.calendars import service as calendars
from tongban.kernel.calendars import tasks
from tongban.kernel.cases import service as cases
from tongban.kernel.processes.models import Task

HOLIDAY = LocalizedText("临时放假", "Extra holiday")


def test_a_step_follows_the_clock_of_its_case_when_the_calendar_changes(county: County) -> None:
    came = []
    for day in ("2026-06-01", "2026-06-03"):
        county.go_to(day)
        came.append(county.submit("rep"))
    first, second = (Task.objects.get(instance=case.instance_id, state="open") for case in came)
    assert first.turn_at is not None and second.turn_at is not None
    change = calendars.set_day(
        day=second.turn_at.date(),
        kind="off",
        name=HOLIDAY,
        reason="县政府令",
        actor=Actor.system("test"),
        at=county.now,
    )
    calendars.run_recompute(change_id=change.pk, at=county.now)
    assert len(steps_out_of_turn()) == 1, "it follows by a job, which has not run"
    for job in ProcrastinateJob.objects.filter(task_name="calendars.follow"):
        tasks.follow(**job.args)
    assert not steps_out_of_turn()
    now = {task.pk: task.turn_at for task in Task.objects.filter(pk__in=[first.pk, second.pk])}
    assert now[first.pk] == first.turn_at and now[second.pk] > second.turn_at
    assert [row.number for row in cases.inbox(county.actor("window"), at=county.now)] == [
        case.number for case in came
    ]


def test_a_step_stands_behind_all_others_while_nothing_runs_and_comes_back(county: County) -> None:
    earlier = county.accept(county.submit())
    county.go_to("2026-06-03")
    later = county.accept(county.submit("rep"))
    officer = county.actor("officer1")

    def listed() -> list[str]:
        return [row.number for row in cases.inbox(officer, at=county.now)]

    assert listed() == [earlier.number, later.number]
    cases.stop_case_clocks(case=earlier, at=county.now)
    assert listed() == [later.number, earlier.number]
    cases.start_case_clock(
        case=earlier,
        role="promised",
        label=LocalizedText("承诺时限", "Promised"),
        limit="1wd",
        started_at=county.now,
        legal_source=LocalizedText("", ""),
        at=county.now,
    )
    assert listed() == [earlier.number, later.number]
