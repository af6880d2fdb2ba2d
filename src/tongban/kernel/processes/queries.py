"""Reading processes: tasks, timers, incidents, definitions. Every function returns frozen views or a queryset of tasks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, Count, F, Func, QuerySet, TextField, Value, When
from django.db.models.functions import Concat

from tongban.base.ref import Ref
from tongban.base.statements import Statement
from tongban.base.text import LocalizedText
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import bpmn
from tongban.kernel.processes.diagram import Diagram, localised, marks_of
from tongban.kernel.processes.drawing import Drawing, draw
from tongban.kernel.processes.engine import State
from tongban.kernel.processes.errors import (
    DefinitionNotFound,
    IncidentNotFound,
    InstanceNotFound,
    TaskNotFound,
)
from tongban.kernel.processes.models import Attempt, Definition, Incident, Instance, Task, Timer
from tongban.kernel.processes.operations.binding import graph_of
from tongban.kernel.processes.registry import why_not_skip
from tongban.kernel.processes.results import (
    AttemptView,
    IncidentView,
    TaskView,
    TimerView,
    incident_view,
    task_view,
    vars_of,
)
from tongban.kernel.processes.standing import Situation, doers_of
from tongban.kernel.processes.trail import Trail

__all__ = [
    "DefinitionView",
    "allows",
    "attempts_of",
    "causes_of_open_incidents",
    "count_open_incidents",
    "diagram",
    "done_tasks",
    "drawing",
    "export_definition",
    "get_definition",
    "get_incident",
    "get_task",
    "get_tasks",
    "has_done_the_other",
    "incidents_of",
    "needed_duty",
    "open_incidents",
    "open_tasks",
    "open_tasks_of_holder",
    "owners_of",
    "resolved_incidents",
    "situation_of",
    "tasks_after",
    "tasks_in_hands",
    "tasks_of",
    "timers_of",
    "unclaimed_tasks",
]


class DefinitionView(NamedTuple):
    """A published version of a process."""

    key: str
    version: int
    name: LocalizedText
    published_at: datetime
    xml: str


def get_task(task_id: int) -> TaskView:
    """Return a task with the outcomes allowed now. Raises TaskNotFound. Who may see it is the caller's question."""
    task = Task.objects.select_related("instance").filter(pk=task_id).first()
    if task is None:
        raise TaskNotFound
    return task_view(task, vars_of(task))


def get_tasks(task_ids: Iterable[int]) -> dict[int, TaskView]:
    """Return several tasks by id, in one query; those that are not there are left out."""
    tasks = Task.objects.select_related("instance").filter(pk__in=list(task_ids))
    return {task.pk: task_view(task, vars_of(task)) for task in tasks}


def tasks_of(instance_id: UUID) -> list[TaskView]:
    """Return all tasks of an instance, oldest first."""
    return [task_view(task, vars_of(task)) for task in _TASKS.all(instance=instance_id)]


_TASKS = Statement(
    lambda instance: (
        Task.objects.select_related("instance").filter(instance=instance).order_by("opened_at", "pk")
    )
)


def situation_of(instance: Instance, tasks: Sequence[TaskView]) -> Situation:
    """Return the situation of an instance from what is already loaded, for asking which moves are allowed; no query."""
    return Situation(
        graph=graph_of(instance.definition_id),
        state=State.of(instance.state),
        trail=Trail.of(instance.trail),
        values=instance.vars,
        elements=instance.elements,
        is_active=instance.status == Instance.ACTIVE,
        tasks=tasks,
    )


def tasks_in_hands(person_id: UUID) -> list[TaskView]:
    """Return what a person has claimed, or was asked, and has not done, for a hand-over."""
    tasks = Task.objects.filter(claimed_by=person_id, state__in=[Task.OPEN, Task.PLANNED])
    return [task_view(task) for task in tasks.order_by("pk")]


