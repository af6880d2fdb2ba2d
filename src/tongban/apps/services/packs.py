"""The pack sections "items" and "guidance": service items with everything their guides show."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse

from tongban.apps.services.models import Guidance, ItemVersion
from tongban.apps.services.operations.items import keywords_of, put_item
from tongban.base.actor import Actor
from tongban.base.bringing import bring
from tongban.base.packs import Pack, section
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.forms import service as forms
from tongban.kernel.search import service as search

__all__ = ["load_guidance", "load_items", "put_guidance"]

KIND_GUIDANCE = LocalizedText(zh="情形导办", en="Find the right service")


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
        keywords=keywords_of(content),
        url=reverse("services:guidance", args=[guidance.key]),
        kind_label=KIND_GUIDANCE,
        weight=2.0,
        at=at,
    )
    return guidance


@section("items", order=60)
def load_items(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load ``items/*/item.yaml``."""
    said = {content["key"]: content for content in map(pack.yaml, pack.files("items/*/item.yaml"))}

    def put(key: str) -> None:
        put_item(actor=actor, content=said[key], at=at)

    bring(pack, "item", said, standing=_items, put=put, at=at)


def _items(keys: Collection[str]) -> dict[str, Any]:
    """How items stand: their newest version, whether it is in force already or not."""
    newest = ItemVersion.objects.filter(item__key__in=keys).select_related("item")
    newest = newest.order_by("item__key", "-version").distinct("item__key")
    return {row.item.key: [row.digest, row.item.unit_id, row.item.withdrawn_at] for row in newest}


@section("guidance", order=61)
def load_guidance(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load ``guidance/*.yaml``."""
    said = {content["key"]: content for content in map(pack.yaml, pack.files("guidance/*.yaml"))}

    def put(key: str) -> None:
        put_guidance(actor=actor, content=said[key], at=at)

    bring(pack, "guidance", said, standing=_guidance, put=put, at=at)


def _guidance(keys: Collection[str]) -> dict[str, Any]:
    """How guidance stands: its words, and the form that asks, which the studio changes like any other."""
    found = Guidance.objects.filter(key__in=keys)
    return {row.key: [row.content, forms.get_form(row.form_key).content] for row in found}
