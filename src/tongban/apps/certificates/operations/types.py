"""Types of certificates: putting one makes a new version when something changed; what was issued keeps its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from tongban.apps.certificates import rules
from tongban.apps.certificates.errors import CertificateTypeInvalid
from tongban.apps.certificates.models import CertificateType, CertificateTypeVersion
from tongban.base.actor import Actor
from tongban.base.errors import NotFound
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["put_type"]


@transaction.atomic
def put_type(
    *, content: Mapping[str, Any], source: str, actor: Actor | None = None, at: datetime | None = None
) -> CertificateType:
    """Publish a type of certificate: its content and the typst source of its face. The very same again makes no new version.

    With ``actor`` and ``at`` it is an act in the ledger. Raises CertificateTypeInvalid with the places that are wrong.
    """
    errors = rules.type_faults(content)
    unit = None
    if not errors:
        try:
            unit = identity.get_unit(content["unit"])
        except NotFound:
            errors = [("unit", ("没有这个单位", "There is no such unit"))]
    if errors or unit is None:
        faults = [{"field": path, "message": LocalizedText(*words).as_json()} for path, words in errors]
        raise CertificateTypeInvalid(", ".join(path for path, _ in errors), errors=faults)
    plain = {key: value for key, value in content.items() if key != "source"}  # a pack names the file there
    before = CertificateType.objects.select_for_update().filter(key=content["key"]).first()
    if before is not None and (before.content, before.source, before.unit_id) == (plain, source, unit.pk):
        return before
    columns = {
        "name": LocalizedText.of(content["name"]),
        "type_code": content["type_code"],
        "unit_id": unit.pk,
        "years": content["validity"]["years"],
        "content": plain,
        "source": source,
        "version": before.version + 1 if before else 1,
    }
    kind, _ = CertificateType.objects.update_or_create(key=content["key"], defaults=columns)
    CertificateTypeVersion.objects.create(
        type=kind, version=kind.version, content=plain, source=source, put_at=at
    )
    if actor is not None and at is not None:
        old = {} if before is None else {**before.content, "source": before.source}
        new = {**plain, "source": source}
        ledger.record(
            actor=actor,
            verb="certificates.put_type",
            subject=Ref.to("certificate-type", kind.key),
            payload=new,
            facts={
                "type": kind.key,
                "version": kind.version,
                "changed": sorted(key for key in {*old, *new} if old.get(key) != new.get(key)),
            },
            at=at,
        )
    return kind
