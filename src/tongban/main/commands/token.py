"""``tongban token create ACCOUNT``: an access token for the API."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from tongban.main.commands import session

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Make access tokens for the API."""
    parser = argparse.ArgumentParser("tongban token", description=run.__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    create = verbs.add_parser("create", help="make a token and print it: it cannot be shown again")
    create.add_argument("account", nargs="+", help="the user name it is for; several give one token each")
    create.add_argument("--name", default="command line", help="what it is used for")
    create.add_argument("--days", type=int, default=90, help="how long it is valid (90)")
    wanted = parser.parse_args(arguments)
    session.start()

    def work() -> int:
        from tongban.base.time import now
        from tongban.kernel.identity import service as identity

        for account in wanted.account:
            print(identity.create_token(account, wanted.name, now(), days=wanted.days))
        return 0

    return session.guarded(work)
