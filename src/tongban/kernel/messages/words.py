"""The words of messages: content first, else what a module brought itself."""

from __future__ import annotations

from pathlib import Path

from tongban.base.packs import Pack
from tongban.base.published import Kept
from tongban.base.registry import Registry
from tongban.base.text import LocalizedText
from tongban.kernel.messages.errors import MessageTemplateUnknown
from tongban.kernel.messages.models import MessageTemplate

__all__ = ["brought", "register_words", "register_words_in", "words_of"]

_defaults: Registry[tuple[LocalizedText, LocalizedText]] = Registry("words of messages")


def _load(template: str) -> tuple[LocalizedText, LocalizedText] | None:
    return MessageTemplate.objects.filter(pk=template).values_list("subject", "body").first()


_content = Kept(("messages_messagetemplate",), _load)


def register_words(key: str, *, subject: LocalizedText, body: LocalizedText) -> None:
    """Give the words that a module brings itself, in ``AppConfig.ready()``; content (``put_template``) goes before them."""
    if key not in _defaults:
        _defaults.register(key, (subject, body))


def register_words_in(folder: Path) -> None:
    """Give the words that stand in the ``messages.yaml`` of a module's built-in content, as ``register_words`` does."""
    for row in Pack(folder).yaml("messages.yaml", "messages"):
        register_words(
            row["key"], subject=LocalizedText.of(row["subject"]), body=LocalizedText.of(row["body"])
        )


def words_of(template: str) -> tuple[LocalizedText, LocalizedText]:
    """Return subject and body of a template with their {places}. Raises MessageTemplateUnknown."""
    words = _content.get(template) or _defaults.find(template)
    if words is None:
        raise MessageTemplateUnknown(template=template)
    return words


def brought() -> dict[str, tuple[LocalizedText, LocalizedText]]:
    """Return the words that modules brought, by key."""
    return {key: _defaults.get(key) for key in _defaults.keys()}  # noqa: SIM118 - a registry iterates over its entries
