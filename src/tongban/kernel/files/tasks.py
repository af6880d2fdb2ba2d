"""Jobs of files."""

from __future__ import annotations

from procrastinate.contrib.django import app

from tongban.kernel.files import service

__all__ = ["sweep"]


@app.periodic(cron="10 3 * * *")
@app.task(name="files.sweep", queueing_lock="files.sweep")
def sweep(timestamp: int) -> None:
    """Once a night: remove bytes that a crash left without a row."""
    service.sweep()
