"""Closing what belonged to tokens that are gone: tasks not done, their clocks, timers, jobs, incidents, elements."""

from __future__ import annotations

from datetime import datetime

from tongban.base import work
from tongban.kernel.calendars.service import stop_clock
from tongban.kernel.processes.graph import Node
from tongban.kernel.processes.models import Incident, Instance, Job, Task, Timer
from tongban.kernel.processes.results import TaskView, task_view
from tongban.kernel.processes.state import State
from tongban.kernel.processes.variables import Variables

__all__ = ["Clearing"]


class Clearing:
    """What a move does about tokens that it took away. ``Move`` has it all."""

    instance: Instance
    at: datetime
    state: State
    variables: Variables
    before: dict[int, Node]
    timed: set[int]
    cancelled_tokens: list[int]

    def _clear_away(self) -> list[TaskView]:
        """Close what the tokens left behind; return the tasks that were cancelled."""
        gone = {*self.before, *self.timed, *self.cancelled_tokens} - set(self.state.tokens)
        self.variables.forget(gone)
        had_timers = self.timed & gone or any(self.before[n].timers for n in gone if n in self.before)
        if not self.cancelled_tokens and not had_timers:
            return []
        timers = self.instance.timers.filter(token__in=gone, state__in=[Timer.WAITING, Timer.FAILED])
        work.update(timers, state=Timer.CANCELLED)
        self._cancel_jobs(gone)
        return self._cancel_tasks() if self.cancelled_tokens else []

    def _cancel_jobs(self, gone: set[int]) -> None:
        """A job that a worker runs at this moment finds itself cancelled when it comes to its end."""
        jobs = self.instance.jobs.filter(token__in=gone, state__in=[Job.WAITING, Job.FAILED])
        incidents = Incident.objects.filter(job__in=jobs.values("pk"), resolved_at__isnull=True)
        work.update(incidents, resolved_at=self.at, resolution="cancelled")
        work.update(jobs, state=Job.CANCELLED, finished_at=self.at)

    def _cancel_tasks(self) -> list[TaskView]:
        tasks = list(
            self.instance.tasks.filter(
                token__in=self.cancelled_tokens, state__in=[Task.OPEN, Task.PLANNED]
            ).order_by("pk")
        )
        for task in tasks:
            task.state = Task.CANCELLED
            work.change(task, "state")
            if task.clock_id:
                stop_clock(clock_id=task.clock_id, at=self.at)
        return [task_view(task) for task in tasks]
