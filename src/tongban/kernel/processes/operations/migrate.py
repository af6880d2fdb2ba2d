"""Moving a running instance to a corrected version of its process: first looked at, then done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.errors import Conflict, Invalid, NotFound
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.calendars.service import add_limit, void_clock
from tongban.kernel.identity.service import require_duty
from tongban.kernel.ledger.service import record
from tongban.kernel.processes.engine import State
from tongban.kernel.processes.errors import (
    DefinitionNotFound,
    InstanceEnded,
    InstanceNotFound,
    MigrationRefused,
    ReasonRequired,
)
from tongban.kernel.processes.graph import Label, Node
from tongban.kernel.processes.migration import Placed, Plan, Problem, plan
from tongban.kernel.processes.models import Definition, Instance, Job, Task, Timer
from tongban.kernel.processes.operations.arrivals import CannotGoOn, outcomes_of
from tongban.kernel.processes.operations.binding import graph_of
from tongban.kernel.processes.operations.move import Move, case_of, lock_instance
from tongban.kernel.processes.registry import lock_owner
from tongban.kernel.processes.results import Advance
from tongban.kernel.processes.trail import Trail
from tongban.kernel.processes.variables import SHARED

__all__ = [
    "Migrated",
    "MigrationView",
    "StandsView",
    "migrate_instance",
    "migrate_instances",
    "preview_migration",
]

REPAIR = "admin.system"


@dataclass(frozen=True, slots=True)
class StandsView:
    """Where one token would go. ``changes`` say what will be different for whoever does the step."""

    node: str
    name: LocalizedText
    to_node: str
    to_name: LocalizedText
    changes: tuple[LocalizedText, ...]


@dataclass(frozen=True, slots=True)
class MigrationView:
    """What a migration would do to one instance; with ``problems`` (node, text) it would be refused."""

    instance_id: UUID
    owner: Ref
    from_version: int
    to_version: int
    stands: tuple[StandsView, ...]
    problems: tuple[tuple[str, LocalizedText], ...]


@dataclass(frozen=True, slots=True)
class Migrated:
    """How many instances were moved, and which were not and why."""

    moved: int
    refused: Mapping[UUID, Conflict | NotFound]


def preview_migration(
    *, actor: Actor, instance_id: UUID, version: int, mapping: Mapping[str, str] | None = None
) -> MigrationView:
    """Say what moving an instance to another version would do, without doing it.

    ``mapping`` is from node ids of its version to ids of the other, for steps that are called differently there.
    Raises Forbidden, InstanceNotFound, InstanceEnded, DefinitionNotFound.
    """
    require_duty(actor, REPAIR)
    instance = Instance.objects.select_related("definition").filter(pk=instance_id).first()
    if instance is None:
        raise InstanceNotFound
    if instance.status != Instance.ACTIVE:
        raise InstanceEnded
    target = _version(instance.definition, version)
    from_version = instance.definition.version
    found = _plan(instance, target, mapping or {})
    problems = found.problems
    if found.state is not None:
        move = _Migration(
            instance, actor=actor, at=instance.started_at
        )  # in memory: nothing of it is written
        move.go_over(target, found.state, mapping or {})
        problems = tuple(move.problems(found.placed))
    return MigrationView(
        instance_id=instance.pk,
        owner=instance.owner,
        from_version=from_version,
        to_version=target.version,
        stands=tuple(_stands(placed) for placed in found.placed),
        problems=tuple((problem.node, LocalizedText(*problem.text)) for problem in problems),
    )


def migrate_instance(
    *,
    actor: Actor,
    instance_id: UUID,
    version: int,
    mapping: Mapping[str, str] | None = None,
    reason: str,
    at: datetime,
) -> Advance:
    """Move an instance to another version of its process; ``mapping`` as in the preview.

    Open tasks take over name, form and outcomes of the new step, and its holder where that is written differently; due
    times are kept unless their limit is another. What was done before stays done, but can no longer be taken back or
    returned to. Raises Forbidden, ReasonRequired, InstanceNotFound, InstanceEnded, DefinitionNotFound, MigrationRefused.
    """
    require_duty(actor, REPAIR)
    if not reason.strip():
        raise ReasonRequired
    mapping = dict(mapping or {})
    with transaction.atomic():
        owner = Instance.objects.values_list("owner_kind", "owner_id").filter(pk=instance_id).first()
        if owner is None:
            raise InstanceNotFound
        lock_owner(Ref(*owner))
        instance = lock_instance(instance_id)
        before = instance.definition
        target = _version(before, version)
        found = _plan(instance, target, mapping)
        if found.state is None:
            raise MigrationRefused(found.problems)
        move = _Migration(instance, actor=actor, at=at)
        move.go_over(target, found.state, mapping)
        if problems := move.problems(found.placed):
            raise MigrationRefused(problems)
        move.take_over(found.placed, mapping)
        record(
            actor=actor,
            verb="processes.migrate",
            subject=Ref.to("instance", instance.pk),
            case=case_of(instance),
            reason=reason.strip(),
            facts={"process": target.key, "from": before.version, "to": target.version, "mapping": mapping},
            at=at,
        )
        return move.finish()


def migrate_instances(
    *,
    actor: Actor,
    instance_ids: Sequence[UUID],
    version: int,
    mapping: Mapping[str, str] | None = None,
    reason: str,
    at: datetime,
) -> Migrated:
    """Move several instances, each for itself: one that cannot go over, or has ended meanwhile, is told and the others go.

    Raises Invalid when none is named, Forbidden, ReasonRequired, DefinitionNotFound.
    """
    if not instance_ids:
        raise Invalid(LocalizedText(zh="没有选要搬的", en="None was chosen"))
    wanted = set(instance_ids)
    owners = dict(Instance.objects.filter(pk__in=wanted).values_list("pk", "owner_id"))
    refused: dict[UUID, Conflict | NotFound] = {}
    # By owner, as everybody who locks several: in two orders they could wait for each other.
    for instance_id in sorted(wanted, key=lambda pk: (owners.get(pk, ""), pk)):
        try:
            migrate_instance(
                actor=actor, instance_id=instance_id, version=version, mapping=mapping, reason=reason, at=at
            )
        except (MigrationRefused, InstanceEnded, InstanceNotFound) as refusal:
            refused[instance_id] = refusal
    return Migrated(len(wanted) - len(refused), refused)


def _version(definition: Definition, version: int) -> Definition:
    found = Definition.objects.filter(key=definition.key, version=version).first()
    if found is None or found.pk == definition.pk:
        raise DefinitionNotFound(key=definition.key, version=version)
    return found


def _plan(instance: Instance, target: Definition, mapping: Mapping[str, str]) -> Plan:
    return plan(graph_of(instance.definition_id), graph_of(target.pk), State.of(instance.state), mapping)


class _Migration(Move):
    """The move that changes the ground under the tokens; they themselves stay."""

    def go_over(self, target: Definition, state: State, mapping: Mapping[str, str]) -> None:
        """Stand in the new version, with the variables as it knows them. Only in memory: nothing is written yet."""
        self.graph = graph_of(target.pk)
        self.state = state
        self.instance.definition = target
        self.kind = "migrate"
        self._rename(mapping)

    def problems(self, placed: tuple[Placed, ...]) -> list[Problem]:
        """Return the steps whose new holder cannot be worked out from what this very instance knows."""
        found = []
        for place in placed:
            tasks = self.instance.tasks.filter(token=place.token, state__in=[Task.OPEN, Task.PLANNED])
            if place.after.holder == place.before.holder or not tasks.filter(role=Task.MAIN).exists():
                continue
            try:
                self._holder_parts(place.token, place.after)
            except CannotGoOn as fault:
                said = Label(
                    f"算不出新版本由谁办：{fault}",
                    f"who does it in the new version cannot be worked out: {fault}",
                )
                found.append(Problem(place.before.id, said))
        return found

    def take_over(self, placed: tuple[Placed, ...], mapping: Mapping[str, str]) -> None:
        """Bring tasks, times and jobs in line with the new version."""
        for place in placed:
            self._move_tasks(place)
            self._move_times(place, mapping)
            self._move_jobs(place)

    def _rename(self, mapping: Mapping[str, str]) -> None:
        """Let conditions of the new version find what was decided under the old names. Old names stay too."""
        names = [(before.rpartition("/")[2], after.rpartition("/")[2]) for before, after in mapping.items()]
        elements = [own for entry in self.instance.elements.values() for own in entry["own"].values()]
        for values in (self.instance.vars, *elements):
            for place in (values, *(values.get(key, {}) for key in SHARED)):
                for before, after in names:
                    if before in place:
                        place.setdefault(after, place[before])

    def _move_tasks(self, place: Placed) -> None:
        node = place.after
        for task in self.instance.tasks.filter(token=place.token, state__in=[Task.OPEN, Task.PLANNED]):
            task.node = node.id
            if task.role == Task.MAIN:
                task.name = LocalizedText(*node.label)
                task.form, task.outcomes = node.form, outcomes_of(node)
                task.separate_from = node.separate_from
                if node.holder != place.before.holder:
                    self._give(task, place)
                if node.limit != place.before.limit and task.state == Task.OPEN:
                    self._time_anew(task, node)
            task.save()

    def _give(self, task: Task, place: Placed) -> None:
        """Let the new holder have the task; who had claimed it has it no more."""
        holder = self._holder(place.token, place.after)
        if holder != task.holder_id:
            task.holder_id = holder
            task.claimed_by, task.claimed_name, task.claimed_at = None, "", None
            self.opened.append(task)

    def _time_anew(self, task: Task, node: Node) -> None:
        """Give an open step the clock of its new limit; it counts from when the step was opened."""
        since = task.clock.started_at if task.clock else task.opened_at
        if task.clock_id:
            void_clock(clock_id=task.clock_id, at=self.at)
        task.clock, task.due_at = None, None
        if node.limit:
            self._time(task, node, since=since)
        if task not in self.opened:
            self.opened.append(task)  # so that the owner hears of the clock

    def _move_times(self, place: Placed, mapping: Mapping[str, str]) -> None:
        kept = {place.after.id, *place.after.timers}
        known: set[str] = set()
        for timer in self.instance.timers.filter(token=place.token):
            target = mapping.get(timer.node, timer.node)
            known.add(target)
            if timer.state not in (Timer.WAITING, Timer.FAILED):
                continue
            if target not in kept:
                timer.state = Timer.CANCELLED
            else:
                timer.node = target
                self._set_limit(timer, self.graph.nodes[target].limit)
            timer.save()
        if place.after.repeat is None or self.state.tokens[place.token].index < 0:
            for name in sorted(set(place.after.timers) - known):
                self._attempt(place.token, self.graph.nodes[name], self._set_timer)

    def _set_limit(self, timer: Timer, limit: str) -> None:
        if limit != timer.limit:
            timer.limit = limit
            region = self.instance.vars.get("region", "")
            timer.due_at = timer.next_at = add_limit(timer.since_at, limit, region=region)

    def _move_jobs(self, place: Placed) -> None:
        """A step that failed is tried again as the new version says it."""
        for job in self.instance.jobs.filter(token=place.token, state__in=[Job.WAITING, Job.FAILED]):
            job.node = place.after.id if job.node == place.before.id else job.node
            job.operation = place.after.operation if job.operation else ""
            job.save(update_fields=["node", "operation"])

    def _trail(self) -> Trail:
        """Forget how the steps came about, which belongs to a drawing that no longer holds; the owner's state stays."""
        return Trail(state=Trail.of(self.instance.trail).state)


def _stands(placed: Placed) -> StandsView:
    before, after = placed.before, placed.after
    return StandsView(
        node=before.id,
        name=LocalizedText(*before.label),
        to_node=after.id,
        to_name=LocalizedText(*after.label),
        changes=tuple(text for key, text in CHANGES.items() if getattr(before, key) != getattr(after, key)),
    )


CHANGES = {
    "label": LocalizedText("名称不同", "another name"),
    "holder": LocalizedText("经办人不同", "another holder"),
    "form": LocalizedText("表单不同", "another form"),
    "outcomes": LocalizedText("办理结果不同", "other outcomes"),
    "limit": LocalizedText("时限不同", "another limit"),
    "operation": LocalizedText("操作不同", "another operation"),
    "timers": LocalizedText("定时器不同", "other timers"),
}
