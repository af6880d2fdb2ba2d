"""What the templates of identity say about errors of fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

from tongban.base.text import LocalizedText

register = template.Library()


@register.filter
def of_field(errors: Iterable[Mapping[str, Any]], name: str) -> LocalizedText | str:
    """Return the first message for a field, nothing when there is none."""
    return next((LocalizedText.of(e["message"]) for e in errors if e["field"] == name), "")
