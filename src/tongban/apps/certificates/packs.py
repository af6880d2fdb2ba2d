"""The pack section "certificates": types of certificates with their faces."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from tongban.apps.certificates.models import CertificateType
from tongban.apps.certificates.operations.types import put_type
from tongban.base.actor import Actor
from tongban.base.bringing import bring
from tongban.base.packs import Pack, section

__all__ = ["load_types"]


@section("certificates", order=62)
def load_types(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load ``items/*/certificate.yaml``, each with the typst source that it names (or the one named like its key)."""
    said = {}
    for path in pack.files("items/*/certificate.yaml"):
        content = pack.yaml(path)
        face = pack.text(content.get("source", f"papers/certificate-{content['key']}.typ"))
        said[content["key"]] = (content, face)

    def put(key: str) -> None:
        content, face = said[key]
        put_type(content=content, source=face, actor=actor, at=at)

    bring(pack, "certificate", said, standing=_standing, put=put, at=at)


def _standing(keys: Collection[str]) -> dict[str, Any]:
    found = CertificateType.objects.filter(key__in=keys)
    return {kind.key: [kind.content, kind.source, kind.unit_id] for kind in found}
