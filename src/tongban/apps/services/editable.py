"""Service items as content that an office edits itself: the very mapping that a pack writes as ``item.yaml``."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.http import HttpRequest, HttpResponse

from tongban.apps.services.models import Item, ItemVersion
from tongban.apps.services.operations.items import put_item
from tongban.apps.services.queries.checking import faults_of
from tongban.apps.services.queries.versions import get_version, list_versions
from tongban.apps.services.rules.elements import (
    CONFIDENCE,
    DEPTHS,
    LEGAL_THEMES,
    PERSON_THEMES,
    SERVICE_TYPES,
    TYPES,
)
from tongban.base.actor import Actor
from tongban.base.editables import Fault, Link, Row, Version
from tongban.base.errors import NotFound
from tongban.base.text import LocalizedText as T
from tongban.base.time import now
from tongban.kernel.identity import service as identity

__all__ = ["ItemEditable"]

UNIT_UNKNOWN = T("没有这个单位", "There is no such unit")


class ItemEditable:
    """Items, to be listed, judged by the rules of the catalogue, and published with versions."""

    kind = "item"
    label = T("事项", "Service items")

    def rows(self) -> Sequence[Row]:
        """Return every item, withdrawn ones too, with its newest version, in force or to come."""
        items = Item.objects.annotate(newest=Max("versions__version"), put_at=Max("versions__put_at"))
        found = items.order_by("key").values_list("key", "name", "newest", "put_at")
        return [Row(key, T.of(name), newest or 0, put_at) for key, name, newest, put_at in found]

    def load(self, key: str) -> dict[str, Any]:
        """Return the newest content of an item. Raises ItemNotFound."""
        return dict(list_versions(key)[0].content)

    def blank(self) -> dict[str, Any]:
        """Return an item that says nothing yet, with the elements that every item has."""
        text = {"zh": "", "en": ""}
        return {
            "key": "",
            "type": "",
            "basic_code": "",
            "implementation_code": "",
            "handling_code": "",
            "unit": "",
            "level": 4,
            "body_nature": "1",
            "power_source": "1",
            "form": "",
            "process": "",
            "certificate": "",
            "name": {**text},
            "short_name": {**text},
            "lead": {**text},
            "keywords": {"zh": [], "en": []},
            "target": [],
            "themes": {"person": [], "legal": []},
            "life_events": [],
            "applicant": {"kinds": []},
            "basis": [],
            "window": {"place": {**text}, "hours": {**text}},
            "phones": {"consult": "", "complaint": ""},
            "conditions": [],
            "steps": [],
            "limits": {},
            "mode": {"online": True, "post": False, "payment_online": False, "appointment": False},
            "visits": {"count": 0, "reason": None},
            "depth": "Ⅳ",
            "fee": {"charged": False, "items": [], "basis": {**text}},
            "result": {"name": {**text}, "kind": "certificate", "closing": "", "sample": {**text}},
            "materials": [],
            "situations": [],
            "questions": [],
            "remedies": {"review": {}, "court": {}},
        }

    def choices(self, name: str) -> list[tuple[str, T]]:
        """Return what may be chosen for an element of which the catalogue has a list; nothing for any other."""
        match name:
            case "type":
                return [(code, TYPES[code]) for code in TYPES if code in SERVICE_TYPES]
            case "depth":
                return [(depth, T(depth, depth)) for depth in DEPTHS]
            case "confidence":
                return list(CONFIDENCE.items())
            case "themes.person" | "themes.legal":
                themes = PERSON_THEMES if name == "themes.person" else LEGAL_THEMES
                return [(zh, T(zh, en)) for zh, en in themes.items()]
            case "unit":
                return [(unit.code, unit.name) for unit in identity.list_units()]
        return []

    def check(self, content: Mapping[str, Any]) -> list[Fault]:
        """Return what the rules of the catalogue hold against it and its published form, and a unit that does not exist."""
        return self.check_beside(content, {})

    def check_beside(
        self, content: Mapping[str, Any], beside: Mapping[Link, Mapping[str, Any]]
    ) -> list[Fault]:
        """Return the same for an item whose form or tables are about to be published with it."""
        near = {(link.kind, link.key): other for link, other in beside.items()}
        found = [
            Fault(flaw.path, flaw.message, flaw.level) for flaw in faults_of(content, at=now(), beside=near)
        ]
        unit = content.get("unit")
        if isinstance(unit, str) and unit and unit not in {each.code for each in identity.list_units()}:
            found.append(Fault("unit", UNIT_UNKNOWN))
        return found

    def show(self, request: HttpRequest, content: Mapping[str, Any], *, back: str) -> HttpResponse:
        """Answer the guide as citizens would see it. Raises what a content with faults makes of it."""
        from tongban.apps.services.views.public import preview_item

        unit = next(each for each in identity.list_units() if each.code == content["unit"])
        item = Item(key=str(content["key"]), unit_id=unit.pk)
        item.take(content, version=0)
        return preview_item(request, item, back=back)

    def publish(
        self, *, content: Mapping[str, Any], actor: Actor, at: datetime, valid_from: date | None = None
    ) -> int:
        """Publish the next version. Raises ItemRefused, LimitUnverified, ValueError like ``put_item``."""
        item = put_item(actor=actor, content=content, at=at, valid_from=valid_from)
        newest = ItemVersion.objects.filter(item=item).aggregate(newest=Max("version"))["newest"]
        return int(newest)

    def versions(self, key: str) -> Sequence[Version]:
        """Return the versions of an item, the newest first; none for an unknown one."""
        try:
            return [Version(each.version, each.put_at, each.valid_from) for each in list_versions(key)]
        except NotFound:
            return []

    def load_version(self, key: str, version: int) -> dict[str, Any]:
        """Return the content of one version. Raises ItemNotFound."""
        return dict(get_version(key, version).content)

    def links(self, content: Mapping[str, Any]) -> Sequence[Link]:
        """Return the form, the process, the type of certificate, its own papers, and the items to which its situations lead."""
        named = [
            Link(kind, key)
            for kind in ("form", "process", "certificate")
            if isinstance(key := content.get(kind), str) and key
        ]
        named += [Link("paper", key) for key in _papers(content).values() if isinstance(key, str) and key]
        for row in _situations(content):
            if isinstance(key := row.get("item"), str) and key:
                named.append(Link("item", key))
        return list(dict.fromkeys(named))

    def renamed(self, content: Mapping[str, Any], keys: Mapping[Link, str]) -> dict[str, Any]:
        """Return a copy that goes by other names. A copy is another item: it leaves the codes to be given anew."""
        made = copy.deepcopy(dict(content))
        for kind, name in NAMING:
            if name in made:
                made[name] = keys.get(Link(kind, str(made[name])), made[name])
        if papers := _papers(made):
            made["papers"] = {role: keys.get(Link("paper", str(key)), key) for role, key in papers.items()}
        for row in _situations(made):
            if row.get("item"):
                row["item"] = keys.get(Link("item", row["item"]), row["item"])
        if made["key"] != content.get("key"):
            for code in ("basic_code", "implementation_code", "handling_code", "local_code"):
                made.pop(code, None)
        return made


NAMING = (("item", "key"), ("form", "form"), ("process", "process"), ("certificate", "certificate"))
"""Which element names what."""


def _papers(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return which paper of its own an item has for a decision ("grant-decision")."""
    found = content.get("papers")
    return found if isinstance(found, Mapping) else {}


def _situations(content: Mapping[str, Any]) -> list[Any]:
    found = content.get("situations")
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
