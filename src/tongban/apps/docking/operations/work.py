"""One round for one destination, in the order that loses nothing: who died, what happened, what goes out, what came back."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from tongban.apps.docking.demo_peer import answer
from tongban.apps.docking.models import Destination
from tongban.apps.docking.operations.follow import AT_ONCE, follow
from tongban.apps.docking.operations.receipts import give_up_waiting, take_receipts
from tongban.apps.docking.operations.send import recover, send
from tongban.apps.docking.transports import TransportFailed, transport_of

__all__ = ["work"]

ROUNDS = 20
"""Packages of one round at most: others want the worker too, and the next round comes in ten seconds."""


def work(*, destination_id: int, at: datetime) -> None:
    """Do everything that there is to do for a destination now. Safe to be called by several at once, and to be killed."""
    destination = Destination.objects.filter(pk=destination_id, is_active=True).first()
    if destination is None:
        return
    try:
        transport_of(destination)
    except TransportFailed as failure:
        Destination.objects.filter(pk=destination_id).update(tried_at=at, trouble=str(failure))
        return
    recover(destination_id=destination_id, at=at)
    for _ in range(ROUNDS):
        if follow(destination_id=destination_id, at=at) < AT_ONCE:
            break
    for _ in range(ROUNDS):
        if not send(destination_id=destination_id, at=at):
            break
    if (
        settings.TONGBAN_ENV == "demo"
        and destination.kind == Destination.DROP
        and destination.setting("demo_peer")
    ):
        answer(destination)
    take_receipts(destination_id=destination_id, at=at)
    give_up_waiting(destination_id=destination_id, at=at)
