"""Access: one's own materials and their copies."""

from __future__ import annotations

from collections.abc import Iterator

from tests.architecture.walk.probe import GO, Probe, World, operation

OWN = {
    "vault:mine": "/my/materials/",
    "vault:add": "/my/materials/add/",
    "GET /api/v1/vault": "/api/v1/vault",
    "POST /api/v1/vault/materials": "",
}


def probes(w: World) -> Iterator[Probe]:
    kept = f"/my/materials/{w.facts['kept']}/"
    yield Probe("vault:one", kept)
    yield Probe("vault:one", kept, method="POST", body={"name": "平面图"}, answers=GO)
    yield Probe("vault:copy", f"{kept}copy/")
    copied = {"purpose": "投标", "receiver": "采购中心"}
    yield Probe("vault:copy", f"{kept}copy/", method="POST", body=copied, answers=GO)
    yield Probe("vault:remove", f"{kept}remove/", method="POST", answers=GO)
    made = frozenset({201})
    kept = {"material_id": w.facts["kept"]}
    copied = {"receiver": "采购中心", "purpose": "投标"}
    yield operation("GET /api/v1/vault/materials/{material_id}", path=kept)
    yield operation("GET /api/v1/vault/materials/{material_id}/copies", path=kept)
    yield operation("POST /api/v1/vault/materials/{material_id}/copies", path=kept, body=copied, answers=made)
    yield operation(
        "GET /api/v1/vault/materials/{material_id}/copies/{copy_id}/pdf",
        path={**kept, "copy_id": w.facts["kept_copy"]},
    )
    yield operation("DELETE /api/v1/vault/materials/{material_id}", path=kept, answers=frozenset({204}))
