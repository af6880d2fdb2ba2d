"""Templates of papers, papers with their numbers, and how each was served."""

from __future__ import annotations

from django.db import models

from tongban.base.ids import ordered_uuid
from tongban.base.ref import Ref
from tongban.base.text import LocalizedTextField
from tongban.base.veiled import VeiledJSON

__all__ = ["Paper", "PaperTemplate", "Service"]


class PaperTemplate(models.Model):
    """How one sort of paper looks and what it must say. A change makes a new version; papers keep theirs.

    ``kind_word`` is the word in the number ("受" in 澄市监受〔2026〕7号). ``fields`` is a list of
    ``{"key", "label", "required"}``.
    """

    key = models.SlugField(max_length=60)
    version = models.PositiveIntegerField()
    name = LocalizedTextField()
    kind_word = models.CharField(max_length=12)
    number_format = models.CharField(max_length=80)
    fields = models.JSONField(default=list)
    source = models.TextField()
    legal_source = LocalizedTextField(default=dict)
    is_current = models.BooleanField(default=True)
    put_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="instruments_template_version"),
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(is_current=True), name="instruments_template_one_current"
            ),
        ]


class Paper(models.Model):
    """One statutory paper: numbered at once, made into a signed PDF by a job.

    ``data`` is what the paper says, kept as it was; the PDF can always be made again from it.
    """

    class State(models.TextChoices):
        NUMBERED = "numbered", "正在生成"
        RENDERED = "rendered", "已生成"
        FAILED = "failed", "生成失败"

    id = models.UUIDField(primary_key=True, default=ordered_uuid, editable=False)
    template = models.ForeignKey(PaperTemplate, on_delete=models.PROTECT, related_name="papers")
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    organ = LocalizedTextField()
    number = models.CharField(max_length=80, unique=True)
    year = models.PositiveSmallIntegerField()
    n = models.PositiveIntegerField()
    title = LocalizedTextField()
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=64)
    recipient = models.CharField(max_length=300, blank=True)
    data = VeiledJSON(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.NUMBERED)
    last_error = models.CharField(max_length=500, blank=True)
    queued_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey("identity.Account", null=True, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey("files.File", null=True, on_delete=models.PROTECT, related_name="+")
    verify_code = models.CharField(max_length=16, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "issued_at"], name="instruments_by_subject"),
            models.Index(
                fields=["issued_at", "id"], condition=models.Q(state="failed"), name="instruments_failed"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="rendered", file__isnull=False)
                | (~models.Q(state="rendered") & models.Q(file__isnull=True)),
                name="instruments_rendered_has_a_file",
            )
        ]

    @property
    def subject(self) -> Ref:
        """What the paper is about."""
        return Ref(self.subject_kind, self.subject_id)


class Service(models.Model):
    """The service (送达) of one paper on one recipient: how, when, and when it was received."""

    class Method(models.TextChoices):
        ELECTRONIC = "electronic", "电子送达"
        IN_PERSON = "in_person", "直接送达"
        POST = "post", "邮寄送达"

    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="services")
    recipient_kind = models.CharField(max_length=20)
    recipient_id = models.CharField(max_length=64)
    recipient_name = models.CharField(max_length=200)
    method = models.CharField(max_length=12, choices=Method.choices)
    served_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    evidence = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["paper", "recipient_kind", "recipient_id", "method"], name="instruments_served_once"
            ),
            models.CheckConstraint(
                condition=models.Q(received_at__isnull=True)
                | models.Q(received_at__gte=models.F("served_at")),
                name="instruments_received_after_served",
            ),
        ]
