"""Several counts by one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

__all__ = ["Rows", "count_together"]

Rows = QuerySet[Any, Any] | tuple[str, Sequence[Any]]
"""What is to be counted: a queryset, or text and values of one (``base.statements.Text``), for what every page counts."""


def count_together(rows: Mapping[str, Rows]) -> dict[str, int]:
    """Return how many rows each queryset has, as far as its slice goes: ``rows[:100]`` counts no further than 100."""
    found = dict.fromkeys(rows, 0)
    asked: list[str] = []
    parts: list[str] = []
    params: list[Any] = []
    for key, counted in rows.items():
        try:
            sql, values = counted if isinstance(counted, tuple) else counted.query.sql_with_params()
        except EmptyResultSet:
            continue  # it is known without asking that there are none
        asked.append(key)
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 - made by Django
        params += values
    if asked:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts)}", params)
            found |= dict(zip(asked, cursor.fetchone(), strict=True))
    return found
