"""By when what a task belongs to is due next. Its owner knows; it is kept with the task, because lists are read in its order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, F, Func, OuterRef, Q, QuerySet, Subquery
from django.db.models.sql import UpdateQuery

from tongban.base import prepared
from tongban.base.statements import Text
from tongban.kernel.processes.models import Task

__all__ = ["Turns"]

IN_HAND = (Task.OPEN, Task.PLANNED)


class Turns:
    """Keeps ``Task.turn_at`` of one kind of owner.

    ``soonest`` gives for the id of an instance (a value, or the place of one in a statement) a queryset of at most one row, the
    moment when its owner is due next. Only rows of which that changed are written.
    """

    def __init__(self, soonest: Callable[[Any], QuerySet[Any, Any]]) -> None:
        self._soonest = soonest
        self._one = Text(self._changing)

    def keep(self, instance_id: UUID) -> None:
        """Keep the turn of what is in somebody's hands of one instance, whose owner the caller holds locked."""
        sql, params = self._one.of(instance=instance_id)
        with prepared.cursor(connection) as cursor:
            cursor.execute(sql, params)

    def keep_all(self, instances: Sequence[UUID]) -> None:
        """Keep the turns of these instances, whose owners the caller holds locked, by one statement."""
        soonest = Subquery(self._soonest(OuterRef("instance_id")))
        _moved(Task.objects.filter(instance__in=instances), soonest).update(turn_at=soonest)

    def _changing(self, instance: Any) -> tuple[str, Sequence[Any]]:
        soonest = Subquery(self._soonest(instance))
        query: Any = _moved(Task.objects.filter(instance_id=instance), soonest).query.chain(UpdateQuery)
        query.add_update_values({"turn_at": soonest})
        sql, params = query.get_compiler(connection=connection).as_sql()
        return sql, params


def _moved(tasks: QuerySet[Task], soonest: Subquery) -> QuerySet[Task]:
    differs = Func(
        F("turn_at"),
        soonest,
        template="(%(expressions)s)",
        arg_joiner=" IS DISTINCT FROM ",
        output_field=BooleanField(),
    )
    return tasks.filter(Q(differs), state__in=IN_HAND)
