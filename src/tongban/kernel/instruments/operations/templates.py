"""Keeping templates of papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tongban.base import published
from tongban.base.text import LocalizedText
from tongban.kernel.instruments.errors import PaperTemplateInvalid, PaperTemplateUnknown
from tongban.kernel.instruments.models import PaperTemplate
from tongban.kernel.instruments.rules import DEFAULT_NUMBER, is_number_format

__all__ = ["current_template", "put_template"]


def put_template(
    *,
    key: str,
    name: LocalizedText,
    kind_word: str,
    source: str,
    fields: Sequence[Mapping[str, Any]] = (),
    number_format: str = DEFAULT_NUMBER,
    legal_source: LocalizedText | None = None,
    at: datetime | None = None,
) -> PaperTemplate:
    """Keep a template; a changed one becomes a new version, an equal one stays. Raises PaperTemplateInvalid."""
    if not is_number_format(number_format, kind=kind_word, fields=fields):
        raise PaperTemplateInvalid(template=key)
    content = {
        "name": name,
        "kind_word": kind_word,
        "number_format": number_format,
        "fields": [dict(field) for field in fields],
        "source": source,
        "legal_source": legal_source or LocalizedText(""),
    }
    with transaction.atomic():
        last = PaperTemplate.objects.select_for_update().filter(key=key).order_by("-version").first()
        if last is not None and last.is_current and all(getattr(last, k) == v for k, v in content.items()):
            return last
        PaperTemplate.objects.filter(key=key, is_current=True).update(is_current=False)
        made = PaperTemplate.objects.create(
            key=key, version=last.version + 1 if last else 1, put_at=at, **content
        )
        published.forget()
    return made


def current_template(key: str) -> PaperTemplate:
    """Return the current version. Raises PaperTemplateUnknown."""
    template = _current.get(key)
    if template is None:
        raise PaperTemplateUnknown(template=key)
    return template


def _load(key: str) -> PaperTemplate | None:
    return PaperTemplate.objects.filter(key=key, is_current=True).first()


_current = published.Kept(("instruments_papertemplate",), _load)
