"""Access: holders of certificates, their issuing office, and everybody who checks one."""

from __future__ import annotations

from collections.abc import Iterator

from tests.architecture.walk.probe import GO, Probe, World, operation

PUBLIC = {
    "certificates:verify-form": "/certificates/verify/",
    "certificates:verify-offline": "/certificates/verify/offline/",
    "certificates:keys": "/certificates/keys.json",
    "certificates:verify": "/certificates/verify/{certificate_code}/",
    "GET /api/v1/certificates/verify/{code}": "/api/v1/certificates/verify/{certificate_code}",
    "GET /api/v1/certificates/keys": "/api/v1/certificates/keys",
}
OWN = {
    "certificates:mine": "/my/certificates/",
    "GET /api/v1/certificates": "/api/v1/certificates",
}


def probes(w: World) -> Iterator[Probe]:
    mine, copy = f"/my/certificates/{w.facts['certificate']}/", f"/my/certificates/copies/{w.facts['copy']}/"
    said = {"purpose": "投标", "receiver": "采购中心", "days": 7}
    yield Probe("certificates:download", f"/certificates/{w.facts['certificate']}/pdf/")
    yield Probe("certificates:download", f"/certificates/{w.facts['certificate']}/pdf/", owner="officer1")
    yield Probe("certificates:mine-one", mine)
    yield Probe("certificates:copy", f"{mine}copy/")
    yield Probe("certificates:copy", f"{mine}copy/", method="POST", body=said, answers=GO)
    yield Probe("certificates:copy-pdf", f"{copy}pdf/")
    yield Probe("certificates:copy-end", f"{copy}end/", method="POST", answers=GO)
    organ = f"/desk/certificates/{w.facts['certificate']}/"
    yield Probe("certificates:desk", "/desk/certificates/", owner="officer1")
    yield Probe("certificates:desk-one", organ, owner="officer1")
    yield Probe("certificates:desk-act", f"{organ}revoke/", owner="officer1")
    yield Probe("certificates:desk-act", f"{organ}revoke/", owner="officer1", method="POST", answers=GO)
    yield operation(
        "GET /api/v1/certificates/{certificate_id}", path={"certificate_id": w.facts["certificate"]}
    )
    yield operation(
        "GET /api/v1/certificates/{certificate_id}/pdf", path={"certificate_id": w.facts["certificate"]}
    )
    certificate = {"path": {"certificate_id": w.facts["certificate"]}}
    yield operation("GET /api/v1/certificates/{certificate_id}/history", **certificate)
    yield operation("GET /api/v1/certificates/{certificate_id}/copies", **certificate)
    yield operation(
        "POST /api/v1/certificates/{certificate_id}/copies",
        body=said,
        answers=frozenset({201}),
        **certificate,
    )
    yield operation("GET /api/v1/certificates/copies/{copy_id}/pdf", path={"copy_id": w.facts["copy"]})
    yield operation(
        "POST /api/v1/certificates/copies/{copy_id}/end",
        path={"copy_id": w.facts["copy"]},
        answers=frozenset({204}),
    )
    yield operation(
        "POST /api/v1/certificates/{certificate_id}/acts",
        body={"act": "revoke"},
        owner="officer1",
        **certificate,
    )
    yield operation("GET /api/v1/desk/certificates", path={}, owner="officer1")
