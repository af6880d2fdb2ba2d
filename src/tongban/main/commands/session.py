"""What the commands that talk to the database share: start Django in a role, and turn refusals into one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tongban.main import database

__all__ = ["guarded", "language", "operator", "start"]


def start(role: str = "app") -> None:
    """Start Django as the ``app`` or the ``owner`` of the database."""
    database.use_role(role)
    import django

    django.setup()


def language() -> str:
    """Return the language to answer in, from the terminal's locale: ``zh`` or ``en``."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if spoken.startswith("zh") else "en"


def operator() -> str:
    """Return the login of whoever runs the command on this machine, for the ledger; behind sudo the person's own."""
    import getpass

    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        return str(os.getuid())


@contextmanager
def _spoken() -> Iterator[None]:
    from django.utils import translation

    with translation.override("zh-hans" if language() == "zh" else "en"):
        yield


def guarded(work: Callable[[], int]) -> int:
    """Do ``work``; answer a refusal, or a database that is not there, with one line and exit code 1."""
    from django.db.utils import OperationalError

    from tongban.base.errors import TongbanError

    with _spoken():
        try:
            return work()
        except TongbanError as refusal:
            sys.stderr.write(f"tongban: {refusal.title}{f': {refusal.detail}' if refusal.detail else ''}\n")
        except OperationalError as error:
            sys.stderr.write(
                f"tongban: no database (is `tongban up` running?): {str(error).splitlines()[0]}\n"
            )
    return 1
