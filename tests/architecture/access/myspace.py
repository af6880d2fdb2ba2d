"""Access: one's own things."""

from __future__ import annotations

from collections.abc import Iterator

from tests.architecture.walk.probe import GO, Probe, World

OWN = {
    "myspace:home": "/my/",
    "myspace:reads": "/my/reads/",
}


def probes(w: World) -> Iterator[Probe]:
    yield Probe("myspace:case", f"/my/cases/{w.waiting.number}/", answers=GO)
