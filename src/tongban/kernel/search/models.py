"""The index: one row a thing that can be found, and groups of words that mean the same."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from tongban.base.text import LocalizedTextField

__all__ = ["Entry", "SynonymGroup", "TsVectorField", "Word"]


class TsVectorField(models.Field):
    """PostgreSQL's ``tsvector``; filled by the database, never by us."""

    description = "Text search vector"

    def db_type(self, connection: Any) -> str:
        return "tsvector"


class Weighted(models.Func):
    """``setweight(to_tsvector('simple', column), 'A')``: the tokens are cut by us, so PostgreSQL only splits at spaces."""

    template = "setweight(to_tsvector('simple', %(expressions)s), '%(weight)s')"
    output_field = TsVectorField()

    def __init__(self, column: str, weight: str) -> None:
        self.column, self.weight = column, weight
        super().__init__(models.F(column), weight=weight)

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        return f"{type(self).__module__}.{type(self).__qualname__}", (self.column, self.weight), {}


class Joined(models.Func):
    """Concatenation of vectors."""

    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = TsVectorField()


class Entry(models.Model):
    """One thing that can be found: what it is called, what it says, where it is.

    The ``tokens_*`` columns hold what ``rules.tokens_of`` cut: words, pairs of characters, lower-case English, pinyin.
    """

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    kind_label = LocalizedTextField()
    title = LocalizedTextField()
    body = LocalizedTextField()
    keywords = ArrayField(models.CharField(max_length=120), default=list)
    url = models.CharField(max_length=300)
    weight = models.FloatField(default=1.0)
    audience = models.CharField(max_length=20, default="public")
    changed_at = models.DateTimeField()
    tokens_title = models.TextField()
    tokens_keywords = models.TextField()
    tokens_body = models.TextField()
    tokens_sound = models.TextField()
    vector = models.GeneratedField(
        expression=Joined(
            Weighted("tokens_title", "A"),
            Weighted("tokens_keywords", "B"),
            Weighted("tokens_body", "C"),
            Weighted("tokens_sound", "D"),
        ),
        output_field=TsVectorField(),
        db_persist=True,
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="search_entry_once")]
        indexes = [GinIndex(fields=["vector"], name="search_vector")]


class SynonymGroup(models.Model):
    """Words that people use for the same thing ("小吃店", "米线店", "snack bar"); lower case."""

    key = models.CharField(max_length=80, primary_key=True)
    terms = ArrayField(models.CharField(max_length=60))

    class Meta:
        indexes = [GinIndex(fields=["terms"], name="search_terms")]


class Word(models.Model):
    """A word that stands in a title or keyword, as it sounds; ``near`` are its forms with a letter left out, to find it mistyped.

    Words stay when nothing has them any more: then a guess simply finds nothing.
    """

    word = models.CharField(max_length=24, primary_key=True)
    near = ArrayField(models.CharField(max_length=24))

    class Meta:
        indexes = [GinIndex(fields=["near"], name="search_near")]
