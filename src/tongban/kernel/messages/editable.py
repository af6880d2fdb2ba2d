"""The words of messages as content that an office edits itself: ``{"key", "subject", "body"}``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from string import Formatter
from typing import Any

from tongban.base.actor import Actor
from tongban.base.editables import Fault, Link, Row, Version, text_of
from tongban.base.text import LocalizedText
from tongban.kernel.messages.errors import MessageTemplateUnknown
from tongban.kernel.messages.models import MessageVersion
from tongban.kernel.messages.operations.send import put_template
from tongban.kernel.messages.words import brought

__all__ = ["MessageEditable", "places_in"]

BAD_PLACE = LocalizedText(
    zh="花括号要成对，里面只写名称，例如 {number}",
    en="braces come in pairs with a plain name inside, for example {number}",
)
NEW_PLACE = LocalizedText(
    zh="{{{place}}} 不在原来的文字里，发送时可能没有这项内容",
    en="{{{place}}} is not in the words as they were; there may be nothing to put there",
)
MISSING = LocalizedText("还没有填", "is missing")


class MessageEditable:
    """Messages: what a module brought is version 0, what the office wrote counts from 1."""

    kind = "message"
    label = LocalizedText("消息文字", "Message text")

    def rows(self) -> list[Row]:
        """Return every message that is sent, with the words in force."""
        found = {
            row.key: Row(row.key, row.subject, row.version, row.put_at)
            for row in MessageVersion.objects.order_by("key", "-version").distinct("key")
        }
        known = {key: Row(key, subject, 0) for key, (subject, _) in brought().items()}
        return sorted({**known, **found}.values(), key=lambda row: row.key)

    def load(self, key: str) -> dict[str, Any]:
        """Return the words in force. Raises MessageTemplateUnknown."""
        row = MessageVersion.objects.filter(key=key).order_by("-version").first()
        return _content(key, row.subject, row.body) if row else self._brought(key)

    def blank(self) -> dict[str, Any]:
        """Return empty words."""
        return {"key": "", "subject": {"zh": "", "en": ""}, "body": {"zh": "", "en": ""}}

    def check(self, content: Any) -> list[Fault]:
        """Return what cannot be sent; a place that was not in the words before is warned of."""
        faults = []
        before = self._places_before(str(content.get("key", "")))
        for name in ("subject", "body"):
            text = text_of(content.get(name))
            if not text:
                faults.append(Fault(f"{name}.zh", MISSING))
            for language, words in text.as_json().items():
                places = places_in(words)
                if places is None:
                    faults.append(Fault(f"{name}.{language}", BAD_PLACE))
                elif before is not None:
                    faults += [
                        Fault(f"{name}.{language}", NEW_PLACE.format(place=place), "warning")
                        for place in sorted(places - before)
                    ]
        return faults

    def publish(
        self, *, content: Mapping[str, Any], actor: Actor, at: datetime, valid_from: date | None = None
    ) -> int:
        """Put the words; they count from the next message on."""
        key = str(content["key"])
        put_template(
            key=key,
            subject=LocalizedText.of(content["subject"]),
            body=LocalizedText.of(content["body"]),
            at=at,
        )
        return self.versions(key)[0].version

    def versions(self, key: str) -> list[Version]:
        """Return the versions; the words that a module brought are version 0."""
        rows = MessageVersion.objects.filter(key=key).order_by("-version").values_list("version", "put_at")
        return [*(Version(*row) for row in rows), *([Version(0, None)] if key in brought() else [])]

    def load_version(self, key: str, version: int) -> dict[str, Any]:
        """Return one version. Raises MessageTemplateUnknown."""
        if version == 0:
            return self._brought(key)
        row = MessageVersion.objects.filter(key=key, version=version).first()
        if row is None:
            raise MessageTemplateUnknown(template=key)
        return _content(key, row.subject, row.body)

    def links(self, content: Mapping[str, Any]) -> list[Link]:
        """A message names nothing that is edited elsewhere."""
        return []

    def renamed(self, content: Mapping[str, Any], keys: Mapping[Link, str]) -> dict[str, Any]:
        """Return the words under their new key."""
        own = Link(self.kind, str(content.get("key", "")))
        return {**content, "key": keys.get(own, own.key)}

    def _brought(self, key: str) -> dict[str, Any]:
        words = brought().get(key)
        if words is None:
            raise MessageTemplateUnknown(template=key)
        return _content(key, *words)

    def _places_before(self, key: str) -> set[str] | None:
        """Return the places of all versions, None for a message that nobody sends yet."""
        texts = [t for row in MessageVersion.objects.filter(key=key) for t in (row.subject, row.body)]
        texts += brought().get(key, ())
        if not texts:
            return None
        return {
            place for text in texts for words in text.as_json().values() for place in places_in(words) or ()
        }


def places_in(words: str) -> set[str] | None:
    """Return the names in braces, None where the braces cannot be read or hold more than a name."""
    try:
        parts = list(Formatter().parse(words))
    except ValueError:
        return None
    places = {name for _, name, _, _ in parts if name is not None}
    plain = all(name.isidentifier() for name in places)
    return places if plain and not any(spec or conversion for _, _, spec, conversion in parts) else None


def _content(key: str, subject: LocalizedText, body: LocalizedText) -> dict[str, Any]:
    return {"key": key, "subject": subject.as_json(), "body": body.as_json()}
