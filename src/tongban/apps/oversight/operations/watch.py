"""The watch: it follows the ledger and the steps of people, judges each once by the rules, and gives cards.

The ledger holds every act in the transaction of the change and can be followed without missing one, so nothing has to be
announced for oversight. A step is looked at when its time to be taken is over. Whatever is looked at twice (a worker died
half-way) finds its card there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog
from django.db import DatabaseError

from tongban.apps.oversight.models import Place
from tongban.apps.oversight.operations.find import Finding, find_in_act, find_in_task, untaken_rules
from tongban.apps.oversight.operations.give import give_card
from tongban.apps.oversight.rules import Rule
from tongban.kernel.calendars import service as calendars
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["look_back", "watch"]

log = structlog.get_logger(__name__)
ACTS, TASKS = "acts", "tasks"
AT_ONCE = 500
ROUNDS = 40
MOST = 100
"""So many rounds and so many cards at most in one go; what is left is for the next minute, and nothing else is held up."""


def watch(*, at: datetime) -> int:
    """Judge what happened since the last time, from the first time on, and return how many cards were given."""
    if not Place.objects.exists():
        xid, act = ledger.last_place()
        _begin(xid, act, since=at)
    given = _many(_follow_acts, at, MOST)
    return given + _many(_follow_tasks, at, MOST - given)


def look_back(*, since: datetime, at: datetime) -> int:
    """Judge also what happened since that day, for an installation that was filled with a past; before the first ``watch``."""
    _begin(0, 0, since=since)
    given = 0
    while (more := watch(at=at)) == MOST:
        given += more
    return given + more


def _begin(xid: int, act: int, *, since: datetime) -> None:
    places = [Place(key=ACTS, xid=xid, act=act, since=since), Place(key=TASKS, since=since)]
    Place.objects.bulk_create(places, ignore_conflicts=True)


Follow = Callable[[datetime, int], tuple[int, bool]]


def _many(follow: Follow, at: datetime, most: int) -> int:
    given = 0
    for _ in range(ROUNDS):
        cards, is_done = follow(at, most - given)
        given += cards
        if is_done or given >= most:
            break
    return given


def _follow_acts(at: datetime, most: int) -> tuple[int, bool]:
    place = Place.objects.get(pk=ACTS)
    acts = ledger.follow_acts((place.xid, place.act), limit=AT_ONCE)
    given, last = 0, None
    for act in acts:
        if given >= most:
            break
        if act.at >= place.since:
            given += _give(partial(find_in_act, act, at=at), f"act {act.id}", at)
        last = act
    if last is not None:
        mine = Place.objects.filter(pk=ACTS, xid=place.xid, act=place.act)
        mine.update(xid=last.xid, act=last.id)
    return given, len(acts) < AT_ONCE


def _follow_tasks(at: datetime, most: int) -> tuple[int, bool]:
    """Judge the steps whose time to be taken is over, in the order in which they were opened; stop at the first that has time."""
    rules = untaken_rules()
    place = Place.objects.get(pk=TASKS)
    if not rules:
        return 0, True
    given, last, is_done = 0, place.task, False
    tasks = processes.tasks_after(place.task, limit=AT_ONCE)
    for task in tasks:
        if task.opened_at >= place.since:
            is_done = given >= most or any(
                calendars.add_limit(task.opened_at, rule.limit) >= at for rule in rules
            )
            if is_done:
                break
            given += _give(partial(_find_in_task, rules, task, at), f"step {task.id}", at)
        last = task.id
    if last != place.task:
        Place.objects.filter(pk=TASKS, task=place.task).update(task=last)
    return given, is_done or len(tasks) < AT_ONCE


def _find_in_task(rules: list[Rule], task: processes.TaskView, at: datetime) -> list[Finding]:
    found = (find_in_task(rule, task, at=at) for rule in rules)
    return [finding for finding in found if finding is not None]


def _give(find: Callable[[], list[Finding]], what: str, at: datetime) -> int:
    """Find and give. What cannot be judged is logged and left behind; trouble of the database stops the round."""
    try:
        return sum(give_card(finding=finding, at=at) is not None for finding in find())
    except DatabaseError:
        raise
    except Exception:
        log.exception("oversight.not_judged", what=what)
        return 0
