"""Identifiers that sort by the moment they were made."""

from __future__ import annotations

import time

from pytest import MonkeyPatch

from tongban.base.ids import ordered_uuid


def test_each_is_greater_than_the_one_before() -> None:
    made = [ordered_uuid() for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == 5000


def test_the_order_holds_when_the_clock_is_set_back(monkeypatch: MonkeyPatch) -> None:
    first = ordered_uuid()
    monkeypatch.setattr(time, "time_ns", lambda: 1)
    assert ordered_uuid() > first


def test_it_is_a_uuid_of_version_7_that_says_its_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    made = ordered_uuid()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000 + 1
