"""Service items, guided questions, ratings. Applications themselves are cases of the kernel."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from tongban.apps.services.rules.elements import facets_of
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText, LocalizedTextField
from tongban.kernel.calendars import service as calendars

__all__ = [
    "CatalogueImport",
    "Consent",
    "Guidance",
    "HandOver",
    "Item",
    "ItemLimit",
    "ItemVersion",
    "PublicNotice",
    "Rating",
    "Signature",
]

LICENCE_TYPE = "01"
"""Administrative licences (GB/T 39046 A.1): only for them the Administrative Licensing Law is cited."""
OTHER_PAPERS = {"grant-decision": "approval-decision", "refusal-decision": "decline-decision"}
"""What is served instead where the item is no licence."""


@dataclass(frozen=True, slots=True)
class ItemLimit:
    """A time limit of an item: "10wd", its wording, its legal source and how sure we are of it (S, M, m or L)."""

    value: str
    text: LocalizedText
    source: LocalizedText
    confidence: str


class Item(models.Model):
    """A handling item of the implementation list (业务办理项) with everything its guide shows, as it is in force.

    ``content`` holds the elements of GB/T 39554.2 as they were written; what is queried or decides is a column. All of it is a
    copy of the version in force (``version``; 0 when none is yet); ``at_version`` gives the item as an older one had it.
    An item without a form is announced only: it can be found and read, not applied for.
    """

    key = models.SlugField(max_length=60, unique=True)
    code = models.CharField(max_length=40, blank=True)
    local_code = models.CharField(max_length=120, blank=True)
    name = LocalizedTextField()
    lead = LocalizedTextField()
    type_code = models.CharField(max_length=2)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    form_key = models.CharField(max_length=80, blank=True)
    process_key = models.CharField(max_length=80, blank=True)
    certificate_type = models.CharField(max_length=60, blank=True)
    content = models.JSONField()
    facets = ArrayField(models.CharField(max_length=330), default=list)
    version = models.PositiveIntegerField(default=0)
    is_in_force = models.BooleanField(default=True)
    withdrawn_at = models.DateTimeField(null=True)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["order", "key"]
        indexes = [GinIndex(fields=["facets"], name="services_item_facets")]
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=~models.Q(code=""), name="services_item_code_once"
            ),
            models.UniqueConstraint(
                fields=["local_code"],
                condition=~models.Q(local_code=""),
                name="services_item_local_code_once",
            ),
        ]

    def take(self, content: Mapping[str, Any], *, version: int) -> None:
        """Be what ``content`` says, as version so-and-so. The unit is the caller's matter."""
        self.code = content.get("handling_code") or ""
        self.local_code = content.get("local_code") or ""
        self.name = LocalizedText.of(content["name"])
        self.lead = LocalizedText.of(content.get("lead"))
        self.type_code = content["type"]
        self.form_key = content.get("form") or ""
        self.process_key = content.get("process") or ""
        self.certificate_type = content.get("certificate") or ""
        self.order = content.get("order", 0)
        self.facets = facets_of(content)
        self.content = dict(content)
        self.version = version

    def at_version(self, version: ItemVersion) -> Item:
        """Return the item as that version has it; not to be saved."""
        found = copy.copy(self)
        found.take(version.content, version=version.version)
        found.unit = version.unit
        return found

    @property
    def is_announced(self) -> bool:
        """Return whether it can only be read about: there is no form to apply with."""
        return not self.form_key

    @property
    def ref(self) -> Ref:
        """The item as others know it."""
        return Ref.to("item", self.key)

    def text(self, name: str) -> LocalizedText:
        """Return a text element of the guide by name, empty when the item has none."""
        return LocalizedText.of(self.content.get(name))

    def limit(self, role: str) -> ItemLimit:
        """Return a time limit of the item: "statutory", "promised", "extension" or "delivery"."""
        row = self.content["limits"][role]
        return ItemLimit(
            value=row["limit"],
            text=LocalizedText.of(row["text"]),
            source=LocalizedText.of(row["source"]),
            confidence=row["confidence"],
        )

    def find_limit(self, role: str) -> ItemLimit | None:
        """Return a time limit of the item, None when it states none (an announced item)."""
        return self.limit(role) if role in self.content.get("limits", {}) else None

    def pause(self, reason: str) -> dict[str, Any]:
        """Return what the pack says of a special procedure beside its law: ``by`` whom it is done, a ``note`` for the paper."""
        found = (row for row in self.content.get("pauses") or () if isinstance(row, dict))
        return next((row for row in found if row["reason"] == reason), {})

    @property
    def terms(self) -> calendars.Terms:
        """What may happen to the limits of a decision: ``pauses`` and ``warnings`` of the content, the extension of its limits.

        Raises ValueError for what the Administrative Licensing Law does not know (``calendars.Terms``).
        """
        extension = self.content.get("limits", {}).get("extension")
        return calendars.Terms.of(
            {
                "pauses": self.content.get("pauses"),
                "warnings": self.content.get("warnings"),
                "extension": {"duty": "services.decide", "paper": "extension-notice", **extension}
                if extension
                else None,
            },
            paper="special-procedure-notice",
        )

    @property
    def is_licence(self) -> bool:
        """Return whether the item is an administrative licence, to which the Licensing Law applies."""
        return self.type_code == LICENCE_TYPE

    def paper(self, role: str) -> str:
        """Return the template of a paper: the item's own for this role, else the one for its type."""
        own = (self.content.get("papers") or {}).get(role)
        return own or (role if self.is_licence else OTHER_PAPERS.get(role, role))

    @property
    def needs_signature(self) -> bool:
        """Return whether the applicant signs before handing in (``mode.signature``)."""
        return bool((self.content.get("mode") or {}).get("signature"))

    @property
    def law(self) -> LocalizedText:
        """Return the first two laws on which the item stands, as a paper cites them."""
        cited = [
            LocalizedText(zh="《{law}》{article}", en="{law} {article}").format(
                law=LocalizedText.of(row["law"]), article=LocalizedText.of(row["article"])
            )
            for row in self.content["basis"][:2]
        ]
        return LocalizedText("、".join(text.zh for text in cited), "; ".join(text.en for text in cited))

    @property
    def applicant_kinds(self) -> list[str]:
        """Who may apply: "person", "entity" or both."""
        return self.content.get("applicant", {}).get("kinds", [])

    @property
    def assurance(self) -> int:
        """How sure it must be who applies (实名等级): 1 when the item says nothing, 2 checked, 3 with a second factor.

        What is no level counts as the highest.
        """
        return {"1": 1, "2": 2}.get(str(self.content.get("applicant", {}).get("assurance") or 1), 3)

    @property
    def allows_agents(self) -> bool:
        """Whether somebody may apply for another: guardian, entrusted agent, village agent. Deny by default."""
        return bool(self.content.get("applicant", {}).get("agents"))

    @property
    def allows_several(self) -> bool:
        """Whether several people may apply together."""
        return bool(self.content.get("applicant", {}).get("several"))

    @property
    def materials(self) -> list[dict[str, Any]]:
        """The materials as the pack wrote them."""
        return self.content.get("materials", [])


