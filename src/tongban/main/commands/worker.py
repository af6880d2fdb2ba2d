"""``tongban worker``: runs jobs and periodic tasks until it is told to stop."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Run jobs and periodic tasks; several workers may run on several machines."""
    argparse.ArgumentParser("tongban worker", description=run.__doc__).parse_args(arguments)
    from tongban.main import database

    database.use_role("app")
    import django

    django.setup()
    from django.conf import settings

    from tongban.kernel.ledger.service import sealing_in_background
    from tongban.main.worker import give_way, working_app

    app = working_app()
    give_way()  # only now: to start takes as long as it takes
    with sealing_in_background():
        app.run_worker(
            concurrency=settings.WORKER_CONCURRENCY,
            update_heartbeat_interval=settings.WORKER_HEARTBEAT_SECONDS,
            fetch_job_polling_interval=2,
            shutdown_graceful_timeout=10,
            delete_jobs="successful",
        )
    return 0
