"""Access: who audits sees every act."""

from __future__ import annotations

from collections.abc import Iterator

from tests.architecture.walk.probe import GO, Probe, World, operation


def probes(w: World) -> Iterator[Probe]:
    yield Probe("audit:search", "/desk/audit/", owner="auditadmin")
    yield Probe("audit:find", "/desk/audit/find/", owner="auditadmin", method="POST", answers=GO)
    yield Probe("audit:export", "/desk/audit/export/", owner="auditadmin", method="POST")
    yield operation("GET /api/v1/audit/acts", path={}, owner="auditadmin")
