"""Structured logs: one JSON object a line on standard error, which the supervisor keeps in ``TONGBAN_HOME/logs``.

At a terminal the lines are for reading instead.

Log what happened to which record, never whose it is: no names, numbers or contents of persons. Two nets hang below that rule:
what a database error quotes of a row is cut off, and what looks like an identity or telephone number or an address is masked.
"""

from __future__ import annotations

import logging
import re
from typing import Any

import structlog

__all__ = ["ButHealth", "configuration", "without_personal_data"]


class ButHealth(logging.Filter):
    """Leaves out the answers of /healthz, which is asked every second and logs its own faults."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether to keep the record."""
        return not record.getMessage().endswith("/healthz")


QUOTED = re.compile(r"^(DETAIL|CONTEXT|STATEMENT|HINT|QUERY):.*$", re.MULTILINE)
"""The lines of a database error that repeat the row it refused or the statement it was in."""
PERSONAL = re.compile(r"(?<![0-9A-Za-z])(\d{17}[0-9Xx]|1[3-9]\d{9})(?![0-9A-Za-z])|[\w.+-]+@[\w-]+\.[\w.-]+")
"""An identity number, a mobile number, an e-mail address."""


def without_personal_data(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Cut and mask, in every text of a line."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = PERSONAL.sub("***", QUOTED.sub(r"\1: ***", value))
    return event


_shared: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    without_personal_data,
]


def configuration(*, debug: bool, readable: bool = False) -> dict[str, Any]:
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
                    structlog.dev.ConsoleRenderer()
                    if readable
                    else structlog.processors.JSONRenderer(ensure_ascii=False),
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
