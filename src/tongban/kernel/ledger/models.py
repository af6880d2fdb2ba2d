"""The act: one row, inserted in the transaction of the change, never updated and never deleted."""

from __future__ import annotations

from typing import Any, NoReturn

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now

__all__ = ["Act"]


class _CurrentTransaction(models.Func):
    """The id of the transaction that inserts the row, as a number.

    The sealer takes only rows older than ``pg_snapshot_xmin``; otherwise a slow transaction would later look
    like an inserted act.
    """

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class Act(models.Model):
    """Who did what, on whose authority, on what, when and why.

    Never personal data, only its digest and field names.
    """

    xid = models.BigIntegerField(db_default=_CurrentTransaction(), editable=False)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    at = models.DateTimeField()
    verb = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    case = models.CharField(max_length=120, blank=True)

    role = models.CharField(max_length=10)
    account_id = models.BigIntegerField(null=True)
    person_id = models.UUIDField(null=True)
    post_id = models.BigIntegerField(null=True)
    unit_id = models.BigIntegerField(null=True)
    entity_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=10)
    actor_name = models.CharField(max_length=120, blank=True)

    reason = models.TextField(blank=True)
    digest = models.CharField(max_length=80, blank=True)
    fields = ArrayField(models.CharField(max_length=80), default=list)
    facts = models.JSONField(default=dict)
    about = ArrayField(models.BinaryField(), default=list)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "id"], name="ledger_act_subject"),
            models.Index(fields=["case", "id"], condition=~models.Q(case=""), name="ledger_act_case"),
            models.Index(fields=["account_id", "id"], name="ledger_act_account"),
            models.Index(fields=["verb", "at"], name="ledger_act_verb"),
            GinIndex(fields=["about"], name="ledger_act_about"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert. An act that stands cannot be saved again (the database role refuses it too)."""
        if not self._state.adding:
            raise TypeError("an act is written once")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: the ledger only grows."""
        raise TypeError("an act is never deleted")
