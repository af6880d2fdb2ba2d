"""The threat: a program fills the mailbox with thousands of letters, and those of people drown in it.

The remedy: in a quarter of an hour an account sends thirty (``TONGBAN_LETTERS_PER_QUARTER``), and all strangers of one network
four times as many: a hall full of people on its own network writes on.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from tongban.base.actor import Actor
from tongban.kernel.identity import service as identity

__all__ = ["slow_down"]

QUARTER = 900
OWN = identity.Quota("letters of an account", settings.TONGBAN_LETTERS_PER_QUARTER, QUARTER)
STRANGERS = identity.Quota("letters of strangers", 4 * settings.TONGBAN_LETTERS_PER_QUARTER, QUARTER)


def slow_down(request: HttpRequest, actor: Actor) -> None:
    """Count a letter that is being sent, right or wrong. Raises TooManyRequests."""
    if actor.account_id is None:
        STRANGERS.take(identity.network_of(request.META.get("REMOTE_ADDR", "")))
    else:
        OWN.take(str(actor.account_id))
