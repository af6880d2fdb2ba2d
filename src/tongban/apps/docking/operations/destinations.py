"""Destinations: put (from the page or a pack), switch on and off, keep their secret. Each is an act of who runs the machines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from tongban.apps.docking.errors import DestinationInvalid, DestinationNotFound
from tongban.apps.docking.models import Destination
from tongban.apps.docking.secret import keep_secret
from tongban.apps.docking.standard import tables
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["DUTY", "find_destination", "put_destination", "switch"]

DUTY = "admin.system"
LIMITS = {
    "batch": (1, 500),
    "timeout": (1, 60),
    "attempts": (1, 50),
    "receipt_hours": (1, 720),
    "keep_days": (1, 3650),
}
CHOICES = {"form": ("json", "xml"), "names": ("chinese", "code"), "widths": ("wide", "literal")}
RESERVED = frozenset({"new", "records", "items"})
"""Words of the addresses of the pages."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def find_destination(key: str) -> Destination:
    """Return a destination. Raises DestinationNotFound."""
    found = Destination.objects.filter(key=key).first()
    if found is None:
        raise DestinationNotFound
    return found


@transaction.atomic
def put_destination(
    *, actor: Actor, content: Mapping[str, Any], secret: str = "", at: datetime, from_start: bool = False
) -> Destination:
    """Make or change a destination. ``content`` has ``key``, ``name``, ``kind``, ``address`` and the settings.

    A new one follows what happens from now on; with ``from_start`` the whole ledger from its first act. Raises Forbidden,
    DestinationInvalid with every fault.
    """
    if not actor.is_system:
        identity.require_duty(actor, DUTY)
    faults = _faults(content)
    if faults:
        raise DestinationInvalid(errors=faults)
    chosen = {name: content[name] for name in Destination.SETTINGS if name in content}
    values = {
        "name": T.of(content["name"]),
        "kind": content["kind"],
        "address": content["address"].strip(),
        "settings": {name: value for name, value in chosen.items() if value != Destination.SETTINGS[name]},
    }
    found = Destination.objects.select_for_update().filter(key=content["key"]).first()
    if found is None:
        xid, act = (0, 0) if from_start else ledger.last_place()
        found = Destination.objects.create(
            key=content["key"], at_xid=xid, at_act=act, created_at=at, **values
        )
    elif all(getattr(found, name) == value for name, value in values.items()) and not secret:
        return found
    else:
        Destination.objects.filter(pk=found.pk).update(**values)
        found.refresh_from_db()
    if secret:
        keep_secret(found.key, secret)
    ledger.record(
        actor=actor,
        verb="docking.put_destination",
        subject=found.ref,
        payload={**content, "name": T.of(content["name"])},
        facts={"kind": found.kind, "secret": bool(secret)},
        at=at,
    )
    return found


@transaction.atomic
def switch(*, actor: Actor, key: str, on: bool, at: datetime) -> Destination:
    """Let records go to a destination, or hold everything back: nothing is lost meanwhile. Raises Forbidden,
    DestinationNotFound.
    """
    identity.require_duty(actor, DUTY)
    found = Destination.objects.select_for_update().filter(key=key).first()
    if found is None:
        raise DestinationNotFound
    if found.is_active != on:
        found.is_active = on
        found.save(update_fields=["is_active"])
        verb = "docking.switch_on" if on else "docking.switch_off"
        ledger.record(actor=actor, verb=verb, subject=found.ref, at=at)
    return found


def _faults(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is wrong, each with its field. Everything that the page shows is checked here, for packs too."""
    found: list[tuple[str, T]] = []
    key = str(content.get("key", ""))
    if key in RESERVED or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", key):
        found.append(
            (
                "key",
                T(
                    "用小写字母、数字和连字符，最多 40 个",
                    "Use small letters, digits and hyphens, 40 at most",
                ),
            )
        )
    if not T.of(content.get("name")):
        found.append(("name", T("请填名称", "Give it a name")))
    kind, address = content.get("kind"), str(content.get("address", "")).strip()
    if kind not in (Destination.DROP, Destination.HTTP):
        found.append(("kind", T("请选择怎么送", "Choose how records go")))
    elif (
        fault := _directory_fault(address) if kind == Destination.DROP else _url_fault(address)
    ) is not None:
        found.append(("address", fault))
    for name, (least, most) in LIMITS.items():
        value = content.get(name, Destination.SETTINGS[name])
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            found.append((name, T(f"填 {least} 到 {most} 的整数", f"A whole number from {least} to {most}")))
    for name, allowed in CHOICES.items():
        if content.get(name, Destination.SETTINGS[name]) not in allowed:
            found.append((name, T("请选一项", "Choose one")))
    if not set(content.get("tables") or ()) <= set(tables()):
        found.append(("tables", T("没有这样的表", "There is no such table")))
    return [{"field": field, "message": message.as_json()} for field, message in found]


def _directory_fault(address: str) -> T | None:
    """A directory is one below the exchange directory: the page must not let anybody write elsewhere on the machine."""
    path = PurePosixPath(address)
    if not address or path.is_absolute() or not re.fullmatch(r"[A-Za-z0-9_./-]{1,200}", address):
        return T(
            "写交换目录下面的一个目录，例如 province",
            "Name a directory below the exchange directory, for example province",
        )
    if any(part in ("..", ".") for part in path.parts):
        return T("目录里不能有 ..", "No .. in the directory")
    return None


def _url_fault(address: str) -> T | None:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in ("http", "https") or not host or len(address) > 300:
        return T("写完整的地址，例如 https://…", "Write the whole address, for example https://…")
    if parts.username or parts.password or parts.fragment or parts.query:
        return T("地址里不能有用户名、密码、参数", "No user name, password or parameters in the address")
    if host.startswith("169.254."):
        return T("这个地址不能用", "This address cannot be used")
    if parts.scheme == "http" and not (host in LOOPBACK and settings.TONGBAN_ENV == "demo"):
        return T("要用 https：记录里有个人信息", "Use https: records hold personal data")
    return None
