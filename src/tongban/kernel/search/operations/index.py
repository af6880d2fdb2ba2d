"""Keeping the index: things that can be found, words that mean the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.search import rules
from tongban.kernel.search.models import Entry, SynonymGroup

__all__ = ["index", "put_synonyms", "unindex"]


def index(
    *,
    ref: Ref,
    title: LocalizedText,
    body: LocalizedText,
    url: str,
    kind_label: LocalizedText,
    at: datetime,
    keywords: Sequence[str] = (),
    weight: float = 1.0,
) -> Entry:
    """Make something findable by everybody, or change how. Only what is public may be indexed.

    ``keywords`` are what people call it in their own words; ``weight`` above 1 lifts it among equals.
    """
    entry, _ = Entry.objects.update_or_create(
        kind=ref.kind,
        key=ref.id,
        defaults={
            "kind_label": kind_label,
            "title": title,
            "body": body,
            "keywords": list(keywords),
            "url": url,
            "weight": weight,
            "changed_at": at,
            "tokens_title": " ".join(rules.tokens_of(f"{title.zh} {title.en}")),
            "tokens_keywords": " ".join(rules.tokens_of(" ".join(keywords))),
            "tokens_body": " ".join(rules.tokens_of(f"{body.zh} {body.en}")),
            "tokens_sound": " ".join(rules.sound_of(" ".join([title.zh, *keywords]))),
        },
    )
    return entry


def unindex(ref: Ref) -> None:
    """Make something no longer findable. Does nothing when it was not."""
    Entry.objects.filter(kind=ref.kind, key=ref.id).delete()


def put_synonyms(*, key: str, terms: Sequence[str]) -> SynonymGroup:
    """Keep a group of words that mean the same; the same key again replaces it."""
    cleaned = list(dict.fromkeys(" ".join(term.lower().split()) for term in terms if term.strip()))
    group, _ = SynonymGroup.objects.update_or_create(key=key, defaults={"terms": cleaned})
    return group
