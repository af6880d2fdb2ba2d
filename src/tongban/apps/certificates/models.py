"""Types of certificates and the certificates issued."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import models

from tongban.base.ref import Ref
from tongban.base.text import LocalizedTextField

__all__ = ["Certificate", "CertificateType"]


class CertificateType(models.Model):
    """A kind of certificate: its face (fields and typst source), its numbers, its validity in years (0: for ever)."""

    key = models.SlugField(max_length=60, unique=True)
    name = LocalizedTextField()
    type_code = models.CharField(max_length=21)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    years = models.PositiveSmallIntegerField()
    content = models.JSONField()
    source = models.TextField()


class Certificate(models.Model):
    """One issued certificate. ``data`` are the values on its face, as words in both languages."""

    STATUSES = [
        ("valid", "valid"),
        ("suspended", "suspended"),
        ("revoked", "revoked"),
        ("cancelled", "cancelled"),
    ]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    type = models.ForeignKey(CertificateType, on_delete=models.PROTECT, related_name="certificates")
    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=60, unique=True)
    identifier = models.CharField(max_length=120, unique=True)
    holder_kind = models.CharField(max_length=10)
    holder_key = models.CharField(max_length=40)
    holder_name = models.CharField(max_length=200)
    data = models.JSONField()
    issued_at = models.DateTimeField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    status = models.CharField(max_length=12, choices=STATUSES, default="valid")
    verify_code = models.CharField(max_length=20, unique=True)
    file = models.ForeignKey("files.File", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        indexes = [models.Index(fields=["holder_kind", "holder_key"], name="certificates_holder")]

    @property
    def ref(self) -> Ref:
        """The certificate as others know it."""
        return Ref.to("certificate", self.pk)

    def status_on(self, day: date) -> str:
        """Return the status on a day: a valid certificate whose time is over is "expired"."""
        if self.status == "valid" and self.valid_to is not None and day > self.valid_to:
            return "expired"
        return self.status
