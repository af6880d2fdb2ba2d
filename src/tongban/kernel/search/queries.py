"""Finding."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import connection

from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.search import rules
from tongban.kernel.search.models import SynonymGroup, Word

__all__ = ["Hit", "search"]


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found. ``matched`` is how many of the question's ``asked`` terms it meets.

    ``is_guess`` when not what was typed was found, but what it sounds like or nearly is.
    """

    ref: Ref
    kind_label: LocalizedText
    title: LocalizedText
    body: LocalizedText
    url: str
    matched: int
    asked: int
    score: float
    is_guess: bool = False


# How many terms are met counts most, then where they stand (title, keywords, text, sound) and how often, then the entry's weight.
# A term that is met only by somebody's long text (weight C) is worth less than half of one met by a title or keyword.
FIND = """
WITH question AS (SELECT to_tsquery('simple', %(query)s) AS asked),
     found AS (
       SELECT entry.*, ts_rank('{{0.05, 0.2, 0.8, 1.0}}', words, question.asked, 1) AS rank,
              {matched} AS matched
         FROM question, LATERAL (
           SELECT each.*, each.vector || '' AS words FROM search_entry AS each
            WHERE each.vector @@ question.asked AND each.audience = 'public'
              AND (%(kinds)s::text[] IS NULL OR each.kind = ANY(%(kinds)s::text[]))
            OFFSET 0
         ) AS entry
     )
SELECT kind, key, kind_label, title, body, url, matched,
       (matched::float / %(asked)s) * (0.15 + rank) * weight AS score
  FROM found ORDER BY score DESC, title ->> 'zh', key LIMIT %(limit)s
"""


# One for each term, so that the database reads a term once and not again for every entry. ``words`` is the vector unpacked:
# that of a long text lies beside the row, and would be fetched again for each use.
MATCHED = "(words @@ to_tsquery('simple', %({name})s))::int"


def search(query: str, *, kinds: Sequence[str] | None = None, limit: int = 20) -> list[Hit]:
    """Return what answers the query, best first; nothing for an empty one.

    The query is free text in Chinese, English or pinyin, of which the first 100 characters count. Two database queries; up to
    three more when something that was typed is nowhere to be found: then also what it sounds like or nearly is counts.
    """
    phrases = rules.phrases_of(query)
    if not phrases:
        return []
    groups = (
        SynonymGroup.objects.filter(terms__overlap=phrases).order_by("key").values_list("terms", flat=True)
    )
    question = rules.question_of(query, groups)
    if not question:
        return []
    hits = _find(question, kinds, limit)
    if not hits or max(hit.matched for hit in hits) < len(question.terms):
        guessed = _guess(query)
        found = [replace(hit, is_guess=True) for hit in _find(guessed, kinds, limit)] if guessed else []
        best = max((hit.matched / hit.asked for hit in hits), default=0.0)
        if found and max(hit.matched / hit.asked for hit in found) > best:
            return found
    return hits


def _guess(query: str) -> rules.Question | None:
    """Return what the query could have meant, None when no guess is better than what was typed."""
    latin, sounds = rules.guesses_of(query)
    near: dict[str, list[str]] = {}
    if latin:
        forms = {form for word in latin for form in rules.near_forms(word)}
        candidates = list(
            Word.objects.filter(near__overlap=sorted(forms)).values_list("word", flat=True)[:200]
        )
        for typed in latin:
            words = sorted(
                (word for word in candidates if word != typed and rules.is_near(typed, word)),
                key=lambda word: (rules.distance(typed, word), word),
            )
            near[typed] = words[:8]
    known = set(Word.objects.filter(word__in=sounds).values_list("word", flat=True)) if sounds else set()
    if not known and not any(near.values()):
        return None
    return rules.widened(query, near, known)


def _find(question: rules.Question, kinds: Sequence[str] | None, limit: int) -> list[Hit]:
    terms = {f"term{n}": rules.term_query(term) for n, term in enumerate(question.terms)}
    with connection.cursor() as cursor:
        cursor.execute(
            FIND.format(matched=" + ".join(MATCHED.format(name=name) for name in terms)),
            {
                **terms,
                "query": rules.tsquery_of(question),
                "asked": len(question.terms),
                "kinds": list(kinds) if kinds is not None else None,
                "limit": limit,
            },
        )
        rows = cursor.fetchall()
    return [_hit(row, asked=len(question.terms)) for row in rows]


def _hit(row: tuple, *, asked: int) -> Hit:
    kind, key, kind_label, title, body, url, matched, score = row
    return Hit(
        ref=Ref(kind, key),
        kind_label=LocalizedText.of(_json(kind_label)),
        title=LocalizedText.of(_json(title)),
        body=LocalizedText.of(_json(body)),
        url=url,
        matched=matched,
        asked=asked,
        score=float(score),
    )


def _json(value: object) -> dict[str, str]:
    return json.loads(value) if isinstance(value, str) else value  # type: ignore[return-value]
