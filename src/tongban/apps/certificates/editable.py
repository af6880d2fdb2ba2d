"""Types of certificates as content that an office edits itself: as a pack writes them, the typst text as ``source``."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from django.db.models import Max

from tongban.apps.certificates import rules
from tongban.apps.certificates.errors import CertificateTypeUnknown
from tongban.apps.certificates.models import CertificateType, CertificateTypeVersion
from tongban.apps.certificates.operations.types import put_type
from tongban.base.actor import Actor
from tongban.base.editables import Fault, Link, Row, Version
from tongban.base.text import LocalizedText as T
from tongban.kernel.files import service as files
from tongban.kernel.files.errors import RenderingFailed
from tongban.kernel.identity import service as identity

__all__ = ["CertificateEditable"]

BLANK = '#import "/certificate.typ": *\n#certificate(colour: jade)\n'
"""The face that the library draws; a colour is all there is to choose."""


class CertificateEditable:
    """Types of certificates, judged by their rules and by drawing a sample."""

    kind = "certificate"
    label = T("证照类型", "Certificate types")

    def rows(self) -> Sequence[Row]:
        """Return every type with its version in force."""
        found = CertificateType.objects.annotate(put_at=Max("versions__put_at")).order_by("key")
        return [
            Row(key, T.of(name), version, put_at)
            for key, name, version, put_at in found.values_list("key", "name", "version", "put_at")
        ]

    def load(self, key: str) -> dict[str, Any]:
        """Return the version in force. Raises CertificateTypeUnknown."""
        kind = CertificateType.objects.filter(key=key).first()
        if kind is None:
            raise CertificateTypeUnknown(type=key)
        return {**kind.content, "source": kind.source}

    def blank(self) -> dict[str, Any]:
        """Return a type that is valid for five years and numbers like most permits."""
        return {
            "key": "",
            "name": {"zh": "", "en": ""},
            "type_code": "",
            "unit": "",
            "number": {"format": "证〔{year}〕{n}号", "counter": ""},
            "validity": {"years": 5},
            "reminders": [60, 30],
            "fields": [],
            "supervision": {"zh": "", "en": ""},
            "source": BLANK,
        }

    def check(self, content: Mapping[str, Any]) -> list[Fault]:
        """Return what is wrong with its words, then what typst says to a sheet with sample words."""
        faults = [Fault(path, T(*words)) for path, words in rules.type_faults(content)]
        unit = content.get("unit")
        if isinstance(unit, str) and unit and unit not in {each.code for each in identity.list_units()}:
            faults.append(Fault("unit", T("没有这个单位", "There is no such unit")))
        source = content.get("source")
        if not isinstance(source, str) or not source.strip():
            faults.append(Fault("source", T("没有填", "Missing")))
        elif not faults:
            try:
                files.render_typst(
                    source, sample(content), title="sample", assets={"qr": files.qr_svg("sample")}
                )
            except RenderingFailed as failed:
                faults.append(
                    Fault("source", T(f"照面画不出来：{failed}", f"The face cannot be drawn: {failed}"))
                )
        return faults

    def preview(
        self, content: Mapping[str, Any], *, at: datetime, form: Literal["pdf", "png"] = "pdf"
    ) -> bytes:
        """Return a sample of the certificate. Raises RenderingFailed."""
        assets = {"qr": files.qr_svg("sample")}
        return files.render_typst(
            str(content.get("source", "")), sample(content), title="sample", assets=assets, at=at, form=form
        )

    def publish(
        self, *, content: Mapping[str, Any], actor: Actor, at: datetime, valid_from: date | None = None
    ) -> int:
        """Publish the next version, in force at once. Raises CertificateTypeInvalid."""
        plain = {key: value for key, value in content.items() if key != "source"}
        return put_type(content=plain, source=str(content.get("source", "")), actor=actor, at=at).version

    def versions(self, key: str) -> Sequence[Version]:
        """Return the versions of a type, the newest first; none for an unknown one."""
        rows = CertificateTypeVersion.objects.filter(type__key=key).order_by("-version")
        return [Version(version, put_at) for version, put_at in rows.values_list("version", "put_at")]

    def load_version(self, key: str, version: int) -> dict[str, Any]:
        """Return the content of one version. Raises CertificateTypeUnknown."""
        row = CertificateTypeVersion.objects.filter(type__key=key, version=version).first()
        if row is None:
            raise CertificateTypeUnknown(type=key)
        return {**row.content, "source": row.source}

    def links(self, content: Mapping[str, Any]) -> Sequence[Link]:
        """Return nothing: items name certificates, not the other way round."""
        return []

    def renamed(self, content: Mapping[str, Any], keys: Mapping[Link, str]) -> dict[str, Any]:
        """Return a copy that goes by another name; it counts its numbers for itself and needs a type code of its own."""
        made = copy.deepcopy(dict(content))
        old = str(made.get("key", ""))
        made["key"] = keys.get(Link(self.kind, old), old)
        if made["key"] != old:
            made["type_code"] = ""
            if isinstance(made.get("number"), dict):
                made["number"]["counter"] = f"certificate.{made['key']}"
        return made


def sample(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a sheet of this type would say, with sample words."""
    name = T.of(content["name"])
    return {
        "heading": name.zh,
        "heading_en": name.en,
        "number": rules.format_number(
            content["number"],
            year=2026,
            n=1,
            area="000000",
            answers={},
            holder_id="53239919850101000X",
            worked_out={
                source.removeprefix(rules.WORKED_OUT): "1"
                for source in (content["number"].get("places") or {}).values()
            },
        ),
        "identifier": "1.2.156.3005.2.0.0.0.001.0",
        "fields": [
            {"label": field["label"], "value": {"zh": "样张", "en": "Sample"}} for field in content["fields"]
        ],
        "organ": "样张",
        "issued_on": "2026-01-01",
        "valid_from": "2026-01-01",
        "valid_to": "2030-12-31",
        "supervision": T.of(content.get("supervision")).zh,
        "verify_url": "sample",
        "verify_code": "SAMPLE",
    }
