"""Jobs of the hall."""

from __future__ import annotations

from procrastinate.contrib.django import app

from tongban.base.time import now

__all__ = ["look", "settle"]


@app.periodic(cron="*/10 * * * *")
@app.task(name="hall.look", queueing_lock="hall.look")
def look(timestamp: int) -> None:
    """Every ten minutes: remind who comes soon."""
    from tongban.apps.hall.operations.day import remind

    remind(at=now())


@app.periodic(cron="25 0 * * *")
@app.task(name="hall.settle", queueing_lock="hall.settle")
def settle(timestamp: int) -> None:
    """Once a night: settle what was left open, and offer a new time where the calendar has closed a day since."""
    from tongban.apps.hall.models import Point
    from tongban.apps.hall.operations.day import close_days, move_displaced
    from tongban.base.actor import Actor

    at = now()
    close_days(at=at)
    for point in Point.objects.filter(is_active=True):
        move_displaced(actor=Actor.system("hall"), point=point, at=at)
