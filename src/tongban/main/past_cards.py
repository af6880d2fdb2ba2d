"""The cards of a pack's past: what is late when the demo is installed got its card when it became late, and some were heard.

``history.yaml`` leaves a few cases open past their limits. When that past is there, the last working days are gone through once
more: the reminders of each day are given, the rules in force judge what they tell of, and ``cards.yaml`` says what became of the
first cards of a rule. Everything goes through the doors that everybody uses, at its own time; the watch begins where this ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from django.conf import settings

from tongban.apps.oversight import service as oversight
from tongban.base.actor import Actor
from tongban.base.packs import Pack, section
from tongban.base.time import LOCAL, freeze, local_date
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes
from tongban.main.history import account_of, all_or_nothing, working_days_from

__all__ = ["load_past_cards"]

FILE = "cards.yaml"
DAYS = 12
"""How many working days are gone through: nothing in a past is late for longer."""
SEEN, ANSWERED, DECIDED = time(0, 10), time(14, 20), time(10, 5)
WARNED = "cases.warn_overdue"
SUPERVISE = "oversight.supervise"


@section("oversight-past", order=86)
def load_past_cards(pack: Pack, *, actor: Actor, at: datetime) -> int:
    """Give the cards of the last days, once, where the pack has a past. Returns how many there are."""
    if (
        not (settings.TONGBAN_DEMO_PAST and pack.has(FILE))
        or oversight.list_cards(oversight.CardFilter()).items
    ):
        return 0
    roads = list(pack.yaml(FILE, "roads"))
    who = _People(pack)
    given = 0
    due: list[tuple[datetime, Any, Mapping[str, Any], str]] = []
    with all_or_nothing():
        for day in _days(at):
            seen = _moment(day, SEEN)
            if seen < at:
                with freeze(seen):
                    for card in _cards_of(seen):
                        given += 1
                        due += _road(card, roads, day)
            for moment, card, road, step in sorted(due, key=lambda each: each[0]):
                if local_date(moment) == day and moment < at:
                    with freeze(moment):
                        _do(card, road, step, who, moment)
        oversight.watch(at=at)
    return given


def _days(at: datetime) -> Iterator[date]:
    calendar, today = calendars.current_calendar(), local_date(at)
    for back in range(DAYS, -1, -1):
        yield working_days_from(today, -back, calendar)


def _cards_of(at: datetime) -> Iterator[Any]:
    """Give the reminders that are due, and a card for each limit that they say is over."""
    while calendars.give_warnings(at=at):
        pass
    for number in dict.fromkeys(row.number for row in cases.list_late(at=at)):
        case = cases.find_by_number(number)
        for act in ledger.acts_of(case=case.ref) if case is not None else ():
            if act.verb == WARNED and act.at == at:
                for finding in oversight.find_in_act(act, at=at):
                    card = oversight.give_card(finding=finding, at=at)
                    if card is not None:
                        yield card


def _road(
    card: Any, roads: list[Mapping[str, Any]], day: date
) -> Iterator[tuple[datetime, Any, Mapping[str, Any], str]]:
    """Yield the steps that the next road of the card's rule names."""
    road = next((road for road in roads if road["rule"] == card.rule_key), None)
    if road is None:
        return
    roads.remove(road)
    yield _moment(day, ANSWERED), card, road, "answer"
    if "decide" in road:
        after = working_days_from(day, 1, calendars.current_calendar())
        yield _moment(after, DECIDED), card, road, "decide"


def _do(card: Any, road: Mapping[str, Any], step: str, who: _People, at: datetime) -> None:
    """Let the unit answer, or the supervising unit decide."""
    [task] = [task for task in processes.tasks_of(card.case.instance_id) if task.state == "open"]
    if step == "answer":
        actor, data = who.of_unit(card.unit, at), {"text": road["text"]}
    else:
        actor, data = who.of_unit(card.supervisor, at, SUPERVISE), {"reason": road["reason"]}
    cases.complete_task(actor=actor, task_id=task.id, outcome=road[step], opinion="", data=data, at=at)


class _People:
    """The officials of the pack's units."""

    def __init__(self, pack: Pack) -> None:
        self._posts = {row["code"]: row for row in pack.yaml("posts.yaml", "posts")}
        self._accounts = [row for row in pack.yaml("accounts.yaml", "accounts") if row.get("posts")]

    def of_unit(self, unit: Any, at: datetime, duty: str = "") -> Actor:
        """Return an official of a unit, in a post that has the duty if one is asked for."""
        for row in self._accounts:
            if all(self._posts[code]["unit"] != unit.code for code in row["posts"]):
                continue
            account = account_of(row["username"])
            for post in identity.posts_of(account, at):
                if post.unit_id == unit.pk and (not duty or duty in post.duties):
                    return identity.actor_for(account, at=at, channel="desk", post_id=post.post_id)
        raise LookupError(f"{FILE}: nobody in {unit.code}{f' with {duty}' if duty else ''}")


def _moment(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, LOCAL)
