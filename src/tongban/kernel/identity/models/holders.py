"""Holders: one small number for everything that can hold a right or a task."""

from __future__ import annotations

from django.db import models

from tongban.base import work

__all__ = ["Holder"]


@work.numbered
class Holder(models.Model):
    """A person, an entity, a post, a unit, a duty in a unit, or the bearer of a case's code.

    A duty's key is "<unit id>:<duty>", a code's the id of its case. Access rows and tasks name holders, and
    an actor is at most some twenty of them: every list is one indexed join.
    """

    KINDS = tuple((kind, kind) for kind in ("person", "entity", "post", "unit", "duty", "code"))

    kind = models.CharField(max_length=10, choices=KINDS)
    key = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="identity_holder_once")]
