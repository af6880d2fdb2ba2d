"""The government itself: units in a tree, posts with duties, who holds them, who stands in."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from tree_queries.models import TreeNode

from tongban.base.text import LocalizedTextField
from tongban.kernel.identity.models.parties import Person

__all__ = ["Delegation", "Holding", "Post", "Unit", "UnitVersion"]


class Unit(TreeNode):
    """A unit of the government: a bureau, an office, a township, a hall.

    One that was merged stays, with its ``successor``: old cases and papers name it, open work goes to the successor.
    """

    code = models.SlugField(max_length=60, unique=True)
    name = LocalizedTextField()
    short_name = LocalizedTextField(default=dict)
    name_sort = models.CharField(max_length=200, editable=False, db_index=True)
    division_code = models.CharField(max_length=12)
    level = models.CharField(max_length=20)
    kind = models.CharField(max_length=40)
    prefix = models.CharField(max_length=20, blank=True)
    uscc = models.CharField(max_length=18, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    successor = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors"
    )

    class Meta:
        ordering = ["name_sort"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(division_code__regex=r"^[0-9]{12}$"), name="identity_unit_division_code"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, successor__isnull=True)
                | models.Q(closed_at__isnull=False, successor__isnull=False),
                name="identity_unit_closed_with_successor",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)


class UnitVersion(models.Model):
    """What a unit was called and to which unit it belonged, within a half-open period; ``since`` None: from before the record.

    ``change`` says what brought the version about, ``basis`` the document that ordered it.
    """

    CHANGES = tuple((word, word) for word in ("found", "rename", "move"))

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="versions")
    name = LocalizedTextField()
    short_name = LocalizedTextField()
    parent = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    change = models.CharField(max_length=10, choices=CHANGES)
    basis = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=models.Q(until__isnull=True), name="identity_unit_version_one_open"
            )
        ]


class Post(models.Model):
    """A position in a unit. Its duties are what its holder may do; nothing else gives authority.

    One that was abolished (``closed_at``) has no duties and no holder; old acts name it.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="posts")
    code = models.SlugField(max_length=60)
    name = LocalizedTextField()
    duties = ArrayField(models.CharField(max_length=60), default=list)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "code"], name="identity_post_code")]
        indexes = [GinIndex(fields=["duties"], name="identity_post_duties")]

    def __str__(self) -> str:
        return str(self.name)


class Holding(models.Model):
    """A person holds a post within a half-open period."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="holdings")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="holdings")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="identity_holding_period",
            ),
            models.UniqueConstraint(
                fields=["person", "post"],
                condition=models.Q(until__isnull=True),
                name="identity_holding_open_once",
            ),
        ]


class Delegation(models.Model):
    """The holder of a post lets another person act in it for a period (leave, an absence)."""

    from_holding = models.ForeignKey(Holding, on_delete=models.PROTECT, related_name="delegations")
    to_person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="delegations")
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("since")), name="identity_delegation_period"
            )
        ]
