"""What keeps an installation from running in production: one list, so that the operator sees everything at once."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlparse

from django.conf import settings

from tongban.main.environment import is_loopback

__all__ = ["missing"]

SHORTEST_KEY = 40


def missing(*, stage: Literal["settings", "database"]) -> list[str]:
    """Return what must be changed: first what the settings show, then (with a migrated database) what the data shows."""
    return list(_settings() if stage == "settings" else _database())


def _settings() -> list[str]:
    found = []
    if settings.DEBUG:
        found.append("TONGBAN_DEBUG is on: unset it")
    if len(settings.SECRET_KEY) < SHORTEST_KEY:
        found.append(
            f"TONGBAN_SECRET_KEY is shorter than {SHORTEST_KEY} characters: unset it (one is made) or take a longer one"
        )
    address = urlparse(settings.TONGBAN_PUBLIC_URL)
    if address.scheme != "https" or not address.hostname or is_loopback(address.hostname):
        found.append(
            "TONGBAN_PUBLIC_URL must be the https:// address that people use (papers and QR codes carry it)"
        )
    if not settings.TONGBAN_SMTP_URL:
        found.append("TONGBAN_SMTP_URL is not set: notices could not be sent")
    return found


def _database() -> list[str]:
    names = demo_accounts()
    return [f"demo accounts with their well-known password: {', '.join(names)}"] if names else []


def demo_accounts() -> list[str]:
    """Return the accounts that can be signed in to with the demo's password."""
    from django.contrib.auth import get_user_model

    accounts = get_user_model().objects.filter(is_active=True, username__in=DEMO_NAMES)
    return [account.username for account in accounts if account.check_password(DEMO_PASSWORD)]


DEMO_PASSWORD = "demo"  # noqa: S105 - it is meant to be known
DEMO_NAMES = (
    "citizen", "rep", "window", "officer1", "officer2", "chief", "mailbox", "bureau", "bureau2",
    "sysadmin", "secadmin", "auditadmin",
)  # fmt: skip
