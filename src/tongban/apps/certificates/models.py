"""Types of certificates with their versions, the certificates issued, what is done with them, copies for others."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import models

from tongban.apps.certificates import rules
from tongban.base.ref import Ref
from tongban.base.text import LocalizedTextField
from tongban.base.veiled import VeiledJSON, VeiledText

__all__ = [
    "Certificate",
    "CertificateType",
    "CertificateTypeVersion",
    "Copy",
    "Proceeding",
    "VerificationKey",
]


class CertificateType(models.Model):
    """A kind of certificate: its face (fields and typst source), its numbers, its validity in years (0: for ever).

    The columns are those of the version in force.
    """

    key = models.SlugField(max_length=60, unique=True)
    version = models.PositiveIntegerField(default=1)
    name = LocalizedTextField()
    type_code = models.CharField(max_length=21)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    years = models.PositiveSmallIntegerField()
    content = models.JSONField()
    source = models.TextField()


class CertificateTypeVersion(models.Model):
    """One version of a type as it was put. Certificates keep the number of theirs and are always drawn by it."""

    type = models.ForeignKey(CertificateType, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    content = models.JSONField()
    source = models.TextField()
    put_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "version"], name="certificates_type_version")]


class Certificate(models.Model):
    """One version of an issued certificate. ``data`` are the values on its face, as words in both languages.

    ``co_holders`` are those who hold it with the first one: ``[{"key", "name"}]``, people all of them. ``public_number`` is the
    number as anybody may see it: where it is made of the holder's ID number, with that masked.

    ``case`` is the holder's, by which he sees it; ``made_in`` the one that decided on this version: his own, or the organ's.

    Renewing or changing one makes another row with the same number and the next ``version``, which ``replaces`` this one.
    """

    STATUSES = [(status, status) for status in rules.STATUSES]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    type = models.ForeignKey(CertificateType, on_delete=models.PROTECT, related_name="certificates")
    type_version = models.PositiveIntegerField(default=1)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    made_in = models.OneToOneField("cases.Case", on_delete=models.PROTECT, null=True, related_name="+")
    number = VeiledText()
    version = models.PositiveSmallIntegerField(default=1)
    identifier = models.CharField(max_length=120, unique=True)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    holder_kind = models.CharField(max_length=10)
    holder_key = VeiledText()
    holder_name = models.CharField(max_length=200)
    co_holders = VeiledJSON(default=list)
    public_number = models.CharField(max_length=60, blank=True)
    data = VeiledJSON()
    issued_at = models.DateTimeField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    status = models.CharField(max_length=12, choices=STATUSES, default="valid")
    suspended_to = models.DateField(null=True)
    due_on = models.DateField(null=True)
    looked_on = models.DateField(null=True)
    verify_code = models.CharField(max_length=20, unique=True)
    file = models.ForeignKey("files.File", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        indexes = [
            models.Index(fields=["holder_kind", "holder_key"], name="certificates_holder"),
            models.Index(fields=["type", "-issued_at"], name="certificates_newest"),
            models.Index(
                fields=["due_on"], condition=models.Q(due_on__isnull=False), name="certificates_due"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["type", "number", "version"], name="certificates_number_version"),
            models.UniqueConstraint(
                fields=["type", "number"],
                condition=models.Q(file__isnull=False, status__in=["valid", "suspended", "expired"]),
                name="certificates_one_current_version",
            ),
        ]

    @property
    def ref(self) -> Ref:
        """The certificate as others know it."""
        return Ref.to("certificate", self.pk)

    @property
    def holders(self) -> list[tuple[str, str]]:
        """Number and name of everybody who holds it, the first one first."""
        return [
            (self.holder_key, self.holder_name),
            *((each["key"], each["name"]) for each in self.co_holders),
        ]

    @property
    def holder_keys(self) -> list[str]:
        """The numbers of everybody who holds it."""
        return [key for key, _ in self.holders]

    @property
    def names(self) -> list[str]:
        """The names of everybody who holds it."""
        return [name for _, name in self.holders]

    @property
    def all_names(self) -> str:
        """The names in one line, as the sheet has them."""
        return "、".join(self.names)

    @property
    def serial(self) -> str:
        """The serial part of the identifier (流水号): the same in every version."""
        return self.identifier.split(".")[-3]

    @property
    def title(self) -> str:
        """Name and number, for headings and file names."""
        return f"{self.type.name.zh} {self.public_number}"

    def status_on(self, day: date) -> str:
        """Return the status on a day, also where the nightly job has not yet written it down."""
        return rules.status_on(self.status, day, valid_to=self.valid_to, suspended_to=self.suspended_to)


class Proceeding(models.Model):
    """What an office wants to do with a certificate: the matter of a case of kind "certificate-act"."""

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, primary_key=True, related_name="+")
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="proceedings")
    act = models.CharField(max_length=12)
    changes = VeiledJSON(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(act__in=["suspend", "revoke", "forfeit", "cancel", "renew", "change"]),
                name="certificates_proceeding_act",
            )
        ]


class Copy(models.Model):
    """A copy for one purpose (加注件): says for whom and what for, across the sheet, and ends by itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="copies")
    purpose = models.CharField(max_length=60)
    receiver = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("identity.Account", null=True, on_delete=models.PROTECT, related_name="+")
    valid_to = models.DateField()
    ended_at = models.DateTimeField(null=True)
    verify_code = models.CharField(max_length=20, unique=True)
    file = models.ForeignKey("files.File", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["valid_to"], condition=models.Q(ended_at__isnull=True), name="certificates_copy_due"
            )
        ]

    @property
    def ref(self) -> Ref:
        """The copy as others know it."""
        return Ref.to("certificate-copy", self.pk)


class VerificationKey(models.Model):
    """A public key under which QR codes were signed; kept for ever, so that old certificates can be checked."""

    kid = models.CharField(max_length=16, primary_key=True)
    pem = models.TextField()
    since = models.DateTimeField()
