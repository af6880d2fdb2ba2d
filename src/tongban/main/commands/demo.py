"""``tongban demo advance 6wd`` moves the demo's time, so that automatic acceptance and overdue cases can be seen;
``tongban demo history`` brings the demo county's past cases; ``tongban demo cases 10000`` brings many.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from tongban.main.commands import session

if TYPE_CHECKING:
    from tongban.kernel.calendars.service import Limit

__all__ = ["advance", "bring_cases", "bring_history", "run"]


def run(arguments: Sequence[str]) -> int:
    """Change the demo; refused outside the demo."""
    parser = argparse.ArgumentParser("tongban demo", description=run.__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    step = verbs.add_parser("advance", help="move the time of web and worker forward")
    step.add_argument("by", help="6wd (working days), 3d (calendar days) or 5h (hours)")
    verbs.add_parser("history", help="play the past cases of the demo county, unless they are there")
    many = verbs.add_parser(
        "cases", help="add many cases, copies of some that are walked for it; while nobody works"
    )
    many.add_argument("number", type=int)
    many.add_argument(
        "--open", type=_part, default=None, metavar="PART", help="which part of them is still open, as 0.3"
    )
    wanted = parser.parse_args(arguments)
    session.start("app" if wanted.verb == "advance" else "owner")
    from django.conf import settings

    from tongban.kernel.calendars import service as calendars
    from tongban.main.environment import DEMO

    if settings.TONGBAN_ENV != DEMO:
        sys.stderr.write("tongban: only the demo's time can be moved\n")
        return 1
    if wanted.verb == "history":
        return session.guarded(bring_history)
    if wanted.verb == "cases":
        return session.guarded(lambda: bring_cases(wanted.number, wanted.open))
    try:
        limit = calendars.Limit.parse(wanted.by)
    except ValueError as error:
        sys.stderr.write(f"tongban: {error}\n")
        return 1

    def work() -> int:
        advance(limit)
        from tongban.base.time import LOCAL, now

        print(f"{now().astimezone(LOCAL):%Y-%m-%d %H:%M}")
        return 0

    return session.guarded(work)


def bring_history() -> int:
    """Play the past of the demo county and print how many cases came; 0 when it was there."""
    from django.conf import settings

    from tongban.base.actor import Actor
    from tongban.base.packs import Pack
    from tongban.base.time import now
    from tongban.main import history

    pack = Pack(settings.BASE_DIR / "packs" / "chengxi")
    print(history.load_past(pack, actor=Actor.system(f"pack {pack.key}"), at=now()))
    return 0


def _part(text: str) -> float:
    """Return a part of all. Raises ValueError, which argparse tells, when it is none."""
    part = float(text)
    if not 0 <= part <= 0.9:
        raise ValueError(text)
    return part


def bring_cases(number: int, still_open: float | None = None) -> int:
    """Add so many cases with their people, say how long each part took, and print how many rows came.

    ``still_open`` is the part of them that lies open in the bureaus of the past; without it, as few as in a county's records.
    """
    from django.conf import settings

    from tongban.base.packs import Pack
    from tongban.base.time import now
    from tongban.main.bulk import build

    def tell(text: str) -> None:
        sys.stderr.write(f"{text}\n")

    pack = Pack(settings.BASE_DIR / "packs" / "chengxi")
    part = build.OPEN if still_open is None else still_open
    print(build.build(pack=pack, cases=number, at=now(), tell=tell, still_open=part).rows)
    return 0


def advance(limit: Limit) -> None:
    """Move the time source by ``limit`` and let the worker look at once for what became due."""
    from django.db import transaction

    from tongban.base import time
    from tongban.base.models import TimeOffset
    from tongban.kernel.calendars import service as calendars

    if limit.unit == "wd":
        derivation = calendars.due_on(time.today(), limit, calendars.current_calendar())
        moved = (derivation.due_on or time.today()) - time.today()
    else:
        moved = timedelta(**{"d": {"days": limit.value}, "h": {"hours": limit.value}}[limit.unit])
    with transaction.atomic():
        offset, _ = TimeOffset.objects.select_for_update().get_or_create(pk=1)
        offset.seconds += int(moved.total_seconds())
        offset.save()
        _look_for_what_is_due()
    time.forget_offset()


def _look_for_what_is_due() -> None:
    """Defer every periodic task now instead of at its next minute; one that is waiting already will do."""
    import time
    from contextlib import suppress

    from django.db import transaction
    from procrastinate.contrib.django import app
    from procrastinate.exceptions import AlreadyEnqueued

    for periodic in app.periodic_registry.periodic_tasks.values():
        with suppress(AlreadyEnqueued), transaction.atomic():
            periodic.task.configure(**periodic.configure_kwargs).defer(timestamp=int(time.time()))
