"""``tongban invite ACCOUNT``: a link by which the bearer of an account sets the password."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from tongban.main.commands import session

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Make a link for setting a password, for the first administrators of an installation."""
    parser = argparse.ArgumentParser("tongban invite", description=run.__doc__)
    parser.add_argument("account", help="the user name it is for; a link made before stops working")
    wanted = parser.parse_args(arguments)
    session.start()

    def work() -> int:
        from django.conf import settings
        from django.urls import reverse

        from tongban.base.actor import Actor
        from tongban.base.time import now
        from tongban.kernel.identity import service as identity

        secret = identity.invite_by_name(actor=Actor.system("command"), username=wanted.account, at=now())
        print(settings.TONGBAN_PUBLIC_URL.rstrip("/") + reverse("identity:invitation", args=[secret]))
        return 0

    return session.guarded(work)
