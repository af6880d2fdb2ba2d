"""Structured logs: one JSON object a line on standard error, which the supervisor keeps in ``TONGBAN_HOME/logs``.

Log what happened to which record, never whose it is: no names, numbers or contents of persons.
"""

from __future__ import annotations

import logging
from typing import Any

import structlog

__all__ = ["ButHealth", "configuration"]


class ButHealth(logging.Filter):
    """Leaves out the answers of /healthz, which is asked every second and logs its own faults."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether to keep the record."""
        return not record.getMessage().endswith("/healthz")


_shared: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def configuration(*, debug: bool) -> dict[str, Any]:
    """Return Django's ``LOGGING`` and set structlog up to go the same way."""
    structlog.configure(
        processors=[*_shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _shared,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                ],
            }
        },
        "filters": {"but-health": {"()": "tongban.main.logs.ButHealth"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": "DEBUG" if debug else "INFO"},
        "loggers": {
            "django": {"level": "INFO", "handlers": [], "propagate": True},
            "django.server": {"level": "INFO", "handlers": [], "propagate": True},
            "django.request": {"filters": ["but-health"]},
            "django.db.backends": {"level": "INFO"},
            "procrastinate": {"level": "WARNING"},
            "pyhanko": {"level": "WARNING"},
            "fontTools": {"level": "WARNING"},
            "asyncio": {"level": "WARNING"},
        },
    }
