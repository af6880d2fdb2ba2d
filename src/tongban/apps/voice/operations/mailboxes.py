"""Set up a mailbox. It is content: who sorts, which form, which process, which limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from tongban.apps.voice.models import Mailbox
from tongban.base.actor import Actor
from tongban.base.errors import Invalid
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.calendars.service import Limit
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["NEEDED_LIMITS", "put_mailbox"]

NEEDED_LIMITS = ("assignment", "general", "complex")


def put_mailbox(*, actor: Actor, content: Mapping[str, Any], at: datetime) -> Mailbox:
    """Make or change a mailbox; the same content again changes nothing. Raises Invalid when a limit is
    missing or unreadable.
    """
    _refuse_wrong_limits(content.get("limits", {}))
    values = {
        "name": LocalizedText.of(content["name"]),
        "intro": LocalizedText.of(content["intro"]),
        "office_id": identity.get_unit(str(content["office"])).pk,
        "form": content["form"],
        "process": content["process"],
        "paper": content["paper"],
        "limits": {key: dict(limit) for key, limit in content["limits"].items()},
        "reopen_days": content.get("reopen_days", 15),
        "is_open": content.get("is_open", True),
    }
    with transaction.atomic():
        held = Mailbox.objects.select_for_update().filter(pk=content["key"]).first()
        if held is not None and all(getattr(held, name) == value for name, value in values.items()):
            return held
        mailbox, _ = Mailbox.objects.update_or_create(key=content["key"], defaults=values)
        ledger.record(
            actor=actor,
            verb="voice.put_mailbox",
            subject=Ref("mailbox", mailbox.pk),
            payload={"limits": values["limits"]},
            facts={"mailbox": mailbox.pk},
            at=at,
        )
    return mailbox


def _refuse_wrong_limits(limits: Mapping[str, Any]) -> None:
    errors = []
    for key in NEEDED_LIMITS:
        try:
            Limit.parse(str(limits[key]["limit"]))
            LocalizedText.of(limits[key]["label"])
        except (KeyError, TypeError, ValueError):
            message = LocalizedText(
                zh=f"缺少时限 {key}，或者写法不对", en=f"The limit {key} is missing or unreadable"
            )
            errors.append({"field": f"limits.{key}", "message": message.as_json()})
    if errors:
        raise Invalid(errors=errors)
