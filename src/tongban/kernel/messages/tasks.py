"""Jobs of messages."""

from __future__ import annotations

from procrastinate.contrib.django import app

from tongban.base.time import now
from tongban.kernel.messages import service

__all__ = ["deliver"]


# No retry strategy here: the delivery itself counts its attempts and defers the next one, so that people can see its state.
@app.task(name="messages.deliver")
def deliver(delivery_id: int) -> None:
    """Try to send one delivery."""
    service.deliver(delivery_id=delivery_id, at=now())
