"""Statements that are put together once: for the few reads that every act begins with.

Django builds a query, compiles it and finds out how to make objects of its rows each time anew; for a lock on one row by its key
that is several times what the database needs. A ``Statement`` does all this at its first call and afterwards only sends the
values. What comes back is what the queryset would have given: rows as objects with what they select along, annotations too.

    _BY_KEY = Statement(lambda pk: Case.objects.select_for_update().filter(pk=pk))
    case = _BY_KEY.get(pk=pk)

A value may stand wherever a queryset takes one value (``filter(pk=pk)``, ``RawSQL(..., [at])``), and a list, whose type in the
database is told (``pks="uuid[]"``), where one takes several (``filter(pk__in=pks)``). Slices and prefetching are for querysets.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Expression, Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError

__all__ = ["Statement"]

M = TypeVar("M", bound=Model)


class _Place(Expression):
    """Where a value will stand, or a list of this type."""

    def __init__(self, name: str, list_type: str = "") -> None:
        super().__init__()
        self.name, self.list_type = name, list_type

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return f"(SELECT unnest(%s::{self.list_type}))" if self.list_type else "%s", [self]


class _Compiled:
    """What does not change from call to call."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        compiler: Any = rows.query.get_compiler(connection=connection)
        if rows._prefetch_related_lookups or rows.query.is_sliced:  # type: ignore[attr-defined]
            raise ValueError("a statement neither prefetches nor slices")
        self.sql, self.params = compiler.as_sql()
        compiler.setup_query()
        self.locks = rows.query.select_for_update
        select, klass_info = compiler.select, compiler.klass_info
        fields = klass_info["select_fields"]
        self.model = cast("type[Model]", klass_info["model"])
        self.begin, self.end = fields[0], fields[-1] + 1
        self.names = [each[0].target.attname for each in select[self.begin : self.end]]
        self.related = get_related_populators(klass_info, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg] # Django 5.2
        self.annotations = list(compiler.annotation_col_map.items())
        self.converters = [
            (position, converters, expression)
            for position, (converters, expression) in compiler.get_converters(
                [each[0] for each in select]
            ).items()
        ]

    def objects(self, rows: Sequence[Sequence[Any]]) -> list[Any]:
        found = []
        for told in rows:
            row = list(told)
            for position, converters, expression in self.converters:
                for convert in converters:
                    row[position] = convert(row[position], expression, connection)
            made: Any = self.model.from_db(DEFAULT_DB_ALIAS, self.names, row[self.begin : self.end])
            for related in self.related:
                related.populate(row, made)
            for name, position in self.annotations:
                setattr(made, name, row[position])
            found.append(made)
        return found


class Statement(Generic[M]):
    """A queryset, built by a function of the values that it is asked with (their names are the function's)."""

    def __init__(self, build: Callable[..., QuerySet[M]], **lists: str) -> None:
        self._build, self._lists = build, lists
        self._compiled: _Compiled | None = None

    def all(self, **values: Any) -> list[M]:
        """Return the objects for these values."""
        if self._compiled is None:
            names = inspect.signature(self._build).parameters
            places = {name: _Place(name, self._lists.get(name, "")) for name in names}
            self._compiled = _Compiled(self._build(**places))
        compiled = self._compiled
        if compiled.locks and connection.get_autocommit():
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        params = [values[p.name] if type(p) is _Place else p for p in compiled.params]
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, params)
            return compiled.objects(cursor.fetchall())

    def first(self, **values: Any) -> M | None:
        """Return the first object, None when there is none."""
        return next(iter(self.all(**values)), None)

    def get(self, **values: Any) -> M:
        """Return the object. Raises the model's DoesNotExist or MultipleObjectsReturned."""
        found = self.all(**values)
        if len(found) == 1:
            return found[0]
        model = self._compiled.model if self._compiled else Model
        raise (model.MultipleObjectsReturned if found else model.DoesNotExist)  # type: ignore[attr-defined]
