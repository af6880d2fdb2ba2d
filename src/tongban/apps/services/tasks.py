"""Jobs of ``services``: versions of items come into force on their day."""

from __future__ import annotations

from procrastinate.contrib.django import app

from tongban.base.time import now

__all__ = ["follow_calendar"]


@app.periodic(cron="*/5 * * * *")
@app.task(name="services.follow_calendar", queueing_lock="services.follow_calendar", pass_context=False)
def follow_calendar(timestamp: int) -> None:
    """Every five minutes: let versions whose day has come take the place of those before."""
    from tongban.apps.services.operations.items import bring_into_force

    bring_into_force(at=now())
