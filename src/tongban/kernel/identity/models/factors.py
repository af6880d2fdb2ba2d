"""The second factor: what somebody has besides the password, and where it is required."""

from __future__ import annotations

from django.db import models

from tongban.kernel.identity.models.accounts import Account
from tongban.kernel.identity.models.organisation import Unit

__all__ = ["ConfirmationCode", "Factor", "FactorRule", "RecoveryCode"]


class Factor(models.Model):
    """An authenticator app ("totp") or a security key ("key") of an account.

    ``secret`` is the app's secret, enciphered, or the key's public part. ``counter`` only grows: the last step whose code was
    used, or the key's own count of signatures.
    """

    KINDS = (("totp", "totp"), ("key", "key"))

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="factors")
    kind = models.CharField(max_length=10, choices=KINDS)
    name = models.CharField(max_length=60)
    secret = models.BinaryField()
    counter = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class RecoveryCode(models.Model):
    """A code on paper that stands in for a lost telephone, once. Only its digest is kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.BinaryField()
    used_at = models.DateTimeField(null=True)


class ConfirmationCode(models.Model):
    """A code that went to the mailbox of an account which has nothing else to show; the newest one works, once, for minutes.

    Times are those of the machine's clock. Only the digest is kept.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="+")
    digest = models.BinaryField()
    expires_at = models.DateTimeField()


class FactorRule(models.Model):
    """A second factor is required of who holds a post with this duty, in this unit or below; what is empty means any."""

    duty = models.CharField(max_length=60, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300)
    put_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(duty="") | models.Q(unit__isnull=False),
                name="identity_factor_rule_says_whom",
            )
        ]
