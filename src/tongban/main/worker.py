"""The worker's view of the queue: the tasks of all modules, run over connections of its own."""

from __future__ import annotations

import procrastinate
from procrastinate.contrib.django import app

from tongban.main.observation import watch_job

__all__ = ["working_app"]


def working_app() -> procrastinate.App:
    """Return the app that a worker runs.

    It fetches and finishes jobs over its own pool. The tasks stay bound to Django's app, so what a task defers is written by
    the task's own connection, in its transaction: a job is seen when what it is about is seen, or never. (Replacing the
    connector of the one app, procrastinate's usual way, would let other workers see such a job before its row is committed,
    and after its transaction failed.)
    """
    app.perform_import_paths()
    working = procrastinate.App(
        connector=app.connector.get_worker_connector(),  # type: ignore[attr-defined]
        worker_defaults={
            **app.worker_defaults,
            "task_middleware": [*app.worker_defaults.get("task_middleware", []), watch_job],
        },
        periodic_defaults=app.periodic_defaults,
    )
    working.tasks, working.periodic_registry = app.tasks, app.periodic_registry
    return working
