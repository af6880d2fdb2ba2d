"""Publishing items: put a version, bring one into force on its day, withdraw an item, restore it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import rfc8785
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from tongban.apps.services.errors import ItemNotFound, ItemRefused, LimitUnverified
from tongban.apps.services.models import Item, ItemVersion
from tongban.apps.services.queries.checking import faults_of
from tongban.apps.services.rules import Flaw
from tongban.apps.services.rules.quality import BLOCKING, UNVERIFIED
from tongban.base import published
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.search import service as search

__all__ = [
    "bring_into_force",
    "digest_of",
    "keywords_of",
    "put_item",
    "put_new_items",
    "restore_item",
    "withdraw_item",
]

KIND_ITEM = LocalizedText(zh="办事服务", en="Service")
KIND_ANNOUNCED = LocalizedText(zh="办事指南", en="Guide")
ANNOUNCED_WEIGHT = 0.6
"""What can be done here comes before what can only be read about."""


@transaction.atomic
def put_item(
    *, actor: Actor, content: Mapping[str, Any], at: datetime, valid_from: date | None = None
) -> Item:
    """Publish an item's next version, valid from today or from a later day; the same content again changes nothing.

    Cases keep the version they were made with. Raises, and writes nothing: ItemRefused for what cannot be stored or does not fit
    its form (which must have been published), LimitUnverified outside the demo, ValueError for a pause or an extension that the
    law does not allow.
    """
    plain = _plain(content)
    _refuse_faults(plain, at=at)
    _ = Item(content=plain).terms
    unit = identity.get_unit(plain["unit"])
    digest = digest_of(plain)
    today = local_date(at)
    item = Item.objects.select_for_update().filter(key=plain["key"]).first()
    if item is None:
        item = Item(key=plain["key"], unit=unit, is_in_force=False)
        item.take(plain, version=0)
        _refuse_twins(item)
        item.save()
    versions = list(item.versions.order_by("version"))
    if versions and versions[-1].digest == digest:
        return item
    version = ItemVersion(
        item=item,
        version=len(versions) + 1,
        unit=unit,
        content=plain,
        digest=digest,
        valid_from=valid_from or today,
        put_at=at,
    )
    before = versions[-1].content if versions else {}
    _join(version, versions)
    if version.valid_from <= today:
        _enforce(item, _valid_on(today, [*versions, version]), at=at)
    published.forget()
    ledger.record(
        actor=actor,
        verb="services.put_item",
        subject=item.ref,
        payload=plain,
        facts={
            "version": version.version,
            "valid_from": version.valid_from.isoformat(),
            "changed": changed_elements(before, plain),
        },
        at=at,
    )
    return item


@transaction.atomic
def put_new_items(
    *, actor: Actor, contents: Sequence[tuple[Mapping[str, Any], Any]], reason: str, at: datetime
) -> int:
    """Publish the first versions of many items at once, valid from today: what an import brings. Returns how many.

    Nobody may have put an item of these keys and codes before; the caller looked, and has refused what ``faults_of`` forbids.
    """
    today = local_date(at)
    items = []
    for content, unit in contents:
        item = Item(key=content["key"], unit=unit)
        item.take(_plain(content), version=1)
        items.append(item)
    Item.objects.bulk_create(items)
    ItemVersion.objects.bulk_create(
        ItemVersion(
            item=item,
            version=1,
            unit=item.unit,
            content=item.content,
            digest=digest_of(item.content),
            valid_from=today,
            put_at=at,
        )
        for item in items
    )
    search.index_many([_findable(item) for item in items], at=at)
    published.forget()
    facts = {"version": 1, "valid_from": today.isoformat()}
    acts = [(item.ref, "", facts) for item in items]
    ledger.record_many(actor=actor, verb="services.put_item", acts=acts, reason=reason, at=at)
    return len(items)


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the digest by which two contents are told apart."""
    return hashlib.sha256(rfc8785.dumps(_plain(content))).hexdigest()


def bring_into_force(*, at: datetime) -> int:
    """Let items follow the calendar: versions whose day has come are in force from now on. Returns how many."""
    today = local_date(at)
    due = ItemVersion.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today), valid_from__lte=today)
    keys = due.exclude(version=F("item__version")).values_list("item_id", flat=True)
    for pk in sorted(set(keys)):
        with transaction.atomic():
            item = Item.objects.select_for_update().get(pk=pk)
            version = _valid_on(today, item.versions.order_by("version"))
            _enforce(item, version, at=at)
            published.forget()
            ledger.record(
                actor=Actor.system("catalogue"),
                verb="services.enforce_item",
                subject=item.ref,
                facts={"version": version.version},
                at=at,
            )
    return len(set(keys))


