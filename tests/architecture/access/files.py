"""Access: files, for those whose thing they belong to."""

from __future__ import annotations

from collections.abc import Iterator

from tests.architecture.walk.probe import Probe, World


def probes(w: World) -> Iterator[Probe]:
    yield Probe("files:download", f"/files/{w.facts['material']}/")
    yield Probe("files:download", f"/files/{w.facts['material']}/", owner="window")
    yield Probe("files:download", f"/files/{w.facts['paper_file']}/")
    yield Probe("files:download", f"/files/{w.facts['certificate_file']}/")
