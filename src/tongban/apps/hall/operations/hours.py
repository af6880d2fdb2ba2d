"""What the duty holder sets: the hours of the week, single days, the kiosks; and what a pack brings."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from tongban.apps.hall import rules
from tongban.apps.hall.errors import HoursInvalid, PlaceNotFound
from tongban.apps.hall.models import Appointment, Kiosk, OddDay, Opening, Point, Service, Slot, Window
from tongban.apps.hall.operations.day import move_displaced
from tongban.apps.hall.policies import require_manager
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL, local_date
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = [
    "affected_by_day",
    "find_point",
    "kiosk_of",
    "put_hours",
    "put_point",
    "put_up_kiosk",
    "set_day",
    "set_hours",
    "take_down_kiosk",
    "usual_day",
]


def find_point(key: str) -> Point:
    """Return a hall. Raises PlaceNotFound."""
    found = Point.objects.select_related("unit").filter(key=key, is_active=True).first()
    if found is None:
        raise PlaceNotFound
    return found


def set_hours(*, actor: Actor, key: str, weekly: Mapping[int, Sequence[rules.Hours]], at: datetime) -> int:
    """Set the hours of the week; return how many booked people got another time. Raises NotYours, HoursInvalid."""
    with transaction.atomic():
        point = _locked(key)
        require_manager(actor, point)
        errors = [
            _error(
                f"day-{weekday}",
                "开始要早于结束，上午要早于下午",
                "Begin before the end, and the morning before the afternoon",
            )
            for weekday, hours in weekly.items()
            if not _in_order(hours)
        ]
        if errors:
            raise HoursInvalid(errors=errors)
        Opening.objects.filter(point=point).delete()
        Opening.objects.bulk_create(
            Opening(point=point, weekday=weekday, opens=opens, closes=closes)
            for weekday, hours in weekly.items()
            for opens, closes in hours
        )
        _record(actor, "hall.set_hours", point, at=at, payload={"weekly": str(dict(weekly))})
        return move_displaced(actor=actor, point=point, at=at)


def set_day(
    *,
    actor: Actor,
    key: str,
    day: date,
    hours: rules.Hours | None,
    reason: LocalizedText,
    at: datetime,
) -> int:
    """Close a day (``hours`` None) or give it hours of its own; return how many booked people got another time.

    Raises NotYours, HoursInvalid (a day that is over, no reason, hours not in order).
    """
    with transaction.atomic():
        point = _locked(key)
        require_manager(actor, point)
        errors = []
        if day < local_date(at):
            errors.append(_error("day", "这一天已经过了", "This day is over"))
        if not reason.zh.strip():
            errors.append(
                _error("reason_zh", "请写原因，约好的人会看到", "Please give the reason; people will read it")
            )
        if hours is not None and not _in_order([hours]):
            errors.append(_error("opens", "开始要早于结束", "It begins before it ends"))
        if errors:
            raise HoursInvalid(errors=errors)
        opens, closes = hours or (None, None)
        OddDay.objects.update_or_create(
            point=point, day=day, defaults={"opens": opens, "closes": closes, "reason": reason}
        )
        facts = {"day": day.isoformat(), "opens": str(opens or ""), "closes": str(closes or "")}
        _record(actor, "hall.set_day", point, at=at, reason=reason.zh, facts=facts)
        return move_displaced(actor=actor, point=point, at=at)


def usual_day(*, actor: Actor, key: str, day: date, at: datetime) -> int:
    """Let a day be as usual again. Raises NotYours."""
    with transaction.atomic():
        point = _locked(key)
        require_manager(actor, point)
        if OddDay.objects.filter(point=point, day=day, day__gte=local_date(at)).delete()[0]:
            _record(actor, "hall.usual_day", point, at=at, facts={"day": day.isoformat()})
        return move_displaced(actor=actor, point=point, at=at)


def affected_by_day(point: Point, day: date, hours: rules.Hours | None, *, at: datetime) -> int:
    """Return how many booked people would get another time if the day had these hours (None: closed)."""
    start = datetime.combine(day, time.min, LOCAL)
    booked = Appointment.objects.filter(
        service__point=point,
        state=rules.BOOKED,
        starts_at__gt=max(at, start),
        starts_at__lte=datetime.combine(day, time.max, LOCAL),
    ).values_list("starts_at", flat=True)
    return sum(
        hours is None or not hours[0] <= moment.astimezone(LOCAL).time() < hours[1] for moment in booked
    )


def put_up_kiosk(*, actor: Actor, key: str, name: str, at: datetime) -> str:
    """Let a machine of the hall give out numbers; return the token that it keeps in a cookie. Raises NotYours."""
    with transaction.atomic():
        point = _locked(key)
        require_manager(actor, point)
        token = secrets.token_urlsafe(32)
        made = Kiosk.objects.create(
            point=point,
            name=name.strip()[:40] or "1",
            digest=_digest(token),
            put_up_at=at,
            put_up_by_id=actor.person_id,
        )
        _record(actor, "hall.put_up_kiosk", point, at=at, facts={"kiosk": made.pk})
    return token


def take_down_kiosk(*, actor: Actor, key: str, kiosk_id: int, at: datetime) -> None:
    """Let a machine give out numbers no more. Raises NotYours, PlaceNotFound."""
    with transaction.atomic():
        point = _locked(key)
        require_manager(actor, point)
        if not Kiosk.objects.filter(pk=kiosk_id, point=point, taken_down_at=None).update(taken_down_at=at):
            raise PlaceNotFound
        _record(actor, "hall.take_down_kiosk", point, at=at, facts={"kiosk": kiosk_id})


def kiosk_of(point: Point, token: str) -> Kiosk | None:
    """Return the machine that shows this token, None for every other browser."""
    if not token:
        return None
    return Kiosk.objects.filter(point=point, digest=_digest(token), taken_down_at=None).first()


def put_point(*, content: Mapping[str, Any], actor: Actor, at: datetime) -> Point:
    """Put a hall as a pack describes it; the hours of one that is there are ``put_hours``'s matter."""
    with transaction.atomic():
        point, is_new = Point.objects.update_or_create(
            key=content["key"],
            defaults={
                "name": LocalizedText.of(content["name"]),
                "place": LocalizedText.of(content["place"]),
                "phone": content.get("phone", ""),
                "unit_id": identity.get_unit(content["unit"]).pk,
                "region": content.get("region", ""),
                "settings": dict(content.get("settings", {})),
                "order": content.get("order", 100),
            },
        )
        if is_new:
            _open(point, content["hours"])
        for number, row in enumerate(content["services"]):
            _put_service(point, row, number, at)
        for row in content["windows"]:
            unit = identity.get_unit(row["unit"]).pk
            Window.objects.update_or_create(point=point, label=row["label"], defaults={"unit_id": unit})
        if is_new:
            _record(actor, "hall.put_point", point, at=at)
    return point


