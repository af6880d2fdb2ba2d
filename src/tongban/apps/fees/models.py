"""Charges, the attempts to pay them, what was given back, what providers told, and the reconciliation of each day.

All amounts are whole fen.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from tongban.apps.fees import rules
from tongban.base.ref import Ref
from tongban.base.text import LocalizedTextField

__all__ = ["BankOrder", "Charge", "Difference", "Notice", "Payment", "Reconciliation", "Refund"]


class Charge(models.Model):
    """What is owed: one line of the published charge list of the case's item. ``basis`` and ``lines`` say why so much.

    ``followed_at`` is set when the consequences of being paid (receipt, message, the process) have been drawn.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=80)
    name = LocalizedTextField()
    amount = models.BigIntegerField()
    basis = LocalizedTextField()
    because = LocalizedTextField(null=True)
    how = LocalizedTextField(null=True)
    lines = models.JSONField(default=list)
    state = models.CharField(max_length=10, default=rules.OPEN)
    due_on = models.DateField(null=True)
    made_at = models.DateTimeField()
    paid_by = models.OneToOneField("Payment", on_delete=models.PROTECT, null=True, related_name="+")
    paid_at = models.DateTimeField(null=True)
    followed_at = models.DateTimeField(null=True)
    receipt = models.UUIDField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_because = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="fees_charge_amount"),
            models.CheckConstraint(condition=Q(state__in=rules.CHARGE_STATES), name="fees_charge_state"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "cancelled"]) | Q(paid_by__isnull=False),
                name="fees_charge_paid_by_a_payment",
            ),
            models.UniqueConstraint(
                fields=["case", "code"],
                condition=Q(state__in=["open", "paid"]),
                name="fees_charge_once_a_case",
            ),
        ]
        indexes = [
            models.Index(fields=["case"], name="fees_charge_case"),
            models.Index(fields=["-made_at"], name="fees_charge_newest"),
            models.Index(
                fields=["paid_at"],
                condition=Q(state="paid", followed_at__isnull=True),
                name="fees_charge_to_follow",
            ),
        ]

    @property
    def ref(self) -> Ref:
        """The charge as others know it."""
        return Ref.to("charge", self.pk)


class Payment(models.Model):
    """One attempt to pay a charge. ``number`` is ours and goes to the provider, ``reference`` is the provider's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="payments")
    provider = models.CharField(max_length=40)
    number = models.CharField(max_length=32, unique=True)
    reference = models.CharField(max_length=80, blank=True)
    amount = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, default=rules.STARTED)
    means = models.CharField(max_length=12, blank=True)
    fiscal_receipt = models.CharField(max_length=60, blank=True)
    address = models.TextField(blank=True)
    qr = models.TextField(blank=True)
    expires_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey("identity.Account", null=True, on_delete=models.PROTECT, related_name="+")
    paid_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    ask_at = models.DateTimeField(null=True)
    asked = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="fees_payment_amount"),
            models.CheckConstraint(condition=Q(state__in=rules.PAYMENT_STATES), name="fees_payment_state"),
            models.CheckConstraint(
                condition=~Q(state="succeeded") | Q(received=F("amount"), paid_on__isnull=False),
                name="fees_payment_received",
            ),
        ]
        indexes = [
            models.Index(fields=["ask_at"], condition=Q(ask_at__isnull=False), name="fees_payment_to_ask"),
            models.Index(fields=["provider", "paid_on"], name="fees_payment_day"),
        ]

    @property
    def ref(self) -> Ref:
        """The payment as others know it."""
        return Ref.to("payment", self.pk)


class Refund(models.Model):
    """Money to be given back. ``cause`` says who wants it: a person ("proposed"), or the product itself, because nothing was
    owed ("double", "cancelled", "recalculated").
    """

    CAUSES = ("proposed", "double", "cancelled", "recalculated")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    number = models.CharField(max_length=32, unique=True)
    amount = models.BigIntegerField()
    cause = models.CharField(max_length=12)
    reason = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, default=rules.PROPOSED)
    proposed_at = models.DateTimeField()
    proposed_by = models.UUIDField(null=True)
    proposed_name = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_name = models.CharField(max_length=80, blank=True)
    remark = models.CharField(max_length=300, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    done_on = models.DateField(null=True)
    done_at = models.DateTimeField(null=True)
    send_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="fees_refund_amount"),
            models.CheckConstraint(condition=Q(state__in=rules.REFUND_STATES), name="fees_refund_state"),
            models.CheckConstraint(
                condition=Q(cause__in=["proposed", "double", "cancelled", "recalculated"]),
                name="fees_refund_cause",
            ),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(cause__in=["double", "cancelled", "recalculated"]),
                name="fees_refund_by_itself_once",
            ),
        ]
        indexes = [
            models.Index(fields=["send_at"], condition=Q(send_at__isnull=False), name="fees_refund_to_send"),
            models.Index(fields=["state", "proposed_at"], name="fees_refund_state_at"),
        ]


class Notice(models.Model):
    """A provider's signed word about a payment, and what became of it. A forged one leaves nothing here."""

    provider = models.CharField(max_length=40)
    number = models.CharField(max_length=64)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="notices")
    at = models.DateTimeField()
    said = models.CharField(max_length=10)
    amount = models.BigIntegerField()
    outcome = models.CharField(max_length=12)

    class Meta:
        indexes = [models.Index(fields=["outcome", "-at"], name="fees_notice_outcome")]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=rules.NOTICES), name="fees_notice_outcome_known")
        ]


class Reconciliation(models.Model):
    """The comparison of a day: the provider's statement against our books."""

    provider = models.CharField(max_length=40)
    day = models.DateField()
    at = models.DateTimeField()
    matched = models.PositiveIntegerField(default=0)
    ours = models.BigIntegerField(default=0)
    theirs = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "day"], name="fees_reconciliation_day")]


class Difference(models.Model):
    """One number on which the two sides disagree, to be settled by a person with a reason."""

    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.CASCADE, related_name="differences")
    kind = models.CharField(max_length=8)
    number = models.CharField(max_length=64)
    verdict = models.CharField(max_length=8)
    ours = models.BigIntegerField(null=True)
    theirs = models.BigIntegerField(null=True)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_name = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=rules.DIFFERENCES), name="fees_difference_verdict"
            ),
            models.UniqueConstraint(
                fields=["reconciliation", "kind", "number"], name="fees_difference_once_a_day"
            ),
        ]


class BankOrder(models.Model):
    """The demo bank's own book. Nothing of the product reads it but the demo provider, as if it stood at a bank."""

    number = models.CharField(max_length=32, unique=True)
    amount = models.BigIntegerField()
    subject = models.CharField(max_length=120)
    back = models.CharField(max_length=300)
    state = models.CharField(max_length=10, default=rules.PENDING)
    paid = models.BigIntegerField(default=0)
    paid_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=40)
    opened_at = models.DateTimeField()
    refunds = models.JSONField(default=list)
