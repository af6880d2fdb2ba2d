"""Other systems that trust our sign-in, what people agreed to, and what was handed out on it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tongban.base.text import LocalizedTextField

__all__ = ["Code", "Consent", "Link", "Province", "Provisioned", "Provisioner", "System", "Ticket"]


class System(models.Model):
    """A registered system that lets people sign in with their account here (an OpenID Connect client).

    ``kinds`` are the kinds of accounts that may. The secret is random and long: only its digest is kept.
    """

    ALGORITHMS = (("RS256", "RS256"), ("ES256", "ES256"))

    client_id = models.SlugField(max_length=40, unique=True)
    name = LocalizedTextField()
    secret_digest = models.BinaryField()
    redirect_uris = ArrayField(models.CharField(max_length=300))
    logout_uris = ArrayField(models.CharField(max_length=300), default=list)
    scopes = ArrayField(models.CharField(max_length=20))
    kinds = ArrayField(models.CharField(max_length=10))
    algorithm = models.CharField(max_length=5, choices=ALGORITHMS, default="RS256")
    is_open = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["client_id"]


class Consent(models.Model):
    """Somebody agreed that a system learns what these scopes name, until ``ended_at``."""

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="consents")
    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    scopes = ArrayField(models.CharField(max_length=20))
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["system", "account"],
                condition=models.Q(ended_at__isnull=True),
                name="federation_consent_one_open",
            )
        ]


class Handed(models.Model):
    """What code and ticket share: for whom, for which system, how that person had signed in."""

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    scopes = ArrayField(models.CharField(max_length=20))
    auth_time = models.BigIntegerField()
    assurance = models.PositiveSmallIntegerField()
    has_factor = models.BooleanField(default=False)

    class Meta:
        abstract = True


class Code(Handed):
    """An authorization code: works once, for a minute, for who knows the verifier of ``challenge``."""

    digest = models.BinaryField(unique=True)
    redirect_uri = models.CharField(max_length=300)
    nonce = models.CharField(max_length=300, blank=True)
    challenge = models.CharField(max_length=128)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)


class Ticket(Handed):
    """An access token and the refresh token that renews it; both are kept as digests.

    All tickets that go back to one code are a family: when a code or a refresh token comes a second time, somebody has stolen
    it, and the whole family ends.
    """

    code = models.ForeignKey(Code, on_delete=models.CASCADE, related_name="tickets")
    access_digest = models.BinaryField(unique=True)
    access_expires_at = models.DateTimeField()
    refresh_digest = models.BinaryField(unique=True)
    refresh_expires_at = models.DateTimeField(db_index=True)
    renewed_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class Province(models.Model):
    """An authority with whose accounts people may sign in here (统一身份认证): we are one of its systems.

    ``name_claim`` and ``number_claim`` are the words under which it tells name and ID number. Our secret over there is a file.
    """

    key = models.SlugField(max_length=40, unique=True)
    name = LocalizedTextField()
    issuer = models.CharField(max_length=300)
    client_id = models.CharField(max_length=200)
    scopes = models.CharField(max_length=200, default="openid profile")
    name_claim = models.CharField(max_length=60, default="name")
    number_claim = models.CharField(max_length=60, default="citizen_id")
    is_open = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["key"]


class Link(models.Model):
    """An account of ours belongs to whom the authority knows under ``subject``, who may have a citizen's and an official's."""

    province = models.ForeignKey(Province, on_delete=models.CASCADE, related_name="links")
    subject = models.CharField(max_length=255)
    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["province", "account"], name="federation_link_one_an_account"),
            models.UniqueConstraint(fields=["province", "subject", "account"], name="federation_link_once"),
        ]


class Provisioner(models.Model):
    """A program that opens and closes officials' accounts (SCIM). It appoints only when the security administrator lets it."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    token_digest = models.BinaryField(unique=True)
    is_open = models.BooleanField(default=True)
    may_appoint = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["key"]


class Provisioned(models.Model):
    """Under which id of its own a provisioning program knows a person."""

    provisioner = models.ForeignKey(Provisioner, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey("identity.Person", on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provisioner", "person"], name="federation_provisioned_once")
        ]
