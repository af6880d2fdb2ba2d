"""The act: one row, inserted in the transaction of the change, never updated and never deleted. The batches that seal acts."""

from __future__ import annotations

from typing import Any, NoReturn

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now

__all__ = ["Act", "Batch", "Era", "Thinned"]


class _CurrentTransaction(models.Func):
    """The id of the transaction that inserts the row, as a number.

    The sealer takes only rows older than ``pg_snapshot_xmin``; otherwise a slow transaction would later look
    like an inserted act.
    """

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class _Random(models.Func):
    """A random UUID, made by the database."""

    template = "gen_random_uuid()"
    output_field = models.UUIDField()


class Act(models.Model):
    """Who did what, on whose authority, on what, when and why.

    Never personal data, only its digest and field names. ``standing`` is what the act left its subject as (a case's state, a
    certificate's status), for comparing the data with the ledger. ``salt`` keeps the private part of the leaf from being guessed.
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
    standing = models.JSONField(null=True)
    salt = models.UUIDField(db_default=_Random(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "id"], name="ledger_act_subject"),
            models.Index(fields=["case", "id"], condition=~models.Q(case=""), name="ledger_act_case"),
            models.Index(fields=["account_id", "id"], name="ledger_act_account"),
            models.Index(fields=["verb", "at"], name="ledger_act_verb"),
            models.Index(fields=["xid", "id"], name="ledger_act_sealing"),
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


class Batch(models.Model):
    """Acts sealed together: their ids in order, the hashes of their leaves one behind the other, and the header over them.

    An act belongs to the first batch whose (xid, last) is not below the act's (xid, id), and its id stands in ``acts``.
    """

    number = models.BigIntegerField(primary_key=True)
    previous = models.CharField(max_length=80, blank=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    xid = models.BigIntegerField()
    count = models.IntegerField()
    root = models.CharField(max_length=80)
    algorithm = models.CharField(max_length=10)
    sealed_at = models.DateTimeField()
    head = models.CharField(max_length=80)
    acts = ArrayField(models.BigIntegerField())
    leaves = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["xid", "last"], name="ledger_batch_place")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert. A batch is never changed."""
        if not self._state.adding:
            raise TypeError("a batch is sealed once")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: the chain only grows."""
        raise TypeError("a batch is never deleted")


class Thinned(models.Model):
    """The private part of an act was forgotten when its time had come; its digest stays. Only the owner's role writes here."""

    act = models.BigIntegerField(primary_key=True)
    kept = models.CharField(max_length=80)
    by = models.BigIntegerField()


class Era(models.Model):
    """Since when the numbers of transactions are counted on from ``shift``: after the database moved by a dump, where
    they begin anew.
    """

    shift = models.BigIntegerField()
    since = models.DateTimeField()