@transaction.atomic
def withdraw_item(*, actor: Actor, key: str, reason: str, at: datetime) -> Item:
    """Take an item out of the catalogue: it can no longer be found or applied for; its cases go on. Raises ItemNotFound."""
    item = _locked(key)
    if item.withdrawn_at is None:
        item.withdrawn_at = at
        item.is_in_force = False
        item.save(update_fields=["withdrawn_at", "is_in_force"])
        search.unindex(item.ref)
        published.forget()
        ledger.record(
            actor=actor,
            verb="services.withdraw_item",
            subject=item.ref,
            facts={"reason": reason[:300]},
            at=at,
        )
    return item


@transaction.atomic
def restore_item(*, actor: Actor, key: str, at: datetime) -> Item:
    """Put a withdrawn item back as its valid version has it. Raises ItemNotFound."""
    item = _locked(key)
    if item.withdrawn_at is not None:
        item.withdrawn_at = None
        item.save(update_fields=["withdrawn_at"])
        _enforce(item, _valid_on(local_date(at), item.versions.order_by("version")), at=at)
        published.forget()
        ledger.record(actor=actor, verb="services.restore_item", subject=item.ref, at=at)
    return item


def changed_elements(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names of the elements in which two contents differ, sorted."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def keywords_of(content: Mapping[str, Any]) -> list[str]:
    """Return the words under which an item or a guidance is found beside its name, both languages."""
    words = content.get("keywords") or {}
    return [*words.get("zh", []), *words.get("en", [])] if isinstance(words, Mapping) else list(words)


def _locked(key: str) -> Item:
    item = Item.objects.select_for_update().filter(key=key).first()
    if item is None:
        raise ItemNotFound(item=key)
    return item


def _refuse_faults(content: Mapping[str, Any], *, at: datetime) -> None:
    faults = faults_of(content, at=at)
    blocking = [flaw for flaw in faults if flaw.code in BLOCKING]
    if blocking:
        raise ItemRefused("；".join(str(flaw.message) for flaw in blocking), errors=_errors(blocking))
    unverified = [flaw for flaw in faults if flaw.code == UNVERIFIED and flaw.is_error]
    if unverified:
        raise LimitUnverified(errors=_errors(unverified))


def _refuse_twins(item: Item) -> None:
    """Two items may not have one code, neither the national nor the local one."""
    for name in ("code", "local_code"):
        value = getattr(item, name)
        if value and Item.objects.filter(**{name: value}).exclude(pk=item.pk).exists():
            message = LocalizedText(
                zh=f"编码 {value} 已经有别的事项在用", en=f"Code {value} belongs to another item"
            )
            raise ItemRefused(message, errors=[{"field": name, "message": message.as_json()}])


def _errors(flaws: Sequence[Flaw]) -> list[dict[str, Any]]:
    return [{"field": flaw.path, "code": flaw.code, "message": flaw.message.as_json()} for flaw in flaws]


def _join(new: ItemVersion, others: Sequence[ItemVersion]) -> None:
    """Save a new version between the others: each is valid until the next one is."""
    line = sorted([*others, new], key=lambda each: (each.valid_from, each.version))
    for each, following in zip(line, [*line[1:], None], strict=True):
        until = following.valid_from if following else None
        if each is new:
            each.valid_to = until
            each.save()
        elif each.valid_to != until:
            each.valid_to = until
            each.save(update_fields=["valid_to"])


def _valid_on(day: date, versions: Any) -> ItemVersion:
    """Return the version that is valid on a day: the one that began last."""
    valid = [each for each in versions if each.valid_from <= day]
    return max(valid, key=lambda each: (each.valid_from, each.version))


def _enforce(item: Item, version: ItemVersion, *, at: datetime) -> None:
    """Let the item be what the version says, for everybody who looks or applies from now on."""
    item.take(version.content, version=version.version)
    item.unit = version.unit
    item.is_in_force = item.withdrawn_at is None
    _refuse_twins(item)
    item.save()
    if not item.is_in_force:
        return
    search.index_many([_findable(item)], at=at)


def _findable(item: Item) -> search.Findable:
    main_item = LocalizedText.of(item.content.get("main_item")).zh
    return search.Findable(
        ref=item.ref,
        title=item.name,
        body=item.lead,
        keywords=[*keywords_of(item.content), *([main_item] if main_item else [])],
        url=reverse("services:item", args=[item.key]),
        kind_label=KIND_ANNOUNCED if item.is_announced else KIND_ITEM,
        weight=ANNOUNCED_WEIGHT if item.is_announced else 1.0,
    )


def _plain(value: Any) -> Any:
    """Return ``value`` as JSON knows it (YAML reads 2026-01-01 as a date)."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value
