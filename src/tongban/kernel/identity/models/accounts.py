"""How somebody comes in: accounts, tokens for programs, and the count of attempts."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from tongban.base.text import LocalizedTextField
from tongban.kernel.identity.models.organisation import Post
from tongban.kernel.identity.models.parties import LegalEntity, Person

__all__ = ["Account", "Attempts", "Invitation", "Presence", "SignInRuleSet", "Token"]


class Account(AbstractBaseUser):
    """A way in. It carries no authority: that comes from posts (officials) and mandates (citizens).

    Officials and citizens have different accounts, also when they are the same person: an account acts only
    as its kind. ``level`` says how sure it is whose it is: 1 as its bearer said, 2 checked (``level_by`` says how).
    ``demo_note`` says in the demo what the account is for; accounts that have one are refused in production.
    """

    KINDS = (("citizen", "citizen"), ("official", "official"))

    username = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, choices=KINDS)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="accounts")
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    password_set_at = models.DateTimeField(null=True)
    level = models.PositiveSmallIntegerField(default=1)
    level_by = models.CharField(max_length=20, blank=True)
    level_at = models.DateTimeField(null=True)
    demo_role = LocalizedTextField(null=True, blank=True)
    demo_note = LocalizedTextField(null=True, blank=True)
    demo_order = models.PositiveSmallIntegerField(default=0)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    objects = BaseUserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=models.Q(is_active=True),
                name="identity_account_one_a_kind",
            ),
            models.CheckConstraint(condition=models.Q(level__in=[1, 2]), name="identity_account_level"),
        ]

    def __str__(self) -> str:
        return self.username


class Token(models.Model):
    """A bearer token of an account, for programs.

    Only its digest is kept; ``post`` or ``entity`` may bind its capacity.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tokens")
    digest = models.BinaryField(unique=True)
    name = models.CharField(max_length=80)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, related_name="+")
    entity = models.ForeignKey(LegalEntity, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class Attempts(models.Model):
    """Attempts at something that could be guessed, or uses of something that costs, under one blind key.

    Gone after a success, and after a while. ``account`` is the blind key of the account that is locked by it, "" for none.
    """

    key = models.CharField(max_length=64, primary_key=True)
    account = models.CharField(max_length=64, blank=True, db_index=True)
    count = models.PositiveIntegerField(default=0)
    locks = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)


class Invitation(models.Model):
    """A link by which somebody sets the own password, once. Only its digest is kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="invitations")
    digest = models.BinaryField(unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Presence(models.Model):
    """A browser in which an account has signed in, for the list of sessions. The session itself is Django's."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="presences")
    session_key = models.CharField(max_length=40, unique=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=60, blank=True)
    factor = models.CharField(max_length=10, blank=True)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()


class SignInRuleSet(models.Model):
    """How accounts of a kind sign in, from ``put_at`` on; the newest row counts, the others say what was before."""

    kind = models.CharField(max_length=10, choices=Account.KINDS)
    rules = models.JSONField()
    reason = models.CharField(max_length=300)
    put_at = models.DateTimeField()
