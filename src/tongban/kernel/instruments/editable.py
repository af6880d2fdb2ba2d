"""Papers as content that an office edits itself: as a pack writes them, with the typst text itself as ``source``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from tongban.base.actor import Actor
from tongban.base.editables import Fault, Link, Row, Version
from tongban.base.text import LocalizedText
from tongban.kernel.instruments.errors import PaperTemplateUnknown
from tongban.kernel.instruments.models import PaperTemplate
from tongban.kernel.instruments.operations.templates import put_template
from tongban.kernel.instruments.preview import preview_template, template_faults
from tongban.kernel.instruments.rules import DEFAULT_NUMBER

__all__ = ["PaperEditable"]


class PaperEditable:
    """Templates of papers. A field may bring a ``sample`` for the preview."""

    kind = "paper"
    label = LocalizedText("文书", "Paper")

    def rows(self) -> list[Row]:
        """Return the current version of every template."""
        rows = PaperTemplate.objects.order_by("key", "-version").distinct("key")
        return [
            Row(key, name, version, at)
            for key, name, version, at in rows.values_list("key", "name", "version", "put_at")
        ]

    def load(self, key: str) -> dict[str, Any]:
        """Return the newest version. Raises PaperTemplateUnknown."""
        return self._content(key)

    def blank(self) -> dict[str, Any]:
        """Return a paper of one sentence with the fields that every application has."""
        return {
            "key": "",
            "name": {"zh": "", "en": ""},
            "kind": "",
            "number_format": DEFAULT_NUMBER,
            "legal_source": {"zh": "", "en": ""},
            "fields": [
                {"key": key, "label": {"zh": zh, "en": en}, "required": True}
                for key, zh, en in (
                    ("case_number", "办件编号", "Case number"),
                    ("applicant", "申请人", "Applicant"),
                    ("item", "事项", "Item"),
                    ("submitted_on", "提交时间", "Submitted at"),
                )
            ],
            "source": BLANK,
        }

    def check(self, content: Mapping[str, Any]) -> list[Fault]:
        """Return what is wrong with its words, then what typst says to it with sample values."""
        return template_faults(content)

    def preview(
        self, content: Mapping[str, Any], *, at: datetime, form: Literal["pdf", "png"] = "pdf"
    ) -> bytes:
        """Return a sample of the paper. Raises RenderingFailed."""
        return preview_template(content, at=at, form=form)

    def publish(
        self, *, content: Mapping[str, Any], actor: Actor, at: datetime, valid_from: date | None = None
    ) -> int:
        """Put the template; papers issued before keep theirs. Raises PaperTemplateInvalid."""
        return put_template(
            key=str(content["key"]),
            name=LocalizedText.of(content["name"]),
            kind_word=str(content["kind"]),
            number_format=content.get("number_format") or DEFAULT_NUMBER,
            fields=content.get("fields", []),
            source=str(content["source"]),
            legal_source=LocalizedText.of(content.get("legal_source")),
            at=at,
        ).version

    def versions(self, key: str) -> list[Version]:
        """Return all versions of a template."""
        rows = PaperTemplate.objects.filter(key=key).order_by("-version")
        return [Version(*row) for row in rows.values_list("version", "put_at")]

    def load_version(self, key: str, version: int) -> dict[str, Any]:
        """Return one version. Raises PaperTemplateUnknown."""
        return self._content(key, version=version)

    def links(self, content: Mapping[str, Any]) -> list[Link]:
        """A paper names nothing that is edited elsewhere."""
        return []

    def renamed(self, content: Mapping[str, Any], keys: Mapping[Link, str]) -> dict[str, Any]:
        """Return the template under its new key."""
        own = Link(self.kind, str(content.get("key", "")))
        return {**content, "key": keys.get(own, own.key)}

    def _content(self, key: str, **which: int) -> dict[str, Any]:
        row = PaperTemplate.objects.filter(key=key, **which).order_by("-version").first()
        if row is None:
            raise PaperTemplateUnknown(template=key)
        return {
            "key": row.key,
            "name": row.name.as_json(),
            "kind": row.kind_word,
            "number_format": row.number_format,
            "legal_source": row.legal_source.as_json(),
            "fields": row.fields,
            "source": row.source,
        }


BLANK = """// One sentence for each thing that the law wants said.
#import "/paper.typ": *
#show: paper

你（单位）于#date-zh(data.submitted_on)提交的#the-application，经审查，现通知如下：

"""
