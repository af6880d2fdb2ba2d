"""The pack section "certificates": types of certificates with their faces."""

from __future__ import annotations

from datetime import datetime

from tongban.apps.certificates.operations.types import put_type
from tongban.base.actor import Actor
from tongban.base.packs import Pack, section

__all__ = ["load_types"]


@section("certificates", order=62)
def load_types(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load ``items/*/certificate.yaml``, each with the typst source that it names (or the one named like its key)."""
    for path in pack.files("items/*/certificate.yaml"):
        content = pack.yaml(path)
        put_type(
            content=content,
            source=pack.text(content.get("source", f"papers/certificate-{content['key']}.typ")),
            actor=actor,
            at=at,
        )