def unclaimed_tasks(holders: Iterable[int]) -> list[TaskView]:
    """Return the open tasks of these holders that nobody has claimed, for a hand-over."""
    return [task_view(task) for task in open_tasks(holders).filter(claimed_by=None).order_by("pk")]


def tasks_after(task_id: int, *, limit: int) -> list[TaskView]:
    """Return the next steps of people in the order in which they were opened, for who judges each once; one indexed query."""
    tasks = Task.objects.select_related("instance").filter(pk__gt=task_id, role=Task.MAIN)
    return [task_view(task) for task in tasks.order_by("pk")[:limit]]


def has_done_the_other(task: TaskView, person_id: UUID) -> bool:
    """Return whether a person did the step that must be another officer's than this one."""
    if not task.separate_from:
        return False
    row = Task.objects.select_related("instance").get(pk=task.id)
    return str(person_id) in doers_of(vars_of(row), task.separate_from)


def needed_duty(task_id: int) -> tuple[str, int] | None:
    """Return the duty that a task needs and the unit in which, None when the process does not give it to a duty.

    Of a unit that was merged it is the successor.
    """
    task = Task.objects.select_related("instance").get(pk=task_id)
    needed = situation_of(task.instance, []).needed(task_view(task))
    return None if needed is None else (needed[0], identity.unit_in_charge(needed[1]))


def allows(instance: Instance, move: str) -> bool:
    """Return whether the process of an instance allows a move that belongs to no step ("circulate")."""
    said = graph_of(instance.definition_id).moves
    return not said or move in said.split()


def open_tasks(holders: Iterable[int]) -> QuerySet[Task]:
    """Return the open tasks of these holders for lists to filter, join and page; one index answers it."""
    return Task.objects.filter(holder__in=list(holders), state=Task.OPEN)


def open_tasks_of_holder(holder: Any) -> QuerySet[Task]:
    """Return the open tasks of one holder (its id, or what gives it within another statement), for the same."""
    return Task.objects.filter(holder=holder, state=Task.OPEN)


def done_tasks(person_id: UUID) -> QuerySet[Task]:
    """Return the tasks that a person completed, for lists to filter, join and page."""
    return Task.objects.filter(completed_by=person_id, state=Task.DONE)


def timers_of(instance_id: UUID) -> list[TimerView]:
    """Return the due times still ahead, next first."""
    timers = Timer.objects.select_related("instance").filter(instance=instance_id, state=Timer.WAITING)
    views = []
    for timer in timers.order_by("due_at", "pk"):
        node = graph_of(timer.instance.definition_id).nodes[timer.node]
        views.append(TimerView(node.id, LocalizedText(*node.label), node.attached_to, timer.due_at))
    return views


def open_incidents(*, limit: int = 500) -> list[IncidentView]:
    """Return the open incidents, oldest first; ``count_open_incidents`` says how many there are beyond ``limit``."""
    return _incidents(Incident.objects.filter(resolved_at__isnull=True), limit=limit)


def owners_of(instances: Iterable[UUID]) -> dict[UUID, Ref]:
    """Return to whom each of these instances belongs; unknown ones are left out."""
    rows = Instance.objects.filter(pk__in=list(instances)).values_list("pk", "owner_kind", "owner_id")
    return {pk: Ref(kind, key) for pk, kind, key in rows}


def causes_of_open_incidents(*, limit: int = 50) -> dict[str, int]:
    """Return how many incidents are open by their cause, the most frequent first; counted in the database, whatever there is."""
    operation = Case(When(job__operation="", then=F("job__node")), default=F("job__operation"))
    alike = Func(
        F("error"),
        *map(Value, ("[0-9]+", "#", "g")),
        function="regexp_replace",
        output_field=TextField(),
    )
    causes = Incident.objects.filter(resolved_at__isnull=True).annotate(
        cause=Concat(operation, Value(": "), alike, output_field=TextField())
    )
    counted = causes.values_list("cause").annotate(n=Count("pk")).order_by("-n", "cause")
    return dict(counted[:limit])


