"""When a repeated activity is over, and whether its condition was met. Pure arithmetic."""

from __future__ import annotations

import re

from tongban.kernel.processes.graph import Repeat
from tongban.kernel.processes.state import Token

__all__ = ["COMPLETE", "is_met", "is_over"]

COMPLETE = re.compile(r"all\Z|any\Z|ratio:(?P<part>[1-9]\d{0,3})/(?P<whole>[1-9]\d{0,3})\Z")
"""What ``tongban:complete`` may say."""


def is_met(repeat: Repeat, host: Token) -> bool:
    """Is the completion condition met by what has been counted? Of an empty list only "all" is."""
    if repeat.complete == "all":
        return host.counted == host.of
    part, whole = _ratio(repeat, host)
    return host.counted > 0 and host.counted * whole >= part * host.of


def is_over(repeat: Repeat, host: Token) -> bool:
    """Is there nothing to wait for? "all" waits for everyone; the others end when it is decided either way."""
    if host.of < 0:
        return False
    if host.done >= host.of:
        return True
    if repeat.complete == "all":
        return False
    part, whole = _ratio(repeat, host)
    still_possible = (host.counted + host.of - host.done) * whole >= part * host.of
    return is_met(repeat, host) or not still_possible


def _ratio(repeat: Repeat, host: Token) -> tuple[int, int]:
    """Return the part that is needed: "any" is one of all."""
    match = COMPLETE.match(repeat.complete)
    if match is None or match["part"] is None:
        return 1, max(host.of, 1)
    return int(match["part"]), int(match["whole"])
