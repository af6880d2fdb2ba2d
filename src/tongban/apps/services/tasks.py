"""Jobs of ``services``: versions of items come into force on their day."""

from __future__ import annotations

from procrastinate.contrib.django import app

from tongban.base.time import now

__all__ = ["check_import", "follow_calendar", "run_import"]


@app.periodic(cron="*/5 * * * *")
@app.task(name="services.follow_calendar", queueing_lock="services.follow_calendar", pass_context=False)
def follow_calendar(timestamp: int) -> None:
    """Every five minutes: let versions whose day has come take the place of those before."""
    from tongban.apps.services.operations.items import bring_into_force

    bring_into_force(at=now())


@app.task(name="services.check_import", lock="services.import")
def check_import(import_id: str) -> None:
    """Say what a table would bring."""
    from tongban.apps.services.operations.tables import check_table

    check_table(import_id=import_id)


@app.task(name="services.run_import", lock="services.import")
def run_import(import_id: str) -> None:
    """Take a table in. A job that was killed goes on where it stopped: rows that came in are not taken again."""
    from tongban.apps.services.operations.tables import take_table

    take_table(import_id=import_id, at=now())
