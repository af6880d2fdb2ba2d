"""Pure decisions of docking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tongban.apps.docking import rules
from tongban.apps.docking.rules import Difference, Known


def test_it_waits_longer_each_time_and_gives_up_in_the_end() -> None:
    waits = [rules.after_failure(n, 12) for n in range(1, 13)]
    assert waits[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert waits[10] == timedelta(hours=6)
    assert waits[11] is None
    assert rules.after_failure(1, 12, retry_after=600) == timedelta(minutes=10)
    assert rules.after_failure(1, 12, retry_after=10**9) == timedelta(hours=6)


@pytest.mark.parametrize(
    ("state", "said", "becomes", "what"),
    [
        ("sent", "accepted", "accepted", "taken"),
        ("sent", "refused", "refused", "taken"),
        ("waiting", "accepted", "accepted", "taken"),  # its first answer was lost, it was to be tried again
        ("sending", "accepted", "accepted", "taken"),  # the receipt overtook the sender
        ("dead", "accepted", "accepted", "taken"),
        ("accepted", "accepted", "accepted", "repeated"),
        ("refused", "refused", "refused", "repeated"),
        ("accepted", "refused", "accepted", "contradicted"),
        ("refused", "accepted", "refused", "contradicted"),
        ("skipped", "accepted", "skipped", "late"),
        ("invalid", "accepted", "invalid", "late"),
    ],
)
def test_the_first_definite_answer_counts(state: str, said: str, becomes: str, what: str) -> None:
    assert rules.after_receipt(state, said) == (becomes, what)


def test_moments_and_regions_as_the_standard_writes_them() -> None:
    assert rules.moment(datetime(2026, 5, 31, 17, 0, 1, tzinfo=UTC)) == "20260601010001"
    assert rules.moment(None) == ""
    assert rules.region("532399000000") == "532399"
    assert rules.region("532399101000") == "532399101"
    assert rules.region("532399101009") == "532399101"


def test_the_two_sides_are_compared_by_key() -> None:
    ours = {
        "both": Known("item", "d1"),
        "lost": Known("item", "d2"),
        "other": Known("item", "d3"),
        "quiet": Known("item", "d4", "sent"),
        "waits": Known("item", "d5", "waiting"),
        "left": Known("item", "d6", "skipped"),
    }
    theirs = {
        "both": Known("item", "d1"),
        "other": Known("item", "dX"),
        "quiet": Known("item", "d4"),
        "new": Known("rating", "d9"),
    }
    assert rules.compare(ours, theirs) == [
        Difference("missing", "lost", "item"),
        Difference("different", "other", "item"),
        Difference("unconfirmed", "quiet", "item"),
        Difference("foreign", "new", "rating"),
    ]
    assert rules.compare(
        ours, {key: Known(one.table, one.digest) for key, one in ours.items() if key != "waits"}
    ) == [Difference("unconfirmed", "quiet", "item")]
