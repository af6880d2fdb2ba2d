"""The table of states: every pair of a status and an act, allowed or refused; what time does; what a copy is."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.apps.certificates import rules

PAGE = Path(__file__).resolve().parents[5] / "docs" / "reference" / "certificates.md"


def _table() -> dict[tuple[str, str], str]:
    """Read the table of states from the page of the reference: (status, act) -> status after it, "–" for refused."""
    lines = [
        line.strip("| ").split(" | ")
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith("| ")
    ]
    head = next(line for line in lines if line[0] == "Status")
    rows = [line for line in lines if len(line) == len(head) and line[0].strip("`") in rules.STATUSES]
    return {
        (row[0].strip("`"), act): to.strip("`")
        for row in rows
        for act, to in zip(head[2:], row[2:], strict=True)
    }


TABLE = _table()
DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))


def test_the_table_speaks_of_every_status_and_every_act() -> None:
    assert {status for status, _ in TABLE} == set(rules.STATUSES)
    assert {act for _, act in TABLE} == set(rules.ACTS)
    assert len(TABLE) == 56


@pytest.mark.parametrize(("status", "act"), sorted(TABLE))
def test_each_act_leads_where_the_table_says_or_is_refused(status: str, act: str) -> None:
    expected = None if TABLE[status, act] == "–" else TABLE[status, act]
    assert rules.after(status, act) == expected
    assert (act in rules.acts_from(status)) == (expected is not None and act != "expire")


def test_nothing_leads_out_of_cancelled_and_replaced() -> None:
    assert rules.acts_from("cancelled") == rules.acts_from("replaced") == []


@pytest.mark.parametrize(("status", "act"), sorted(rules.TRANSITIONS))
def test_whoever_loses_something_gets_a_paper_and_a_second_look(status: str, act: str) -> None:
    in_force = status in {"valid", "suspended"}
    takes = in_force and act in {"suspend", "revoke", "forfeit", "cancel"}
    assert rules.takes_from_holder(status, act) == takes
    assert rules.needs_second_look(status, act) == (takes or act in {"renew", "change"})


@pytest.mark.parametrize(
    ("status", "day", "shown"),
    [
        ("valid", date(2026, 12, 31), "valid"),
        ("valid", date(2027, 1, 1), "expired"),
        ("suspended", date(2026, 6, 30), "suspended"),
        ("suspended", date(2026, 7, 1), "valid"),
        ("suspended", date(2027, 1, 1), "expired"),
        ("revoked", date(2030, 1, 1), "revoked"),
        ("cancelled", date(2030, 1, 1), "cancelled"),
        ("replaced", date(2030, 1, 1), "replaced"),
    ],
)
def test_time_is_told_also_before_the_job_has_written_it_down(status: str, day: date, shown: str) -> None:
    assert rules.status_on(status, day, valid_to=date(2026, 12, 31), suspended_to=date(2026, 6, 30)) == shown


def test_a_certificate_without_an_end_never_expires() -> None:
    assert rules.status_on("valid", date(2099, 1, 1), valid_to=None) == "valid"
    assert rules.due_on("valid", date(2026, 1, 1), valid_to=None, reminders=(60,)) is None


def test_the_days_on_which_something_happens_come_one_after_the_other() -> None:
    """Reminders 60 and 30 days before, then the day after the last one, then nothing ever."""
    end, looked, found = date(2026, 12, 31), date(2026, 1, 1), []
    while (due := rules.due_on("valid", looked, valid_to=end, reminders=(60, 30))) is not None:
        found.append(due)
        looked = due
    assert found == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
    assert rules.due_on("expired", date(2026, 1, 1), valid_to=end, reminders=(60,)) is None


@given(DAYS, st.integers(0, 400), st.lists(st.integers(1, 120), max_size=4), st.integers(1, 90))
def test_no_reminder_is_lost_or_given_twice_however_long_the_machine_slept(
    start: date, length: int, reminders: list[int], nap: int
) -> None:
    end = start + timedelta(days=length)
    looked, reminded = start, 0
    while (due := rules.due_on("valid", looked, valid_to=end, reminders=reminders)) is not None:
        woke = due + timedelta(days=nap)
        reminded += rules.is_reminder(woke, valid_to=end, reminders=reminders, looked_on=looked)
        assert woke > looked
        looked = woke
        if woke > end:
            break
    wanted = {end - timedelta(days=n) for n in reminders if end - timedelta(days=n) > start}
    assert reminded <= len(wanted)
    if nap == 1 and wanted:
        assert reminded >= 1 or max(wanted) == end


@given(DAYS, st.integers(1, 30), st.integers(-400, 400))
def test_a_renewed_certificate_loses_no_day_and_gains_none(end: date, years: int, days: int) -> None:
    decided = end + timedelta(days=days)
    new = rules.renewed(end, decided, years)
    assert new.first == min(decided, end + timedelta(days=1))
    assert new.last == rules.end_of_validity(end + timedelta(days=1), years)


@pytest.mark.parametrize(
    ("valid_to", "applied_on", "in_time"),
    [
        (date(2026, 12, 31), date(2026, 12, 31), True),
        (date(2026, 12, 31), date(2026, 3, 1), True),
        (date(2026, 12, 31), date(2027, 1, 1), False),
        (None, date(2026, 1, 1), False),
    ],
)
def test_a_renewal_counts_when_it_was_asked_for_while_valid(
    valid_to: date | None, applied_on: date, in_time: bool
) -> None:
    assert rules.may_renew(valid_to, applied_on) == in_time


@given(DAYS, st.integers(-5, 1000), DAYS)
def test_a_copy_never_outlives_its_certificate_nor_half_a_year(day: date, days: int, valid_to: date) -> None:
    last = rules.last_day_of_copy(day, days, valid_to)
    assert last <= valid_to
    assert last <= day + timedelta(days=rules.LONGEST_COPY - 1)
    if valid_to >= day:
        assert last >= day


@pytest.mark.parametrize(
    ("certificate", "day", "is_ended", "status"),
    [
        ("valid", date(2026, 7, 11), False, "valid"),
        ("valid", date(2026, 7, 12), False, "ended"),
        ("valid", date(2026, 7, 1), True, "ended"),
        ("suspended", date(2026, 7, 1), False, "suspended"),
        ("revoked", date(2026, 7, 1), True, "revoked"),
    ],
)
def test_a_copy_is_worth_what_its_certificate_is_worth(
    certificate: str, day: date, is_ended: bool, status: str
) -> None:
    assert rules.copy_status(certificate, day, valid_to=date(2026, 7, 11), is_ended=is_ended) == status


GOOD = {
    "key": "x",
    "name": {"zh": "证"},
    "unit": "scjg",
    "type_code": "11530000MB0143028R032",
    "validity": {"years": 5},
    "number": {"format": "证〔{year}〕{n}号", "counter": "certificate.x"},
    "fields": [{"key": "place", "label": {"zh": "地址"}, "from": "place"}],
}


def test_a_type_that_can_be_used_has_no_faults() -> None:
    assert rules.type_faults(GOOD) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"type_code": "1153"}, "type_code"),
        ({"type_code": None}, "type_code"),
        ({"validity": {"years": True}}, "validity.years"),
        ({"validity": {"years": 100}}, "validity.years"),
        ({"validity": None}, "validity.years"),
        ({"number": {"format": "证{year}", "counter": "c"}}, "number.format"),
        ({"number": {"format": "证{n.__class__}", "counter": "c"}}, "number.format"),
        ({"number": {"format": "{secret}{n}", "counter": "c"}}, "number.format"),
        ({"number": {"format": "证{n}"}}, "number.counter"),
        ({"number": None}, "number.counter"),
        ({"fields": []}, "fields"),
        ({"fields": "abc"}, "fields"),
        ({"fields": [{"key": "a", "label": "甲"}]}, "fields[0].from"),
        ({"fields": [GOOD["fields"][0], GOOD["fields"][0]]}, "fields[1].key"),  # type: ignore[index]
        ({"fields": ["a"]}, "fields[0]"),
        ({"reminders": [0]}, "reminders"),
        ({"unit": ""}, "unit"),
    ],
)
def test_a_faulty_type_names_the_place(change: dict[str, object], path: str) -> None:
    assert path in [place for place, _ in rules.type_faults({**GOOD, **change})]