def put_hours(*, content: Mapping[str, Any], actor: Actor, at: datetime) -> int:
    """Give a hall the hours that a pack describes; return how many booked people got another time."""
    with transaction.atomic():
        point = _locked(content["key"])
        Opening.objects.filter(point=point).delete()
        _open(point, content["hours"])
        _record(actor, "hall.set_hours", point, at=at, payload={"weekly": str(content["hours"])})
        return move_displaced(actor=actor, point=point, at=at)


def _open(point: Point, weekly: Sequence[Mapping[str, Any]]) -> None:
    Opening.objects.bulk_create(
        Opening(point=point, weekday=weekday, opens=time.fromisoformat(a), closes=time.fromisoformat(b))
        for row in weekly
        for weekday in row["days"]
        for a, b in row["open"]
    )


def _put_service(point: Point, row: Mapping[str, Any], number: int, at: datetime) -> None:
    service, _ = Service.objects.update_or_create(
        point=point,
        key=row["key"],
        defaults={
            "name": LocalizedText.of(row["name"]),
            "unit_id": identity.get_unit(row["unit"]).pk,
            "prefix": row["prefix"],
            "item": row.get("item", ""),
            "bring": LocalizedText.of(row.get("bring")),
            "minutes": row.get("minutes", 30),
            "capacity": row.get("capacity", 1),
            "by_appointment": bool(row.get("appointments")),
            "by_number": bool(row.get("numbers", True)),
            "order": row.get("order", number),
        },
    )
    rows = Slot.objects.filter(service=service, starts_at__gt=at).exclude(capacity=service.capacity)
    rows.update(capacity=Greatest(F("taken"), service.capacity))


def _locked(key: str) -> Point:
    found = Point.objects.select_for_update(of=("self",)).filter(key=key, is_active=True).first()
    if found is None:
        raise PlaceNotFound
    return found


def _in_order(hours: Sequence[rules.Hours]) -> bool:
    edges = [edge for pair in hours for edge in pair]
    return all(one < other for one, other in pairwise(edges))


def _error(field: str, zh: str, en: str) -> dict[str, Any]:
    return {"field": field, "message": {"zh": zh, "en": en}}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _record(actor: Actor, verb: str, point: Point, *, at: datetime, **more: Any) -> None:
    ledger.record(actor=actor, verb=verb, subject=Ref.to("hall", point.pk), at=at, **more)
