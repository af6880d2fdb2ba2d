"""What keeps an installation from running in production: one list, so that the operator sees everything at once."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlparse

from django.conf import settings
from django.db import connection

from tongban.main import demo
from tongban.main.environment import is_loopback

__all__ = ["demo_accounts", "missing"]

SHORTEST_KEY = 40
FEWEST_CHARACTERS = 10
"""Different ones in a key; fewer is a pattern, not a key."""


def missing() -> list[str]:
    """Return everything that must be changed first, in the settings and in the data."""
    return [*_settings(), *_accounts()]


def _settings() -> Iterator[str]:
    if settings.DEBUG:
        yield "TONGBAN_DEBUG is on: unset it"
    if len(settings.SECRET_KEY) < SHORTEST_KEY or len(set(settings.SECRET_KEY)) < FEWEST_CHARACTERS:
        yield (
            f"TONGBAN_SECRET_KEY is a weak or a default key: unset it (one is made and kept in "
            f"{settings.TONGBAN_HOME}/secrets) or give {SHORTEST_KEY} random characters"
        )
    address = urlparse(settings.TONGBAN_PUBLIC_URL)
    if address.scheme != "https" or not address.hostname or is_loopback(address.hostname):
        yield "TONGBAN_PUBLIC_URL must be the https:// address that people use: papers and QR codes carry it"
    if "demo" in settings.TONGBAN_PAYMENT_PROVIDERS:
        yield "TONGBAN_PAYMENT_PROVIDERS names the demo bank, where nobody really pays: take it out"
    if not settings.TONGBAN_SMTP_URL:
        yield "TONGBAN_SMTP_URL is not set: notices would reach nobody outside"


def _accounts() -> Iterator[str]:
    names = demo_accounts()
    if names:
        yield f"this database holds demo accounts with their well-known password: {', '.join(names)}"


def demo_accounts() -> list[str]:
    """Return the accounts that can be signed in to with the password that a pack publishes."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import check_password

    model = get_user_model()
    if model._meta.db_table not in connection.introspection.table_names():
        return []  # not migrated yet: there is nobody
    known = {account.username: account.password for account in demo.accounts(settings.BASE_DIR / "packs")}
    # Only these columns: this runs before the migrations, on whatever version the database is.
    found = model.objects.filter(is_active=True, username__in=known).order_by("username")
    return [
        name
        for name, hashed in found.values_list("username", "password")
        if check_password(known[name], hashed)
    ]
