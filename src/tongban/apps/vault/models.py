"""What people keep, in which cases it was used, which copies were handed out."""

from __future__ import annotations

import uuid

from django.db import models

from tongban.apps.vault import rules
from tongban.base.ref import Ref

__all__ = ["HandedOut", "Material", "Use"]


class Material(models.Model):
    """One paper that a person or an entity keeps. The file never changes; grades are computed (``rules.grade_of``).

    ``kind`` is the key under which services ask for it ("" when nobody does), ``case_id`` the case in which it was first
    handed in.
    ``checked_in`` is the case in which ``checked_by`` looked at it and granted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_kind = models.CharField(max_length=10)
    owner_id = models.CharField(max_length=40)
    kind = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=120)
    is_own = models.BooleanField(default=False)
    file = models.OneToOneField("files.File", on_delete=models.PROTECT, related_name="+")
    valid_to = models.DateField(null=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey("identity.Account", null=True, on_delete=models.PROTECT, related_name="+")
    case_id = models.UUIDField(null=True)
    case_number = models.CharField(max_length=40, blank=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey("identity.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    checked_in = models.CharField(max_length=40, blank=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["owner_kind", "owner_id"],
                condition=models.Q(removed_at__isnull=True),
                name="vault_material_owner",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(owner_kind__in=["person", "entity"]), name="vault_material_owner_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(checked_at__isnull=True) | ~models.Q(checked_in=""),
                name="vault_material_checked_somewhere",
            ),
        ]

    @property
    def ref(self) -> Ref:
        """The material as others know it."""
        return Ref.to("vault-material", self.pk)

    @property
    def owner(self) -> Ref:
        """Whose it is."""
        return Ref(self.owner_kind, self.owner_id)

    @property
    def grade(self) -> str:
        """How far it can be relied on."""
        return rules.grade_of(is_own=self.is_own, is_checked=self.checked_at is not None)


class Use(models.Model):
    """Something kept that was chosen for a case: a material, or a certificate of the register by its identifier."""

    material = models.ForeignKey(Material, on_delete=models.PROTECT, null=True, related_name="uses")
    certificate = models.CharField(max_length=120, blank=True)
    case_id = models.UUIDField(db_index=True)
    key = models.CharField(max_length=60)
    file_id = models.UUIDField()
    grade = models.CharField(max_length=1)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case_id", "key", "file_id"], name="vault_use_once"),
            models.CheckConstraint(
                condition=models.Q(material__isnull=False) ^ ~models.Q(certificate=""),
                name="vault_use_of_one_thing",
            ),
        ]


class HandedOut(models.Model):
    """A copy for one purpose: says on every page for whom and what for. The original stays as it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    material = models.ForeignKey(Material, on_delete=models.PROTECT, related_name="copies")
    purpose = models.CharField(max_length=60)
    receiver = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    file = models.ForeignKey("files.File", on_delete=models.PROTECT, related_name="+")

    @property
    def ref(self) -> Ref:
        """The copy as others know it."""
        return Ref.to("vault-copy", self.pk)
