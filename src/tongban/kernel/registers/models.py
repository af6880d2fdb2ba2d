"""What registers there are, how they became what they are, and what people say is wrong in them.

The records themselves are in tables of their own, one per register (``tables``): a million rows must stay
fast and countable.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from tongban.base.text import LocalizedTextField
from tongban.kernel.registers.rules import FieldSpec, RegisterSpec

__all__ = ["CorrectionNotice", "RegisterChange", "RegisterDef", "RegisterField"]


class RegisterDef(models.Model):
    """One register."""

    key = models.CharField(max_length=40, unique=True)
    name = LocalizedTextField()
    source = LocalizedTextField()
    key_field = models.CharField(max_length=40)
    owner_unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    def spec(self) -> RegisterSpec:
        """Return the definition with the fields in use."""
        return RegisterSpec(self.key, self.name, self.key_field, self.source, self._fields(retired=False))

    def retired(self) -> tuple[FieldSpec, ...]:
        """Return the fields that are no longer in use; their columns stay."""
        return self._fields(retired=True)

    def _fields(self, *, retired: bool) -> tuple[FieldSpec, ...]:
        return tuple(f.spec() for f in self.fields.all() if (f.retired_at is not None) == retired)


class RegisterField(models.Model):
    """One field of a register."""

    register = models.ForeignKey(RegisterDef, on_delete=models.CASCADE, related_name="fields")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=40)
    label = LocalizedTextField()
    type = models.CharField(max_length=10)
    data_element = models.CharField(max_length=80, blank=True, db_index=True)
    personal = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["register_id", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["register", "key"], name="registers_field_once")]

    def spec(self) -> FieldSpec:
        """Return the field as a plain value."""
        return FieldSpec(self.key, self.label, self.type, self.data_element, self.personal)


class RegisterChange(models.Model):
    """One recorded change of a register's shape, with the statements that were run and the act that tells who."""

    register = models.ForeignKey(RegisterDef, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=20)
    field = models.CharField(max_length=40, blank=True)
    statements = models.TextField(blank=True)
    act_id = models.BigIntegerField()
    at = models.DateTimeField()


class CorrectionNotice(models.Model):
    """Somebody says that a field of a record is wrong. The register's owner corrects it or says why not."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    register = models.ForeignKey(RegisterDef, on_delete=models.PROTECT, related_name="+")
    record_id = models.UUIDField(db_index=True)
    field = models.CharField(max_length=40)
    note = models.TextField()
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    outcome = models.CharField(
        max_length=10, blank=True, choices=[("corrected", "corrected"), ("unchanged", "unchanged")]
    )
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["register", "created_at"], condition=Q(answered_at=None), name="registers_notice_open"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["record_id", "field", "person"],
                condition=Q(answered_at=None),
                name="registers_notice_once",
            )
        ]
