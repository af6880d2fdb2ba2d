"""Definitions, instances and what comes out of them. Each token is acted on once: the unique constraints say so."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from tongban.base import work
from tongban.base.ref import Ref
from tongban.base.text import LocalizedTextField
from tongban.base.veiled import VeiledJSON, VeiledText

__all__ = ["Attempt", "Definition", "Incident", "Instance", "Job", "Task", "Timer"]


class Definition(models.Model):
    """One published version of a process. Never changed: running instances keep their version.

    ``calls`` says which version of each definition it calls was bound to it: {"key": version}.
    """

    key = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    name = LocalizedTextField()
    xml = models.TextField()
    digest = models.CharField(max_length=64)
    calls = models.JSONField(default=dict)
    published_at = models.DateTimeField()
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="processes_definition_version"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(is_current=True), name="processes_definition_one_current"
            ),
        ]


class Instance(models.Model):
    """One run of a definition. ``state`` is the engine's, ``vars`` are what conditions and operations see.

    ``trail`` is what the moves need to know of the way here (``operations.trail``).
    ``elements`` are the variables of the elements of repeated activities that run now (``variables.py``).
    """

    ACTIVE, ENDED, TERMINATED = "active", "ended", "terminated"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    definition = models.ForeignKey(Definition, on_delete=models.PROTECT, related_name="+")
    owner_kind = models.CharField(max_length=40)
    owner_id = models.CharField(max_length=64)
    state = models.JSONField(default=dict)
    vars = VeiledJSON(default=dict)
    trail = models.JSONField(default=dict)
    elements = VeiledJSON(default=dict)
    status = models.CharField(max_length=10, default=ACTIVE)
    revision = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["owner_kind", "owner_id"], name="processes_instance_owner")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="active", ended_at__isnull=True)
                | Q(status__in=["ended", "terminated"], ended_at__isnull=False),
                name="processes_instance_status",
            )
        ]

    @property
    def owner(self) -> Ref:
        return Ref(self.owner_kind, self.owner_id)


@work.numbered
class Task(models.Model):
    """A token that waits for a person. ``holder`` may do it; who claimed it does it alone.

    ``within`` says in which elements of repeated activities it lies (``moves.place_in``).
    A token has one task of the role MAIN; added signers are further tasks beside it (``main`` points to it). PLANNED is a
    signer whose turn comes when the main task is done; ``waits_for`` names the kind of signer that a main task waits for.
    ``behalf_of`` is whom a delegate who did it stood in for. ``ended_as`` says by which move a task was cancelled,
    ``is_void`` that what was done in it counts no longer. ``note`` is what ``asked_name`` wrote to whoever holds the task
    now: why it came back, what a signer is asked. ``turn_at`` is when what it belongs to is due next, which its owner keeps
    (``operations.turns``): the order in which lists show what waits, so that the first of them are one stretch of an index.
    The owner is copied from the instance so that an inbox needs no join through it.
    """

    OPEN, DONE, CANCELLED, PLANNED = "open", "done", "cancelled", "planned"
    MAIN, BEFORE, BESIDE, AFTER = "main", "before", "beside", "after"

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="tasks")
    token = models.PositiveIntegerField()
    node = models.CharField(max_length=80)
    name = LocalizedTextField()
    form = models.CharField(max_length=80, blank=True)
    outcomes = models.JSONField(default=list)
    separate_from = models.CharField(max_length=80, blank=True)
    holder = models.ForeignKey("identity.Holder", on_delete=models.PROTECT, related_name="+")
    owner_kind = models.CharField(max_length=40)
    owner_id = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default=OPEN)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    turn_at = models.DateTimeField(null=True)
    clock = models.ForeignKey("calendars.Clock", on_delete=models.PROTECT, null=True, related_name="+")
    claimed_by = models.UUIDField(null=True)
    claimed_name = models.CharField(max_length=120, blank=True)
    claimed_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    completed_by = models.UUIDField(null=True)
    completed_name = models.CharField(max_length=120, blank=True)
    behalf_of = models.UUIDField(null=True)
    outcome = models.CharField(max_length=80, blank=True)
    opinion = VeiledText(blank=True)
    data = VeiledJSON(default=dict)
    within = models.CharField(max_length=80, blank=True)
    role = models.CharField(max_length=8, default=MAIN)
    main = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="signers")
    waits_for = models.CharField(max_length=8, blank=True)
    asked_by = models.UUIDField(null=True)
    asked_name = models.CharField(max_length=120, blank=True)
    note = VeiledText(blank=True)
    ended_as = models.CharField(max_length=10, blank=True)
    is_void = models.BooleanField(default=False)
    urged_at = models.DateTimeField(null=True)
    urged = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instance", "token"], condition=Q(role="main"), name="processes_task_token_once"
            ),
            models.CheckConstraint(
                condition=Q(role="main", main__isnull=True) | (~Q(role="main") & Q(main__isnull=False)),
                name="processes_task_signer_has_main",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | (Q(completed_at__isnull=False) & ~Q(outcome="")),
                name="processes_task_done",
            ),
        ]
        indexes = [
            models.Index(
                fields=["holder", "turn_at", "id"], condition=Q(state="open"), name="processes_task_turn"
            ),
            models.Index(fields=["instance"], condition=Q(state="open"), name="processes_task_open_of"),
            models.Index(fields=["completed_by", "completed_at"], name="processes_task_completed"),
            models.Index(fields=["owner_kind", "owner_id"], name="processes_task_owner"),
            models.Index(
                fields=["claimed_by"],
                condition=Q(claimed_by__isnull=False, state__in=["open", "planned"]),
                name="processes_task_claimed",
            ),
        ]

    @property
    def owner(self) -> Ref:
        return Ref(self.owner_kind, self.owner_id)


class Timer(models.Model):
    """A due time of a token. ``next_at`` is when a worker looks at it: the due time, then moved by lease and back-off.

    ``since_at`` and ``limit`` are kept so that a changed calendar can work the due time out anew.
    """

    WAITING, FIRED, CANCELLED, FAILED = "waiting", "fired", "cancelled", "failed"

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="timers")
    token = models.PositiveIntegerField()
    node = models.CharField(max_length=80)
    since_at = models.DateTimeField()
    limit = models.CharField(max_length=10)
    due_at = models.DateTimeField()
    next_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instance", "token", "node"], name="processes_timer_once"),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="processes_timer_due"),
        ]


@work.numbered
class Job(models.Model):
    """A token that waits for the machine: an operation, or (``operation`` empty) a step that could not be made.

    ``task`` is the person's step that led here, so that the operation knows on whose decision it acts.
    """

    WAITING, DONE, FAILED, SKIPPED, CANCELLED = "waiting", "done", "failed", "skipped", "cancelled"

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="jobs")
    token = models.PositiveIntegerField()
    node = models.CharField(max_length=80)
    operation = models.CharField(max_length=80, blank=True)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, null=True, related_name="+")
    state = models.CharField(max_length=10, default=WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instance", "token", "node"], name="processes_job_once"),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="processes_job_waiting"),
        ]


class Attempt(models.Model):
    """One failed attempt at a step (a job, a timer): when, and the line that says why."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="attempts")
    token = models.PositiveIntegerField()
    node = models.CharField(max_length=80)
    at = models.DateTimeField()
    error = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["instance", "token", "node"], name="processes_attempt_step")]


class Incident(models.Model):
    """A job that gave up. Somebody puts it right: retried, skipped, or ended with its instance."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="incidents")
    opened_at = models.DateTimeField()
    error = models.TextField()
    resolved_at = models.DateTimeField(null=True)
    resolution = models.CharField(max_length=10, blank=True)
    reason = models.TextField(blank=True)
    resolved_by = models.UUIDField(null=True)
    resolved_name = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job"], condition=Q(resolved_at__isnull=True), name="processes_incident_one_open"
            ),
        ]
        indexes = [
            models.Index(
                fields=["opened_at"], condition=Q(resolved_at__isnull=True), name="processes_incident_open"
            ),
        ]
