"""Forms as content that an office edits itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tongban.base.actor import Actor
from tongban.base.editables import Fault, Link, Row, Version
from tongban.base.errors import Invalid
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.kernel.forms.checking import examine
from tongban.kernel.forms.definitions import compile_form, validate
from tongban.kernel.forms.errors import DefinitionInvalid, FormNotFound, OnceOnlyRefused
from tongban.kernel.forms.models import FormDef
from tongban.kernel.forms.operations.publish import put_form
from tongban.kernel.forms.rules.problem_words import in_chinese

__all__ = ["FormEditable"]

HELD = LocalizedText(
    zh="登记库“{register}”里已经有这一项（{held}）：绑定到登记库，或者写明为什么还要再问",
    en="the register {register} holds this already ({held}): bind the field to it, or say why it is asked all the same",
)


class FormEditable:
    """Form definitions: pages of fields."""

    kind = "form"
    label = LocalizedText("表单", "Form")

    def rows(self) -> list[Row]:
        """Return the newest version of every form."""
        rows = FormDef.objects.order_by("key", "-version").distinct("key")
        return [
            Row(key, name, version, at)
            for key, name, version, at in rows.values_list("key", "name", "version", "published_at")
        ]

    def load(self, key: str) -> dict[str, Any]:
        """Return the newest definition. Raises FormNotFound."""
        found = FormDef.objects.filter(key=key).order_by("-version").values_list("content", flat=True).first()
        if found is None:
            raise FormNotFound(form=key)
        return dict(found)

    def blank(self) -> dict[str, Any]:
        """Return a form of one page with one question."""
        return {
            "key": "",
            "name": {"zh": "", "en": ""},
            "pages": [
                {
                    "key": "page-1",
                    "title": {"zh": "第一页", "en": "Page 1"},
                    "fields": [
                        {"key": "field_1", "label": {"zh": "问题一", "en": "Question 1"}, "type": "text"}
                    ],
                }
            ],
        }

    def check(self, content: Mapping[str, Any]) -> list[Fault]:
        """Return what keeps the form from being published: its words first, what the registers say, then its dead ends."""
        found = validate(content)
        if found:
            return [Fault(problem.place, problem.words) for problem in found]
        try:
            form = compile_form(content)
        except DefinitionInvalid as refused:
            return [
                Fault(p["place"], LocalizedText(in_chinese(p["message"]), p["message"]))
                for p in refused.data["problems"]
            ]
        except OnceOnlyRefused as refused:
            return [
                Fault(f["field"], HELD.format(register=f["register"], held=f["register_field"]))
                for f in refused.data["fields"]
            ]
        except Invalid as refused:
            return [Fault("", LocalizedText.of(refused.detail or refused.title))]
        return [
            Fault(found.place, found.message, "error" if found.is_fault else "warning")
            for found in examine(form, at=now())
        ]

    def publish(
        self, *, content: Mapping[str, Any], actor: Actor, at: datetime, valid_from: date | None = None
    ) -> int:
        """Publish through the door. Raises DefinitionInvalid, OnceOnlyRefused."""
        return put_form(actor=actor, content=content, at=at, valid_from=valid_from).version

    def versions(self, key: str) -> list[Version]:
        """Return all versions of a form."""
        rows = FormDef.objects.filter(key=key).order_by("-version")
        return [Version(*row) for row in rows.values_list("version", "published_at", "valid_from")]

    def load_version(self, key: str, version: int) -> dict[str, Any]:
        """Return one version. Raises FormNotFound."""
        found = FormDef.objects.filter(key=key, version=version).values_list("content", flat=True).first()
        if found is None:
            raise FormNotFound(form=key, version=version)
        return dict(found)

    def links(self, content: Mapping[str, Any]) -> list[Link]:
        """A form names nothing that is edited elsewhere."""
        return []

    def renamed(self, content: Mapping[str, Any], keys: Mapping[Link, str]) -> dict[str, Any]:
        """Return the form under its new key."""
        own = Link(self.kind, str(content.get("key", "")))
        return {**content, "key": keys.get(own, own.key)}
