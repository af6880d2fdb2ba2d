"""Case numbers, query codes, the citizen's road."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel.cases import rules


@dataclass(frozen=True)
class Stage:
    key: str
    states: frozenset[str]


STAGES = [
    Stage("submitted", frozenset({"submitted", "received"})),
    Stage("correction", frozenset({"correction"})),
    Stage("accepted", frozenset({"accepted"})),
    Stage("deciding", frozenset({"deciding"})),
    Stage("refused", frozenset({"refused"})),
]
OPTIONAL = frozenset({"correction", "refused"})
START = datetime(2026, 6, 1, tzinfo=UTC)


def road(*states: str, is_final: bool = False) -> list[tuple[str, str]]:
    changes = [(state, START + timedelta(hours=hour)) for hour, state in enumerate(states)]
    views = rules.stages_reached(STAGES, changes, is_final=is_final, optional=OPTIONAL)
    return [(view.key, view.status) for view in views]


@given(st.dates(date(1000, 1, 1)), st.integers(1, 10**7))
def test_a_number_says_its_day_and_never_repeats(day: date, n: int) -> None:
    number = rules.format_number("CX", day, n)
    assert number == f"CX-{day.isoformat()[:4]}-{day.isoformat()[5:7]}{day.isoformat()[8:]}-{n:04d}"
    assert number != rules.format_number("CX", day, n + 1)


def test_codes_are_ten_digits_and_hardly_the_same() -> None:
    codes = {rules.new_code() for _ in range(300)}
    assert len(codes) == 300
    assert all(len(code) == 10 and code.isdigit() for code in codes)


def test_only_the_digest_of_a_code_is_kept_and_belongs_to_one_number() -> None:
    kept = rules.code_digest("secret", "CX-1", "0123456789")
    assert "0123456789" not in kept
    assert rules.code_digest("secret", "CX-1", " 012-345 6789 ") == kept
    assert rules.code_digest("secret", "CX-2", "0123456789") != kept
    assert rules.code_digest("another", "CX-1", "0123456789") != kept
    assert rules.code_digest("secret", "CX-1", "0123456780") != kept


def test_a_stage_to_which_the_case_came_back_says_so() -> None:
    changes = [(state, START + timedelta(hours=n)) for n, state in enumerate(["submitted", "correction"])]
    there = rules.stages_reached(STAGES, changes, is_final=False, optional=OPTIONAL)
    assert not any(view.is_again for view in there)
    changes.append(("submitted", START + timedelta(hours=2)))
    back = rules.stages_reached(STAGES, changes, is_final=False, optional=OPTIONAL)
    assert [view.key for view in back if view.is_again] == ["submitted"]


def test_what_is_ahead_is_announced_without_what_may_never_come() -> None:
    assert road("submitted") == [("submitted", "now"), ("accepted", "ahead"), ("deciding", "ahead")]


def test_a_correction_is_shown_once_it_was_asked_for() -> None:
    assert ("correction", "now") in road("submitted", "received", "correction")
    assert ("correction", "done") in road("submitted", "received", "correction", "received", "accepted")


def test_an_ended_case_has_nothing_ahead() -> None:
    ended = road("submitted", "received", "accepted", "deciding", "refused", is_final=True)
    assert ended[-1] == ("refused", "done")
    assert {status for _, status in ended} == {"done"}
    assert [key for key, _ in road("submitted", "received", "refused", is_final=True)] == [
        "submitted",
        "refused",
    ]


@given(
    st.lists(st.sampled_from([s for stage in STAGES for s in sorted(stage.states)]), max_size=12),
    st.booleans(),
)
def test_a_road_has_one_present_and_names_no_stage_twice(states: list[str], is_final: bool) -> None:
    views = road(*states, is_final=is_final)
    keys = [key for key, _ in views]
    assert len(keys) == len(set(keys))
    present = [key for key, status in views if status == "now"]
    assert len(present) == (1 if states and not is_final else 0)
