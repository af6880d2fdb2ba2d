"""The pack sections "items" and "guidance": service items with everything their guides show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse

from tongban.apps.services.models import Guidance, Item
from tongban.base.actor import Actor
from tongban.base.packs import Pack, section
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.search import service as search

__all__ = ["load_guidance", "load_items", "put_guidance", "put_item"]

KIND_ITEM = LocalizedText(zh="办事服务", en="Service")
KIND_GUIDANCE = LocalizedText(zh="情形导办", en="Find the right service")


def put_item(*, actor: Actor, content: Mapping[str, Any], at: datetime) -> Item:
    """Write a service item and put it into the search index. Writing the same content again changes nothing.

    Raises ValueError for a pause or an extension that the law does not allow: nothing is written then.
    """
    _ = Item(content=dict(content)).terms
    item, _ = Item.objects.update_or_create(
        key=content["key"],
        defaults={
            "code": content["handling_code"],
            "name": LocalizedText.of(content["name"]),
            "lead": LocalizedText.of(content["lead"]),
            "type_code": content["type"],
            "unit_id": identity.get_unit(content["unit"]).pk,
            "form_key": content["form"],
            "process_key": content["process"],
            "certificate_type": content.get("certificate", ""),
            "content": dict(content),
            "order": content.get("order", 0),
        },
    )
    search.index(
        ref=item.ref,
        title=item.name,
        body=item.lead,
        keywords=_keywords(content),
        url=reverse("services:item", args=[item.key]),
        kind_label=KIND_ITEM,
        at=at,
    )
    ledger.record(actor=actor, verb="services.put_item", subject=item.ref, payload=dict(content), at=at)
    return item


def put_guidance(*, actor: Actor, content: Mapping[str, Any], at: datetime) -> Guidance:
    """Write a guidance: its question is a one-page form, its answer a decision table."""
    form = {**content["form"], "key": f"guidance-{content['key']}"}
    forms.put_form(actor=actor, content=form, at=at)
    guidance, _ = Guidance.objects.update_or_create(
        key=content["key"],
        defaults={
            "title": LocalizedText.of(content["title"]),
            "lead": LocalizedText.of(content.get("lead")),
            "form_key": form["key"],
            "table_key": content["table"],
            "content": dict(content),
        },
    )
    search.index(
        ref=Ref.to("guidance", guidance.key),
        title=guidance.title,
        body=guidance.lead,
        keywords=_keywords(content),
        url=reverse("services:guidance", args=[guidance.key]),
        kind_label=KIND_GUIDANCE,
        weight=2.0,
        at=at,
    )
    return guidance


def _keywords(content: Mapping[str, Any]) -> list[str]:
    words = content.get("keywords") or {}
    return [*words.get("zh", []), *words.get("en", [])] if isinstance(words, Mapping) else list(words)


@section("items", order=60)
def load_items(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load ``items/*/item.yaml``."""
    for path in pack.files("items/*/item.yaml"):
        put_item(actor=actor, content=pack.yaml(path), at=at)


@section("guidance", order=61)
def load_guidance(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load ``guidance/*.yaml``."""
    for path in pack.files("guidance/*.yaml"):
        put_guidance(actor=actor, content=pack.yaml(path), at=at)
