"""Jobs of instruments."""

from __future__ import annotations

from uuid import UUID

import procrastinate
from procrastinate.contrib.django import app

from tongban.base.jobs import AT_LEISURE
from tongban.base.time import now
from tongban.kernel.instruments import service
from tongban.kernel.instruments.operations.render import IN_ITS_TIME, MAX_ATTEMPTS

__all__ = ["render"]

RETRY = procrastinate.RetryStrategy(max_attempts=MAX_ATTEMPTS, exponential_wait=4)


@app.task(name="instruments.render", queue=AT_LEISURE, retry=RETRY, priority=IN_ITS_TIME, pass_context=True)
def render(context: procrastinate.JobContext, paper_id: str) -> None:
    """Make the PDF of one paper; a failure is written on the paper and tried again, later and later."""
    try:
        service.render_paper(paper_id=UUID(paper_id), at=now())
    except Exception as error:
        attempts = context.job.attempts + 1
        service.mark_failed(
            paper_id=UUID(paper_id),
            error=f"{type(error).__name__}: {error}",
            is_last=attempts > MAX_ATTEMPTS,
            at=now(),
        )
        raise
