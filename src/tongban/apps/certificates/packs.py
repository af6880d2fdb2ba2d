"""The pack section "certificates": types of certificates with their faces."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongban.apps.certificates.models import CertificateType
from tongban.base.actor import Actor
from tongban.base.packs import Pack, section
from tongban.base.text import LocalizedText
from tongban.kernel.identity import service as identity

__all__ = ["load_types", "put_type"]


def put_type(*, content: Mapping[str, Any], source: str) -> CertificateType:
    """Write a type of certificate: its content and the typst source of its face."""
    kind, _ = CertificateType.objects.update_or_create(
        key=content["key"],
        defaults={
            "name": LocalizedText.of(content["name"]),
            "type_code": content["type_code"],
            "unit_id": identity.get_unit(content["unit"]).pk,
            "years": content["validity"]["years"],
            "content": dict(content),
            "source": source,
        },
    )
    return kind


@section("certificates", order=62)
def load_types(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load ``items/*/certificate.yaml``, each with the typst source that it names (or the one named like its key)."""
    for path in pack.files("items/*/certificate.yaml"):
        content = pack.yaml(path)
        put_type(
            content=content,
            source=pack.text(content.get("source", f"papers/certificate-{content['key']}.typ")),
        )
