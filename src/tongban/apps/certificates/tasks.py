"""Jobs of certificates."""

from __future__ import annotations

from procrastinate.contrib.django import app

from tongban.base.time import now

__all__ = ["watch"]


@app.periodic(cron="7 * * * *")
@app.task(name="certificates.watch", queueing_lock="certificates.watch", pass_context=False)
def watch(timestamp: int) -> None:
    """Every hour: remind, let end what has come to its end."""
    from tongban.apps.certificates.operations.watch import end_copies, look_at_due

    at = now()
    look_at_due(at=at)
    end_copies(at=at)
