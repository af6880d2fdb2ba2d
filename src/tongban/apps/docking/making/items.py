"""Table 4: the content of an item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

from tongban.apps.docking import rules
from tongban.apps.docking.making.pieces import UNITS, Draft, code_of, filled, unit_of, yes, zh
from tongban.apps.docking.standard import CODES
from tongban.base import exchange
from tongban.kernel.ledger import service as ledger

TARGETS = {"person": "1", "enterprise": "2", "institution": "3", "social": "4", "agency": "5"}


def make_item(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 4 from the content of an item."""
    told = exchange.facts_of(act.subject)
    if told is None:
        return None
    content, unit = told["content"], unit_of(told["unit_id"])
    fee, mode = content.get("fee") or {}, content.get("mode") or {}
    phones, window = content.get("phones") or {}, content.get("window") or {}
    themes = content.get("themes") or {}
    limits = content.get("limits") or {}
    targets = sorted({TARGETS.get(each, "6") for each in content.get("target") or ()})
    type_code, level = str(content.get("type", "")), str(content.get("level", ""))
    nature = str(content.get("body_nature", ""))
    record = {
        "name": told["name"],
        "basic_code": str(content.get("basic_code", "")),
        "implementation_code": code_of(content),
        "type": CODES["A.1"].get(type_code, ""),
        "type_code": type_code,
        "basis": "；".join(_basis(row) for row in content.get("basis") or ()),
        "level": CODES["A.2"].get(level, ""),
        "level_code": level,
        "body": unit.name.zh,
        "body_code": unit.uscc,
        "body_nature": CODES["A.3"].get(nature, ""),
        "body_nature_code": nature,
        **_limit("statutory", limits),
        **_limit("promised", limits),
        "conditions": _lines(content.get("conditions")),
        "flow": _lines(row.get("name") for row in content.get("steps") or ()),
        "office": unit.name.zh,
        "office_code": unit.uscc,
        "intermediary": zh(content.get("intermediary")),
        "quantity_limit": zh(content.get("quantity_limit")),
        "result": zh((content.get("result") or {}).get("name")),
        "is_charged": yes(fee.get("charged")),
        "charge_basis": zh(fee.get("basis")),
        "target": "、".join(CODES["A.4"][each] for each in targets),
        "target_code": ",".join(targets),
        "themes": "、".join([*themes.get("person", ()), *themes.get("legal", ())]),
        "channel": "窗口办理、网上办理" if mode.get("online") else "窗口办理",
        "channel_code": ",".join(_channels(mode)),
        "special_procedure": zh(content.get("excluded_time")),
        "jurisdiction": _county(unit).name.zh,
        "jurisdiction_code": rules.region(unit.division_code),
        "has_appointment": yes(mode.get("appointment")),
        "has_online_payment": yes(mode.get("payment_online")),
        "has_courier": yes(mode.get("post")),
        "is_online": yes(mode.get("online")),
        "online_address": f"{settings.TONGBAN_PUBLIC_URL}/services/items/{act.subject.id}/"
        if mode.get("online")
        else "",
        "place": zh(window.get("place")),
        "hours": zh(window.get("hours")),
        "consultation_phone": str(phones.get("consult", "")),
        "supervision_phone": str(phones.get("complaint", "")),
        "questions": _lines(f"{zh(row.get('q'))} {zh(row.get('a'))}" for row in content.get("faq") or ()),
        "materials": [_item_material(row) for row in content.get("materials") or ()],
    }
    return Draft("item", act.subject.id, act.subject, filled(record))


def _item_material(row: Mapping[str, Any]) -> dict[str, Any]:
    copies = str(row.get("copies", ""))
    is_copy = row.get("type") == "copy"
    return filled(
        {
            "name": zh(row.get("name")),
            "issuer": zh((row.get("source") or {}).get("text")),
            "note": zh(row.get("note")),
            "use": zh(row.get("acceptance")),
            "originals": "0" if is_copy else copies,
            "copies": copies if is_copy else "0",
            "is_required": yes(row.get("required", True)),
        }
    )


def _basis(row: Mapping[str, Any]) -> str:
    return f"{zh(row.get('law'))}{zh(row.get('article'))}"


def _limit(role: str, limits: Mapping[str, Any]) -> dict[str, str]:
    row = limits.get(role)
    if not row:
        return {}
    limit = str(row["limit"])
    value = limit.rstrip("abcdefghijklmnopqrstuvwxyz")
    return {
        f"{role}_limit": value,
        f"{role}_unit": UNITS.get(limit[len(value) :], ""),
        f"{role}_note": zh(row.get("text")),
    }


def _channels(mode: Mapping[str, Any]) -> list[str]:
    known = {"window": "1", "web": "2", "mobile": "3", "post": "4"}
    return sorted({known.get(each, "9") for each in mode.get("channels") or ("window",)})


def _county(unit: Any) -> Any:
    """Return the highest unit above, the government itself."""
    while unit.parent_id is not None:
        unit = unit_of(unit.parent_id)
    return unit


def _lines(values: Iterable[Any] | None) -> str:
    return "\n".join(line for line in (zh(value) for value in values or ()) if line)
