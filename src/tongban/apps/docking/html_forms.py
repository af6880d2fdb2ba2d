"""The form of a destination: what was typed, what it means, and its settings in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from tongban.apps.docking.models import Destination
from tongban.apps.docking.standard import tables
from tongban.apps.docking.words import KINDS
from tongban.base.text import LocalizedText as T

__all__ = ["content", "described", "options", "typed", "values_of"]

NUMBERS = ("batch", "timeout", "attempts", "receipt_hours", "keep_days")
CHOICES = ("form", "names", "widths")
FORMS = {"json": T("JSON"), "xml": T("XML")}
NAMES = {
    "chinese": T("标准的中文名称", "The standard's Chinese names"),
    "code": T("英文代码", "Our short codes"),
}
WIDTHS = {
    "wide": T("按实际编码放宽（基本编码 12 位、实施编码 33 位等）", "Wide enough for today's item codes"),
    "literal": T("严格按 GB/T 39046 的字面长度", "Literally as in GB/T 39046"),
}
MOMENTS = {"": T("20260301101500"), "t": T("20260301T101500")}


def options() -> dict[str, list[tuple[str, T]]]:
    """Return the choices of every choice on the form."""
    return {
        "kinds": list(KINDS.items()),
        "forms": list(FORMS.items()),
        "names": list(NAMES.items()),
        "widths": list(WIDTHS.items()),
        "moments": list(MOMENTS.items()),
        "tables": [(key, table.name) for key, table in tables().items()],
        "from_start": [
            (
                "true",
                T("从账本的第一笔开始，把以前的办件也补报", "From the first act on: earlier cases go too"),
            )
        ],
    }


def values_of(found: Destination | None) -> dict[str, Any]:
    """Return what stands in the form of a destination, or in an empty one."""
    chosen = {
        name: found.setting(name) if found else default for name, default in Destination.SETTINGS.items()
    }
    return {
        **chosen,
        "moment": "t" if chosen["with_t"] else "",
        "tables": chosen["tables"] or list(tables()),
        "key": found.key if found else "",
        "name_zh": found.name.zh if found else "",
        "name_en": found.name.en if found else "",
        "kind": found.kind if found else Destination.DROP,
        "address": found.address if found else "",
    }


def typed(form: QueryDict, found: Destination | None) -> dict[str, Any]:
    """Return what was typed, cut to a length that no right value has."""
    texts = ("name_zh", "name_en", "kind", "address", "moment", *CHOICES, *NUMBERS)
    values: dict[str, Any] = {name: form.get(name, "").strip()[:301] for name in texts}
    values["key"] = found.key if found else form.get("key", "").strip()[:60]
    values["tables"] = form.getlist("tables")[:20]
    values["demo_peer"] = found.setting("demo_peer") if found else False
    return values


def content(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as the content of a destination; what is no number stays a text and is refused there."""
    numbers = {name: int(values[name]) if values[name].isdecimal() else values[name] for name in NUMBERS}
    every = set(values["tables"]) == set(tables())
    return {
        "key": values["key"],
        "name": {"zh": values["name_zh"], "en": values["name_en"]},
        "kind": values["kind"],
        "address": values["address"],
        **{name: values[name] for name in CHOICES},
        **numbers,
        "with_t": values["moment"] == "t",
        "tables": [] if every else list(values["tables"]),
        "demo_peer": values["demo_peer"],
    }


def described(found: Destination) -> list[tuple[T, T]]:
    """Return the settings of a destination in words."""
    names = [tables()[key].name for key in found.setting("tables")]
    every = T("全部", "All")
    chosen = T("、".join(n.zh for n in names), ", ".join(n.en for n in names)) if names else every
    return [
        (T("格式", "Form"), FORMS[found.setting("form")]),
        (T("数据项名称", "Names of fields"), NAMES[found.setting("names")]),
        (T("时间写法", "Moments"), MOMENTS["t" if found.setting("with_t") else ""]),
        (T("长度", "Lengths"), WIDTHS[found.setting("widths")]),
        (T("上报的表", "Tables"), chosen),
        (
            T("一次最多", "At most at once"),
            T(f"{found.setting('batch')} 条", f"{found.setting('batch')} records"),
        ),
        (
            T("多久没有回执就重发", "Sent again without a receipt after"),
            T(f"{found.setting('receipt_hours')} 小时", f"{found.setting('receipt_hours')} hours"),
        ),
        (
            T("接收以后内容保留", "Content kept after acceptance"),
            T(f"{found.setting('keep_days')} 天", f"{found.setting('keep_days')} days"),
        ),
    ]
