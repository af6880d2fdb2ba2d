"""``tongban oidc``: the keys with which other systems check who signed in."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from tongban.main.commands import session

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Look after the keys that sign ID tokens (single sign-on)."""
    parser = argparse.ArgumentParser("tongban oidc", description=run.__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("keys", help="show the published keys, the one that signs first")
    verbs.add_parser("rotate", help="make new keys; the ones before stay published for a week")
    wanted = parser.parse_args(arguments)
    session.start()

    def work() -> int:
        from tongban.apps.federation import service as federation
        from tongban.kernel.identity import service as identity

        if wanted.verb == "rotate":
            federation.rotate_keys(at=identity.clock())
        for key in federation.public_keys(at=identity.clock()):
            print(key["kid"])
        return 0

    return session.guarded(work)
