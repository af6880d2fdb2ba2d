"""Two tables: what a file is, and what it is used for. The bytes are in the storage, by their digest."""

from __future__ import annotations

import uuid

from django.db import models

__all__ = ["File", "FileUse"]


class File(models.Model):
    """One stored file. It never changes: a new content is a new File.

    ``sha256`` is also its place in the storage, so equal bytes are kept once however many Files point to them.
    """

    class Kind(models.TextChoices):
        UPLOAD = "upload", "上传"
        RENDERED = "rendered", "生成"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=160)
    media_type = models.CharField(max_length=80)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("identity.Account", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gt=0), name="files_file_not_empty"),
            models.CheckConstraint(
                condition=models.Q(sha256__regex="^[0-9a-f]{64}$"), name="files_file_digest"
            ),
        ]


class FileUse(models.Model):
    """What a file is used for, and by that who may read it: the owner of the use decides (see ``policies``)."""

    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="uses")
    ref_kind = models.CharField(max_length=40)
    ref_id = models.CharField(max_length=64)
    role = models.CharField(max_length=80)
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["ref_kind", "ref_id", "role"], name="files_use_by_ref")]
        constraints = [
            models.UniqueConstraint(
                fields=["file", "ref_kind", "ref_id", "role"],
                condition=models.Q(removed_at__isnull=True),
                name="files_use_once",
            )
        ]
