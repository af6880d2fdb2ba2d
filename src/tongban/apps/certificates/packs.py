"""The pack sections "certificates", the types with their faces, and "certificate-register"."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from tongban.apps.certificates.models import CertificateType
from tongban.apps.certificates.operations.types import put_type
from tongban.base.actor import Actor
from tongban.base.bringing import bring
from tongban.base.packs import Pack, section
from tongban.base.text import LocalizedText
from tongban.kernel.registers import service as registers

__all__ = ["load_register", "load_types"]

BUILTIN = Path(__file__).parent / "builtin"
REGISTER = "certificates"


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


@section("certificate-register", order=28)
def load_register(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Make the register of certificates where neither this pack nor one before brought it: none could be issued without."""
    if registers.field_keys(REGISTER):
        return
    content = Pack(BUILTIN).yaml("register.yaml")
    registers.define_register(
        actor=actor,
        key=REGISTER,
        name=LocalizedText.of(content["name"]),
        source=LocalizedText.of(content["source"]),
        key_field=content["key_field"],
        fields=content["fields"],
        at=at,
    )
