"""Jobs of cases."""

from __future__ import annotations

from procrastinate.contrib.django import app

from tongban.kernel.cases.operations.homes import find_new_homes

__all__ = ["find_homes"]


@app.periodic(cron="*/5 * * * *")
@app.task(
    name="cases.find_homes", queueing_lock="cases.find_homes", lock="cases.find_homes", pass_context=False
)
def find_homes(timestamp: int) -> None:
    """Every five minutes: ask the registers where new applicants are at home, for figures by township."""
    find_new_homes()
