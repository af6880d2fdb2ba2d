"""Statements that are put together once: for the few reads that every act begins with.

Django builds a query, compiles it and finds out how to make objects of its rows each time anew; for a lock on one row by its key
that is several times what the database needs. A ``Statement`` does all this at its first call and afterwards only sends the
values, to a statement that the database has ``prepared`` too. What
comes back is what the queryset would have given: rows as objects with what they select along, annotations too.

    _BY_KEY = Statement(lambda pk: Case.objects.select_for_update().filter(pk=pk))
    case = _BY_KEY.get(pk=pk)

A value may stand wherever a queryset takes one value (``filter(pk=pk)``, ``RawSQL(..., [at])``), and a list, whose type in the
database is told (``pks="uuid[]"``), where one takes several (``filter(pk__in=pks)``). A tuple may stand there too: a statement is
put together for each length of it, which suits the few holders of an actor, and the planner knows more of single values.
A slice is the same whatever the values; prefetching is for querysets.

A plan that is kept knows no values: it takes every holder for an average one. Where one value may stand for thirty thousand
rows and another for none, ``keeps_plan=False`` has the statement planned each time.

A ``Text`` is for statements that are more than a queryset's objects: it gives text and values, and who wants them sends them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Expression, Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError

from tongban.base import prepared

__all__ = ["Statement", "Text"]

M = TypeVar("M", bound=Model)
Shape = tuple[int | None, ...]
"""How long each value is that is a tuple; None for any other."""


class _Place(Expression):
    """Where a value will stand, or a list of this type."""

    def __init__(self, name: str, list_type: str = "") -> None:
        super().__init__()
        self.name, self.list_type = name, list_type

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return f"(SELECT unnest(%s::{self.list_type}))" if self.list_type else "%s", [self]


class _Shapes:
    """What a function builds of places instead of values: once for each shape of these."""

    def __init__(self, build: Callable[..., Any], lists: Mapping[str, str]) -> None:
        self._build, self._lists = build, lists
        self._found: dict[Shape, tuple[Any, Mapping[Any, tuple[str, int]]]] = {}

    def of(
        self, values: Mapping[str, Any], compile_: Callable[[Any], Any]
    ) -> tuple[Any, Callable[[Any], Any]]:
        """Return what was compiled for values of this shape, and what tells the value for each of its parameters."""
        shape = tuple(len(value) if type(value) is tuple else None for value in values.values())
        if shape not in self._found:
            self._found[shape] = self._made(values, compile_)
        compiled, members = self._found[shape]

        def told(param: Any) -> Any:
            if type(param) is _Place:
                return values[param.name]
            if type(param) in (int, UUID) and param in members:
                name, number = members[param]
                return values[name][number]
            return param

        return compiled, told

    def _made(
        self, values: Mapping[str, Any], compile_: Callable[[Any], Any]
    ) -> tuple[Any, Mapping[Any, tuple[str, int]]]:
        members: dict[Any, tuple[str, int]] = {}
        places: dict[str, Any] = {}
        for name, value in values.items():
            if type(value) is tuple:
                places[name] = tuple(_stand_in(member) for member in value)
                members |= {stand_in: (name, number) for number, stand_in in enumerate(places[name])}
            else:
                places[name] = _Place(name, self._lists.get(name, ""))
        return compile_(self._build(**places)), members


def _stand_in(member: Any) -> int | UUID:
    """Return a value that nobody else has: Django wants one for each member of a list, and not a place."""
    if isinstance(member, int):
        return 2**62 + secrets.randbits(61)
    if isinstance(member, UUID):
        return uuid4()
    raise TypeError(f"members of a tuple are whole numbers or UUIDs: {type(member).__name__}")


class Text:
    """Text and values of a statement, as a function of the values gives them for places in their stead."""

    def __init__(self, build: Callable[..., tuple[str, Sequence[Any]]]) -> None:
        self._shapes = _Shapes(build, {})

    def of(self, **values: Any) -> tuple[str, list[Any]]:
        """Return text and values, for any cursor. Raises EmptyResultSet when it is known that there are no rows."""
        (sql, params), told = self._shapes.of(values, lambda made: made)
        return sql, [told(param) for param in params]


class _Compiled:
    """What does not change from call to call."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        compiler: Any = rows.query.get_compiler(connection=connection)
        if rows._prefetch_related_lookups:  # type: ignore[attr-defined]
            raise ValueError("a statement that prefetches is for a queryset")
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

    def __init__(self, build: Callable[..., QuerySet[M]], *, keeps_plan: bool = True, **lists: str) -> None:
        self._shapes = _Shapes(build, lists)
        self._keeps_plan = keeps_plan
        self._model: type[Model] = Model

    def all(self, **values: Any) -> list[M]:
        """Return the objects for these values."""
        try:
            compiled, told = self._shapes.of(values, _Compiled)
        except EmptyResultSet:
            return []  # no statement is needed to know it: in an empty tuple there is nothing
        self._model = compiled.model
        if compiled.locks and connection.get_autocommit():
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        with prepared.cursor(connection, keeps=self._keeps_plan) as cursor:
            cursor.execute(compiled.sql, [told(param) for param in compiled.params])
            return cast("list[M]", compiled.objects(cursor.fetchall()))

    def first(self, **values: Any) -> M | None:
        """Return the first object, None when there is none."""
        return next(iter(self.all(**values)), None)

    def get(self, **values: Any) -> M:
        """Return the object. Raises the model's DoesNotExist or MultipleObjectsReturned."""
        found = self.all(**values)
        if len(found) == 1:
            return found[0]
        model: Any = self._model
        raise (model.MultipleObjectsReturned if found else model.DoesNotExist)
