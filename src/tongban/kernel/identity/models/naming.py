"""Names that sort in Chinese order."""

from __future__ import annotations

from typing import Any

from django.db import models

from tongban.kernel.identity.rules import pinyin_key

__all__ = ["Named"]


class Named(models.Model):
    """Something with a name and the key by which it sorts (pinyin, not code points)."""

    name = models.CharField(max_length=120)
    name_sort = models.CharField(max_length=200, editable=False, db_index=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the sort key in step with the name.

        ``bulk_create`` does not come here: set ``name_sort`` yourself.
        """
        self.name_sort = pinyin_key(self.name)
        fields = kwargs.get("update_fields")
        if fields is not None and "name" in fields:
            kwargs["update_fields"] = {*fields, "name_sort"}
        super().save(*args, **kwargs)