class ItemVersion(models.Model):
    """An item as it is valid for a time. Never changed: a correction is a new version, and a case keeps the one it was made with.

    It is valid from the beginning of ``valid_from`` until the beginning of ``valid_to`` (open when None).
    """

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    put_at = models.DateTimeField()

    class Meta:
        ordering = ["item", "version"]
        constraints = [
            models.UniqueConstraint(fields=["item", "version"], name="services_item_version_once"),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="services_item_version_valid",
            ),
        ]


class CatalogueImport(models.Model):
    """A table of items on its way into the catalogue: sent by one person, checked by the machine, let in by a second person.

    ``report`` is what the last check or the import itself found: counts, units, samples, the first rows that were given back;
    all of those are in the file ``rejected_id``. ``done`` counts rows while it is checked or taken in.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    file_id = models.UUIDField()
    rejected_id = models.UUIDField(null=True)
    mapping = models.JSONField(default=dict)
    units = models.JSONField(default=dict)
    adopt = models.BooleanField(default=True)
    source = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=12, default="sent")
    done = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    sent_by = models.UUIDField()
    sender = models.CharField(max_length=120)
    sent_at = models.DateTimeField()
    let_in_by = models.CharField(max_length=120, blank=True)
    let_in_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-sent_at"]


class Guidance(models.Model):
    """A few questions that lead somebody who doesn't know the item's name to the right one, by a decision table."""

    key = models.SlugField(max_length=60, unique=True)
    title = LocalizedTextField()
    lead = LocalizedTextField()
    form_key = models.CharField(max_length=80)
    table_key = models.CharField(max_length=80)
    content = models.JSONField(default=dict)


class Rating(models.Model):
    """The applicant's word on how the case was handled. ``level`` follows GB/T 39046 A.8: 1 is best, 5 worst."""

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    item_key = models.CharField(max_length=60, db_index=True)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500, blank=True)
    channel = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level__gte=1, level__lte=5), name="services_rating_five_levels"
            ),
        ]


