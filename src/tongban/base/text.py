"""Content in two languages. Chinese is required, English may be missing and then falls back to Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import get_language

__all__ = ["LocalizedText", "LocalizedTextField"]


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """One text in Chinese (``zh``) and English (``en``). ``str()`` gives the language of the current request."""

    zh: str
    en: str = ""

    @classmethod
    def of(cls, value: LocalizedText | Mapping[str, str] | str | None) -> LocalizedText:
        """Make one from itself, a mapping ``{"zh", "en"}``, a plain Chinese string or None (empty)."""
        if isinstance(value, LocalizedText):
            return value
        if value is None:
            return cls("")
        if isinstance(value, str):
            return cls(value)
        return cls(zh=value.get("zh", ""), en=value.get("en", ""))

    def in_language(self, language: str) -> str:
        """Return the text in ``language`` ("zh", "zh-hans", "en", ...), Chinese where there is no translation."""
        return self.en if language.startswith("en") and self.en else self.zh

    def as_json(self) -> dict[str, str]:
        """Return the shape in which it is stored and sent."""
        return {"zh": self.zh, "en": self.en}

    def format(self, **values: Any) -> LocalizedText:
        """Fill ``{name}`` places in both languages; values that are LocalizedText are filled per language."""

        def in_one(language: str) -> dict[str, Any]:
            return {
                k: v.in_language(language) if isinstance(v, LocalizedText) else v for k, v in values.items()
            }

        return LocalizedText(
            self.zh.format(**in_one("zh")), self.en.format(**in_one("en")) if self.en else ""
        )

    def __str__(self) -> str:
        return self.in_language(get_language() or "zh")

    def __bool__(self) -> bool:
        return bool(self.zh)


class LocalizedTextField(models.JSONField):
    """A model field that holds a LocalizedText as ``{"zh", "en"}``."""

    description = "Text in Chinese and English"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> LocalizedText | None:
        value = super().from_db_value(value, expression, connection)
        return None if value is None else LocalizedText.of(value)

    def to_python(self, value: Any) -> LocalizedText | None:
        return None if value is None else LocalizedText.of(value)

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else LocalizedText.of(value).as_json()

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, LocalizedText | str):
            value = LocalizedText.of(value).as_json()
        return super().get_db_prep_value(value, connection, prepared)
