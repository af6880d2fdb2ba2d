"""What the services application makes known to the kernel and the design system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from tongban.apps.services import kind, packs
from tongban.apps.services.models import Item
from tongban.apps.services.operations import handle
from tongban.apps.services.queries import application as reading
from tongban.base.text import LocalizedText as T
from tongban.design import navigation
from tongban.design.navigation import NavEntry
from tongban.kernel.cases import service as cases
from tongban.kernel.forms import service as forms
from tongban.kernel.ledger import service as ledger

__all__ = ["list_popular", "register"]

VERBS = {
    "services.request_correction": T("一次性告知补正", "Correction asked for, once"),
    "services.receive_correction": T("收到补正材料", "Correction received"),
    "services.accept": T("受理", "Accepted"),
    "services.accept_automatically": T("逾期未告知，视为受理", "Accepted by lapse of time"),
    "services.not_accept": T("不予受理", "Not accepted"),
    "services.grant": T("准予许可", "Granted"),
    "services.refuse": T("不予许可", "Refused"),
    "services.deliver": T("送达", "Delivered"),
    "services.withdraw": T("撤回申请", "Withdrawn"),
    "services.extend": T("延长办理时限", "Time limit extended"),
    "services.put_material": T("上传材料", "Document uploaded"),
    "services.remove_material": T("删除材料", "Document removed"),
    "services.rate": T("评价", "Rated"),
    "services.put_item": T("发布事项", "Service item published"),
}


def register() -> None:
    """Called once by ``ServicesConfig.ready``."""
    kind.register()
    for verb, label in VERBS.items():
        ledger.register_verb(verb, label)
    forms.register_options("services.materials", _material_options)
    navigation.register_public(
        NavEntry(key="services", label=T("办事服务", "Services"), url_name="services:search", order=20)
    )
    _ = (handle, packs)  # importing them registered the operations and the pack sections


def _material_options(request: forms.OptionRequest) -> Sequence[forms.Option]:
    """Offer the uploads of the case's item to a form that asks which of them is missing."""
    if request.about is None or request.about.kind != "case":
        return ()
    item = reading.item_of(cases.case_of(request.about))
    return [
        forms.Option(m["key"], T.of(m["name"]))
        for m in item.materials
        if m.get("action", "upload") == "upload"
    ]


def list_popular(at: datetime, limit: int = 8) -> list[Mapping[str, Any]]:
    """Return what people applied for most in the last 30 days, then the rest in their order: for the home page."""
    counts = dict(cases.list_public_counts(subject_kind="item", since=at - timedelta(days=30), limit=limit))
    items = {item.key: item for item in Item.objects.filter(is_in_force=True)[:50]}
    keys = [key for key in counts if key in items]
    keys += [key for key in items if key not in counts]
    return [
        {
            "title": T.of(items[key].content.get("short_name")) or items[key].name,
            "note": items[key].limit("promised").text,
            "url": reverse("services:item", args=[key]),
            "count": counts.get(key, 0),
        }
        for key in keys[:limit]
    ]
