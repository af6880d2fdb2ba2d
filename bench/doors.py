"""What is measured through the doors, in one process: certificates made, clocks that follow, cases sent round to read.

Everything is taken back afterwards, so the installation stays what it was.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from bench.checks import Unfinished, rows

__all__ = ["certificates", "circulate", "clocks"]

CERTIFICATES = 60
CLOCKS = 100_000
READINGS = 8_000
READERS = 30
"""So many may be chosen at once."""


def certificates(number: int = CERTIFICATES) -> float:
    """Return how many certificates one core draws and signs in a second (by CPU time; all of typst's and the signer's counts)."""
    from tongban.apps.certificates.models import Certificate
    from tongban.apps.certificates.operations.making import signed_pdf
    from tongban.base.time import now

    found = list(Certificate.objects.select_related("type__unit").order_by("-issued_at")[:number])
    if not found:
        raise Unfinished("there is no certificate to make")
    signed_pdf(found[0], at=now())
    began = _cpu()
    for certificate in found:
        if not signed_pdf(certificate, at=now()).startswith(b"%PDF"):
            raise Unfinished("what was made is no PDF")
    return len(found) / (_cpu() - began)


def clocks(number: int = CLOCKS) -> float:
    """Return the seconds in which so many clocks follow a notice about a year. Raises Unfinished when one did not."""
    from tongban.base.actor import Actor
    from tongban.base.text import LocalizedText
    from tongban.base.time import LOCAL, now
    from tongban.kernel.calendars import service as calendars
    from tongban.kernel.calendars.models import Clock, MovedClock

    year = now().astimezone(LOCAL).year + 3  # nobody has given notice of it yet
    actor = Actor.system("bench")
    starts = [now().replace(year=year - 1, month=12, day=day) for day in (21, 22, 23, 24)]
    with _taken_back():
        models = [
            calendars.start_clock(
                owner=_owner(n),
                key="bench",
                label=LocalizedText("测量", "bench"),
                limit="20wd",
                started_at=at,
                legal_source=LocalizedText("测量", "bench"),
                at=at,
            )
            for n, at in enumerate(starts)
        ]
        names = [field.attname for field in Clock._meta.fields if field.attname not in ("id", "owner_id")]
        Clock.objects.bulk_create(
            [
                Clock(
                    owner_id=_owner(n).id, **{name: getattr(models[n % len(models)], name) for name in names}
                )
                for n in range(len(models), number)
            ],
            batch_size=5_000,
        )
        at = starts[-1] + timedelta(days=1)
        first = date(year, 1, 1)
        saturday = first + timedelta(days=(5 - first.weekday()) % 7 or 7)
        days = [
            calendars.SpecialDay(first, True, LocalizedText("元旦", "New Year's Day")),
            calendars.SpecialDay(saturday, False, LocalizedText("", "")),
        ]
        change = calendars.import_year(year=year, notice="bench", days=days, actor=actor, at=at)
        if change is None:
            raise Unfinished(f"the year {year} stands already")
        began = time.perf_counter()
        change = calendars.run_recompute(change_id=change.pk, at=at)
        seconds = time.perf_counter() - began
        moved = MovedClock.objects.filter(change=change, owner_kind="bench").count()
        if moved != number:
            raise Unfinished(f"{moved} of {number} clocks have followed")
    return seconds


def circulate(readings: int = READINGS) -> float:
    """Return the seconds in which cases are sent to so many readers, thirty at a time. Raises Unfinished when a reading lacks."""
    from tongban.base.time import now
    from tongban.kernel.cases import service as cases
    from tongban.kernel.cases.models import Reading
    from tongban.kernel.identity import service as identity
    from tongban.kernel.identity.models import Account

    at = now()
    account = Account.objects.select_related("person").get(username="chief")
    actor = identity.actor_for(account, at=at, channel="desk")
    colleagues = identity.colleagues(at=at, unit_id=None, query="", besides=actor.persons)
    to = [colleague.key for colleague in colleagues][:READERS]
    handled = [row[0] for row in rows(
        """SELECT DISTINCT c.id FROM cases_case c JOIN cases_access a ON a.case_id = c.id
          WHERE c.closed_at IS NULL AND a."right" = 'handle' AND a.holder_id = ANY(%s) LIMIT %s""",
        [list(actor.holders), -(-readings // len(to))],
    )]  # fmt: skip
    turns = -(-readings // len(to))
    with _taken_back():
        before = Reading.objects.count()
        began = time.perf_counter()
        for turn in range(turns):
            if turn >= len(handled):  # few open cases: read, then sent again
                Reading.objects.filter(case_id=handled[turn % len(handled)]).update(
                    read_at=at, read_by=actor.person_id
                )
            cases.circulate(actor=actor, case_id=handled[turn % len(handled)], to=to, reason="请阅", at=at)
        seconds = time.perf_counter() - began
        made = Reading.objects.count() - before
        if made != turns * len(to):
            raise Unfinished(f"{made} of {turns * len(to)} readings were made")
    return seconds


def _owner(number: int) -> Any:
    from tongban.base.ref import Ref

    return Ref("bench", f"00000000-0000-4000-8000-{number:012}")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextmanager
def _taken_back() -> Iterator[None]:
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)