def count_open_incidents() -> int:
    """Return how many incidents are open."""
    return Incident.objects.filter(resolved_at__isnull=True).count()


def get_incident(incident_id: int) -> IncidentView:
    """Return an incident, open or resolved. Raises IncidentNotFound."""
    found = _incidents(Incident.objects.filter(pk=incident_id))
    if not found:
        raise IncidentNotFound
    return found[0]


def resolved_incidents(*, limit: int = 200) -> list[IncidentView]:
    """Return the incidents that were resolved last, newest first."""
    newest = Incident.objects.filter(resolved_at__isnull=False).order_by("-resolved_at", "-pk")
    ids = list(newest.values_list("pk", flat=True)[:limit])
    return sorted(_incidents(Incident.objects.filter(pk__in=ids)), key=lambda i: ids.index(i.id))


def attempts_of(incident: IncidentView) -> list[AttemptView]:
    """Return the failed attempts at the step of an incident, oldest first."""
    rows = Attempt.objects.filter(
        instance=incident.instance_id, node=incident.node, token=incident.token
    ).order_by("at", "pk")
    return [AttemptView(row.at, row.error) for row in rows]


def incidents_of(instance_id: UUID) -> list[IncidentView]:
    """Return the incidents of an instance, open and resolved, oldest first."""
    return _views(_INCIDENTS.all(instance=instance_id))


def _incidents(incidents: QuerySet[Incident], *, limit: int | None = None) -> list[IncidentView]:
    return _views(_with_job(incidents)[:limit])


def _with_job(incidents: QuerySet[Incident]) -> QuerySet[Incident]:
    return incidents.select_related("job__instance").order_by("opened_at", "pk")


_INCIDENTS = Statement(lambda instance: _with_job(Incident.objects.filter(job__instance=instance)))


def _views(incidents: Iterable[Incident]) -> list[IncidentView]:
    views = []
    for incident in incidents:
        label = graph_of(incident.job.instance.definition_id).nodes[incident.job.node].label
        name = LocalizedText(*label) or LocalizedText(incident.job.node)
        views.append(incident_view(incident, name, why_not_skip(incident.job)))
    return views


def drawing(instance: Instance | UUID) -> Drawing:
    """Return the drawing of this very instance (or of the one of this id): its version, where it has been, where it is."""
    if not isinstance(instance, Instance):
        instance = _get_instance(instance)
    return draw(
        graph_of(instance.definition_id),
        State.of(instance.state),
        key=instance.pk.hex[:8],
        is_terminated=instance.status == Instance.TERMINATED,
    )


def _get_instance(instance_id: UUID) -> Instance:
    instance = Instance.objects.filter(pk=instance_id).first()
    if instance is None:
        raise InstanceNotFound
    return instance


def diagram(instance_id: UUID, language: str) -> Diagram:
    """Return the BPMN file of this very instance for a viewer, in one language, with its marks. Raises InstanceNotFound."""
    instance = Instance.objects.select_related("definition").filter(pk=instance_id).first()
    if instance is None:
        raise InstanceNotFound
    drawn = draw(graph_of(instance.definition_id), State.of(instance.state))
    return Diagram(localised(instance.definition.xml, language), marks_of(drawn))


def export_definition(key: str, version: int | None = None) -> bytes:
    """Return a version of a process as BPMN in the canonical form, with everything that was imported with it.

    Raises DefinitionNotFound.
    """
    return bpmn.export(bpmn.load(get_definition(key, version).xml.encode()))


def get_definition(key: str, version: int | None = None) -> DefinitionView:
    """Return a version of a process, the current one by default. Raises DefinitionNotFound."""
    wanted = {"version": version} if version else {"is_current": True}
    found = Definition.objects.filter(key=key, **wanted).first()
    if found is None:
        raise DefinitionNotFound(key=key)
    return DefinitionView(found.key, found.version, found.name, found.published_at, found.xml)
