"""The watch: looks at everything once a minute and tells who runs the machines, of one cause once an hour at most."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongban.apps.ops.figures import troubles_now
from tongban.apps.ops.models import Alert
from tongban.apps.ops.operations.repair import DUTY
from tongban.apps.ops.rules import Trouble, must_tell
from tongban.apps.ops.words import WORDS
from tongban.base.ref import Ref
from tongban.kernel.identity import service as identity
from tongban.kernel.messages import service as messages

__all__ = ["watch"]

PAGE = "/desk/incidents/"


def watch(*, at: datetime) -> int:
    """Look, remember, tell; return of how many troubles somebody was told. Any number of processes may watch at once."""
    found = {trouble.cause: trouble for trouble in troubles_now()}
    told = 0
    with transaction.atomic():
        for alert in _remember(found.values(), at):
            trouble = found.get(alert.cause)
            if trouble is not None:
                told += _follow(alert, trouble, at)
            else:
                alert.ended_at = at
                alert.save(update_fields=["ended_at"])
    return told


def _remember(troubles: Iterable[Trouble], at: datetime) -> list[Alert]:
    """Make a row for each new cause and return the rows that matter now, locked. What another process looks at is left to it."""
    wanted = list(troubles)
    new = [Alert(cause=t.cause, kind=t.kind, count=t.count, began_at=at) for t in wanted]
    Alert.objects.bulk_create(new, ignore_conflicts=True)
    mine = Alert.objects.select_for_update(skip_locked=True).order_by("pk")
    present = mine.filter(cause__in=[t.cause for t in wanted])
    gone = mine.filter(ended_at__isnull=True).exclude(cause__in=[t.cause for t in wanted])
    return [*present, *gone]


def _follow(alert: Alert, trouble: Trouble, at: datetime) -> bool:
    is_new = alert.ended_at is not None
    tell = must_tell(
        at=at, count=trouble.count, told_at=alert.told_at, told_count=alert.told_count, is_new=is_new
    )
    if is_new:
        alert.began_at, alert.ended_at = at, None
    alert.count = trouble.count
    if tell:
        _tell(trouble, Ref.to("alert", alert.pk), at)
        alert.told_at, alert.told_count = at, trouble.count
    alert.save()
    return tell


def _tell(trouble: Trouble, occasion: Ref, at: datetime) -> None:
    """Write to everybody who holds the duty, in the box and by e-mail. Only what broke is said, nothing of a case."""
    for person_id in _holders(at):
        messages.send(
            to_person=person_id,
            template="ops.alert",
            context={"what": WORDS[trouble.kind].format(n=trouble.count), "cause": _shown(trouble)},
            occasion=occasion,
            link=PAGE,
            at=at,
        )


def _shown(trouble: Trouble) -> str:
    return trouble.cause if trouble.cause != trouble.kind else "-"


def _holders(at: datetime) -> set[UUID]:
    units = identity.units_with_duty(DUTY)
    return {person for unit in units for person in identity.people_with_duty(unit.pk, DUTY, at)}
