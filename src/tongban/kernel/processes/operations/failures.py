"""What is kept of an error when a job or a timer fails."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import DatabaseError

from tongban.kernel.processes.models import Attempt, Job, Timer

__all__ = ["keep_attempt", "note_error"]

log = logging.getLogger("tongban.kernel.processes")


def note_error(what: str, error: Exception) -> str:
    """Log a failure and return the one line that officials see.

    A database error quotes the row it refused ("Key (citizen_id)=(...)"), so only its first line is kept and its
    traceback, which repeats the message, is not logged.
    """
    line = f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"[:500]
    log.error("%s failed: %s", what, line, exc_info=None if isinstance(error, DatabaseError) else error)
    return line


def keep_attempt(step: Job | Timer, error: str, at: datetime) -> None:
    """Keep one failed attempt, so that who repairs sees whether it always failed the same way."""
    Attempt.objects.create(instance=step.instance, token=step.token, node=step.node, at=at, error=error)
