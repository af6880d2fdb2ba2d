"""The past of the demo county is played through the doors, at its own times, once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.base import builtin, packs
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.time import LOCAL, freeze, local_date
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases import service as cases
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.main import history

PACK = Path(__file__).resolve().parents[2] / "packs" / "chengxi"
NOW = datetime(2026, 11, 20, 16, 0, tzinfo=LOCAL)
CALENDAR = calendars.Calendar(
    off=frozenset({date(2026, 10, day) for day in range(1, 8)}),
    work=frozenset({date(2026, 10, 10)}),
    known_until=date(2026, 12, 31),
    names={},
)


def story(ago: int, *afters: int, at: str = "09:30") -> history.Story:
    steps = [{"after": after, "time": at, "by": "window", "task": "receive"} for after in afters]
    return history.Story({"key": "x", "ago": ago, "time": at, "steps": steps}, is_letter=False)


# --- when -----------------------------------------------------------------------------------------------------


def test_a_story_counts_working_days_back_over_holidays_and_make_up_days() -> None:
    # 20 Nov 2026 is a Friday; 10 Oct is a Saturday worked, 1 to 7 Oct are off.
    begin, step = list(history.turns_of(story(31, 1), now=NOW, calendar=CALENDAR))
    assert local_date(begin.at) == date(2026, 10, 9)
    assert local_date(step.at) == date(2026, 10, 10)


@given(
    ago=st.integers(0, 240),
    afters=st.lists(st.integers(0, 9), max_size=8),
    hour=st.integers(0, 23),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
)
def test_turns_come_in_order_and_never_lie_in_the_future(
    ago: int, afters: list[int], hour: int, now: datetime
) -> None:
    at = now.replace(tzinfo=LOCAL)
    turns = list(history.turns_of(story(ago, *afters, at=f"{hour:02d}:15"), now=at, calendar=CALENDAR))
    moments = [turn.at for turn in turns]
    assert moments == sorted(set(moments))
    assert moments[-1] <= at
    assert turns[0].step is None


# --- what -----------------------------------------------------------------------------------------------------

Owner = Callable[[], AbstractContextManager[Any]]


def chosen(past: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """One story of each kind: granted and rated, corrected, silent window, refused, not accepted, withdrawn, letters."""

    def has(row: Any, **wanted: Any) -> bool:
        return any(all(step.get(k) == v for k, v in wanted.items()) for step in row["steps"])

    def first(rows: list[Any], **wanted: Any) -> Any:
        return next(row for row in rows if has(row, **wanted) and row["ago"] > 20)

    applications, letters = past["applications"], past["letters"]
    silent = next(a for a in applications if a["steps"] and a["steps"][0].get("task") == "document_review")
    picked = [
        first(applications, outcome="request_correction"),
        first(applications, outcome="refuse"),
        first(applications, outcome="not_accept"),
        first(applications, action="withdraw"),
        first(applications, action="extend"),
        silent,
        next(a for a in applications if has(a, outcome="needs_test") and has(a, outcome="refuse")),
        next(a for a in applications if a["steps"] and a["steps"][-1].get("task") == "commission"),
    ]
    written = [
        first(letters, outcome="reopen"),
        first(letters, outcome="return_once"),
        first(letters, outcome="decline"),
    ]
    return {"applications": picked, "letters": written}


@pytest.fixture
def county(as_owner: Owner, monkeypatch: pytest.MonkeyPatch, settings: Any, db: None) -> packs.Pack:
    """The demo county without its past, and a pack whose past is a handful of stories."""
    settings.TONGBAN_DEMO_PAST = False
    with as_owner(), freeze(NOW):
        builtin.bring(at=NOW)
        packs.install(PACK, at=NOW)
    pack = packs.Pack(PACK)
    read = pack.yaml
    few = chosen(read("history.yaml"))
    monkeypatch.setattr(
        pack, "yaml", lambda name, key=None: few if name == "history.yaml" else read(name, key)
    )
    return pack


@pytest.mark.slow
def test_the_past_is_played_through_the_doors_at_its_own_times_and_only_once(county: packs.Pack) -> None:
    made = history.load_past(county, actor=Actor.system("test"), at=NOW)

    played = cases.find_cases(_case_ids())
    states = [case.state for case in played]
    assert made == len(played) == 11
    assert states.count("delivered") >= 3
    assert {"refused", "not_accepted", "withdrawn", "closed", "declined"} <= set(states)
    [waiting] = [case for case in played if case.closed_at is None]
    assert waiting.state == "special_procedure"
    assert {clock.clock.state for clock in waiting.clocks.filter(role__in=["statutory", "promised"])} == {
        "paused"
    }
    for case in played:
        assert case is waiting or case.submitted_at < NOW - timedelta(days=20)
        acts = ledger.acts_of(case=str(case.ref))
        assert [act.at for act in acts] == sorted(act.at for act in acts)
        assert acts[0].at <= case.submitted_at < acts[-1].at <= NOW
    licences = [case for case in played if case.kind == "licence"]
    assert all(instruments.papers_of(case.ref) for case in licences)
    assert {paper.state for case in licences for paper in instruments.papers_of(case.ref)} == {"numbered"}
    silent = [case for case in licences if case.facts.get("accepted_automatically")]
    assert [local_date(case.accepted_at) for case in silent] == [local_date(c.submitted_at) for c in silent]
    assert silent

    assert history.load_past(county, actor=Actor.system("test"), at=NOW) == 0
    assert len(ledger.acts_of(Ref.to("pack", "chengxi"))) == 1


def _case_ids() -> list[Any]:
    from tongban.kernel.cases.models import Case

    return list(Case.objects.values_list("pk", flat=True))
