"""Keeping the index: things that can be found, words that mean the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.search import rules
from tongban.kernel.search.models import Entry, SynonymGroup, Word

__all__ = ["Findable", "index", "index_many", "put_synonyms", "unindex"]


@dataclass(frozen=True, slots=True)
class Findable:
    """Something that everybody may find: by its title, its text, and what people call it in their own words.

    ``weight`` above 1 lifts it among equals.
    """

    ref: Ref
    title: LocalizedText
    body: LocalizedText
    url: str
    kind_label: LocalizedText
    keywords: Sequence[str] = ()
    weight: float = 1.0


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
) -> None:
    """Make something findable by everybody, or change how. Only what is public may be indexed."""
    index_many([Findable(ref, title, body, url, kind_label, keywords, weight)], at=at)


def index_many(found: Sequence[Findable], *, at: datetime) -> None:
    """Make many things findable, or change how, by two statements."""
    Entry.objects.bulk_create(
        [_entry(each, at) for each in found],
        update_conflicts=True,
        unique_fields=["kind", "key"],
        update_fields=[
            "kind_label", "title", "body", "keywords", "url", "weight", "changed_at",
            "tokens_title", "tokens_keywords", "tokens_body", "tokens_sound",
        ],
    )  # fmt: skip
    texts = (text for each in found for text in (each.title.zh, each.title.en, *each.keywords))
    remember_words({word for text in texts for word in rules.words_of(text)})


def remember_words(words: Collection[str]) -> None:
    """Keep words, so that they are recognised when somebody mistypes them."""
    Word.objects.bulk_create(
        [Word(word=word, near=rules.near_forms(word)) for word in sorted(words)], ignore_conflicts=True
    )


def _entry(found: Findable, at: datetime) -> Entry:
    keywords = list(found.keywords)
    return Entry(
        kind=found.ref.kind,
        key=found.ref.id,
        kind_label=found.kind_label,
        title=found.title,
        body=found.body,
        keywords=keywords,
        url=found.url,
        weight=found.weight,
        changed_at=at,
        tokens_title=" ".join(rules.tokens_of(f"{found.title.zh} {found.title.en}")),
        tokens_keywords=" ".join(rules.tokens_of(" ".join(keywords))),
        tokens_body=" ".join(rules.tokens_of(f"{found.body.zh} {found.body.en}")),
        tokens_sound=" ".join(rules.sound_of(" ".join([found.title.zh, *keywords]))),
    )


def unindex(ref: Ref) -> None:
    """Make something no longer findable. Does nothing when it was not."""
    Entry.objects.filter(kind=ref.kind, key=ref.id).delete()


def put_synonyms(*, key: str, terms: Sequence[str]) -> SynonymGroup:
    """Keep a group of words that mean the same; the same key again replaces it."""
    cleaned = list(dict.fromkeys(" ".join(term.lower().split()) for term in terms if term.strip()))
    group, _ = SynonymGroup.objects.update_or_create(key=key, defaults={"terms": cleaned})
    return group
