"""``tongban up``: start everything and look after it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Start database, web and worker in the foreground; Ctrl-C or SIGTERM stops them."""
    parser = argparse.ArgumentParser("tongban up", description=run.__doc__)
    parser.add_argument(
        "--only",
        choices=["web", "worker"],
        default="",
        help="one part, on a machine of several (DATABASE_URL)",
    )
    wanted = parser.parse_args(arguments)
    from tongban.main import environment
    from tongban.main.supervisor.run import up

    try:
        return up(environment.read(), wanted.only)
    except ValueError as error:
        sys.stderr.write(f"tongban: {error}\n")
        return 1
