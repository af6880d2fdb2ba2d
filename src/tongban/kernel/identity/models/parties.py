"""Those to whom government is addressed: people, legal entities, and who may act for an entity."""

from __future__ import annotations

import uuid

from django.db import models

from tongban.base.sealed import BlindField, SealedText, Sealing
from tongban.kernel.identity.models.naming import Named

__all__ = ["LegalEntity", "Mandate", "Person"]


class Person(Sealing, Named):
    """A natural person, citizen or official. Accounts, posts and mandates belong to persons.

    The database knows the numbers only sealed; a person is found by the blind of the ID number, which is unique.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen_id = SealedText(null=True, blank=True)
    citizen_id_blind = BlindField("citizen_id", unique=True)
    phone = SealedText(blank=True)
    email = models.EmailField(blank=True)

    class Meta:
        ordering = ["name_sort"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(citizen_id__isnull=True, citizen_id_blind__isnull=True)
                | models.Q(citizen_id__isnull=False, citizen_id_blind__isnull=False),
                name="identity_person_citizen_id_found",
            )
        ]


class LegalEntity(Named):
    """A legal person or other organisation, known by its unified social credit code."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    uscc = models.CharField(max_length=18, unique=True)
    kind = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["name_sort"]


class Mandate(models.Model):
    """A person may act for an entity, in a role, within a half-open period.

    The end takes effect at its moment.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="mandates")
    entity = models.ForeignKey(LegalEntity, on_delete=models.PROTECT, related_name="mandates")
    role = models.CharField(max_length=40)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="identity_mandate_period",
            ),
            models.UniqueConstraint(
                fields=["person", "entity", "role"],
                condition=models.Q(valid_to__isnull=True),
                name="identity_mandate_open_once",
            ),
        ]
