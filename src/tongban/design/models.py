"""The one row the design system keeps."""

from __future__ import annotations

from django.db import models


class SiteProfile(models.Model):
    """What this installation calls itself (``site.Site``); there is only row 1."""

    values = models.JSONField(default=dict)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="site_profile_is_one_row")]
