"""Access: papers, for those whom they are about; checking one is open to all."""

from __future__ import annotations

from collections.abc import Iterator

from tests.architecture.walk.probe import Probe, World, operation

PUBLIC = {
    "instruments:verify-form": "/papers/verify/",
    "instruments:verify": "/papers/verify/{paper_code}/",
    "GET /api/v1/papers/verify/{code}": "/api/v1/papers/verify/{paper_code}",
}


def probes(w: World) -> Iterator[Probe]:
    yield Probe("instruments:paper", f"/papers/{w.facts['paper']}/")
    yield operation("GET /api/v1/papers/{paper_id}", path={"paper_id": w.facts["paper"]})
    yield operation("GET /api/v1/papers/{paper_id}/pdf", path={"paper_id": w.facts["paper"]})
