"""Access: one's own messages."""

from __future__ import annotations

from collections.abc import Iterator

from tests.architecture.walk.probe import Probe, World

OWN = {
    "messages:read-all": "",
    "messages:list": "/my/messages/",
}


def probes(w: World) -> Iterator[Probe]:
    yield Probe("messages:message", f"/my/messages/{w.facts['message']}/")
