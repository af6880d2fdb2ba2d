"""The case and who has to do with it."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from tongban.base.ref import Ref
from tongban.base.text import LocalizedTextField
from tongban.base.veiled import VeiledJSON

__all__ = ["Access", "Case", "CaseClock", "Home", "Origin", "Party", "Reading", "StateChange"]


class Case(models.Model):
    """One piece of government work, from its draft to its end.

    ``subject`` points up to what it is about (``item:food-licence``). ``applicant_name`` is a copy for lists; that of a
    person is masked wherever it is shown.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=40, unique=True, null=True)  # noqa: DJ001 - a draft has no number, and "" is not unique
    kind = models.CharField(max_length=40)
    title = LocalizedTextField()
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=80, blank=True)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=20)
    applicant_name = models.CharField(max_length=200, blank=True)
    applicant_is_entity = models.BooleanField(default=False)
    entry = models.OneToOneField("forms.Entry", on_delete=models.PROTECT, related_name="+", null=True)
    instance = models.OneToOneField(
        "processes.Instance", on_delete=models.PROTECT, related_name="+", null=True
    )
    state = models.CharField(max_length=40, default="draft")
    result = models.CharField(max_length=40, blank=True)
    facts = VeiledJSON(default=dict)
    code_digest = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "state"], name="cases_case_kind_state"),
            models.Index(fields=["subject_kind", "subject_id"], name="cases_case_subject"),
            models.Index(fields=["submitted_at"], name="cases_case_submitted"),
            models.Index(
                fields=["unit"],
                include=["id", "kind", "subject_kind", "subject_id"],
                condition=models.Q(submitted_at__isnull=False, closed_at__isnull=True),
                name="cases_case_open",
            ),
            models.Index(
                fields=["accepted_at"],
                condition=models.Q(accepted_at__isnull=False),
                name="cases_case_accepted",
            ),
            models.Index(
                fields=["closed_at"], condition=models.Q(closed_at__isnull=False), name="cases_case_closed"
            ),
            models.Index(
                fields=["decided_at"], condition=models.Q(decided_at__isnull=False), name="cases_case_decided"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(submitted_at__isnull=True) | models.Q(number__isnull=False),
                name="cases_case_submitted_has_number",
            ),
        ]

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Read again, also who may see it (see ``policies.with_rights``)."""
        self.__dict__.pop("told_rights", None)
        super().refresh_from_db(*args, **kwargs)

    def know_parties(self, parties: list[Party]) -> None:
        """Take these as ``self.parties``, as ``prefetch_related`` would with one statement more."""
        known = self.parties.all()
        known._result_cache = parties
        self.__dict__.setdefault("_prefetched_objects_cache", {})["parties"] = known

    @property
    def ref(self) -> Ref:
        """The case as others know it."""
        return Ref.to("case", self.pk)

    @property
    def subject(self) -> Ref:
        """What the case is about."""
        return Ref(self.subject_kind, self.subject_id)


class Party(models.Model):
    """Somebody the case is about or who acts in it: applicant, agent, writer."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="parties")
    role = models.CharField(max_length=20)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+", null=True)
    entity = models.ForeignKey("identity.LegalEntity", on_delete=models.PROTECT, related_name="+", null=True)
    name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "role", "person", "entity"], name="cases_party_once"),
        ]


class Access(models.Model):
    """A holder may see a case. Written by the operation that gives the right, so that every list is one indexed join."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="access")
    holder = models.ForeignKey("identity.Holder", on_delete=models.CASCADE, related_name="+")
    right = models.CharField(max_length=10)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["holder", "case", "right"], name="cases_access_once")]


class Reading(models.Model):
    """A case that was circulated to somebody: to read, not to act on (传阅). No token stands for it.

    ``holder`` is the reader's post or a whole unit; ``person_id`` the one who is meant, None when anybody there may read.
    ``by`` sent it round, ``read_by`` opened it first.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="readings")
    holder = models.ForeignKey("identity.Holder", on_delete=models.PROTECT, related_name="+")
    person_id = models.UUIDField(null=True)
    name = models.CharField(max_length=120, blank=True)
    by = models.UUIDField()
    by_name = models.CharField(max_length=120)
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    read_by = models.UUIDField(null=True)
    read_name = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "holder", "person_id"],
                condition=models.Q(read_at__isnull=True),
                nulls_distinct=False,
                name="cases_reading_unread_once",
            ),
            models.CheckConstraint(
                condition=models.Q(read_at__isnull=True, read_by__isnull=True)
                | models.Q(read_at__isnull=False, read_by__isnull=False),
                name="cases_reading_read_by",
            ),
        ]
        indexes = [
            models.Index(fields=["holder", "case"], name="cases_reading_holder"),
            models.Index(
                fields=["holder"], condition=models.Q(read_at__isnull=True), name="cases_reading_unread"
            ),
        ]


class CaseClock(models.Model):
    """Ties a clock to a case: statutory, promised, acceptance, correction, step."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="clocks")
    clock = models.OneToOneField("calendars.Clock", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)


class StateChange(models.Model):
    """When a case entered a state: the road that the citizen and the statistics see."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="changes")
    state = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="cases_change_case_at")]


class Origin(models.Model):
    """Where a case that was begun elsewhere comes from: the system and the number that it had there. Once for all."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="origin")
    source = models.CharField(max_length=40)
    number = models.CharField(max_length=80)
    brought_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number", "source"], name="cases_origin_once")]


class Home(models.Model):
    """The township in which an applicant is registered, for figures; ``id`` is that of the person or the entity.

    The registers were asked once; "" where they do not know. A county's figures need no more of anybody.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    township = models.CharField(max_length=9, blank=True)