class PublicNotice(models.Model):
    """What is shown on the public site about an application before it is decided (公示), so that neighbours can object.

    ``lines`` are labels and values, masked when the notice is made: the site never holds more than it shows.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    item_key = models.CharField(max_length=60)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    lines = models.JSONField()
    published_at = models.DateTimeField()
    until = models.DateField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(ended_at=None), name="services_notice_once_at_a_time"
            ),
        ]


class Signature(models.Model):
    """The applicant's signature under one content of an application. A change of the content needs another row.

    ``digest`` is that of the content (``rules.signing``), ``file`` the signed PDF, ``confirmed`` how the signer showed who he is,
    ``assurance`` how sure the account is (``Actor.assurance``). At the counter ``confirmed`` is "present", ``witness`` the clerk
    who saw the signer and the identity card, and ``paper_id`` the scan where it was signed on paper.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    file = models.OneToOneField("files.File", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    is_drawn = models.BooleanField()
    confirmed = models.CharField(max_length=20)
    assurance = models.PositiveSmallIntegerField(default=0)
    witness = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    witness_name = models.CharField(max_length=120, blank=True)
    paper_id = models.UUIDField(null=True)
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["-signed_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(digest__regex="^[0-9a-f]{64}$"), name="services_signature_digest"
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed="present", witness__isnull=False)
                | (~models.Q(confirmed="present") & models.Q(witness=None, paper_id=None)),
                name="services_signature_witnessed",
            ),
        ]


class Consent(models.Model):
    """That a person agrees to an application made in their name by another (``basis`` says on what ground), or made together.

    ``person`` is whose consent it is, ``by`` who asked for it: the filer, who sees the case under ``holder`` (his own, or that
    of the post he acts in) as long as the consent runs. ``way`` says how it was given: in the own space (account), by a
    signed form that the window checks (form), or at the counter (present). Each moment is set once; the row is never deleted.
    """

    BASES = tuple((word, word) for word in ("guardian", "entrusted", "village", "counter", "joint"))
    WAYS = tuple((word, word) for word in ("account", "form", "present"))

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(max_length=10, choices=BASES)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    by_unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+", null=True)
    holder = models.ForeignKey("identity.Holder", on_delete=models.PROTECT, related_name="+")
    way = models.CharField(max_length=10, choices=WAYS, blank=True)
    asked_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at", "id"]
        indexes = [
            models.Index(
                fields=["person"],
                condition=models.Q(given_at=None, ended_at=None),
                name="services_consent_awaited",
            ),
            models.Index(fields=["holder", "-asked_at"], name="services_consent_holder"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person"],
                condition=models.Q(ended_at=None),
                name="services_consent_once",
            ),
            models.CheckConstraint(
                condition=models.Q(given_at=None, way="")
                | (models.Q(given_at__isnull=False) & ~models.Q(way="")),
                name="services_consent_given_in_a_way",
            ),
        ]


class HandOver(models.Model):
    """A result handed over at the counter: to whom, by whom, when, and the recipient's word for it.

    ``signature_id`` is the file of a drawn signature, None when the name was typed.
    """

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    recipient = models.CharField(max_length=120)
    is_applicant = models.BooleanField()
    signature_id = models.UUIDField(null=True)
    by = models.UUIDField()
    by_name = models.CharField(max_length=120)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
