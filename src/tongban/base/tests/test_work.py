"""What an operation says is written at its end, all of it or nothing, and nobody reads past it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from tongban.base import work
from tongban.base.models import Counter, Event, EventReceipt

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def event(name: str = "test.happened") -> Event:
    return Event(name=name, subject_kind="thing", subject_id="1", data={"a": [1]}, created_at=AT)


def statements(captured: CaptureQueriesContext) -> list[str]:
    return [q["sql"] for q in captured if "SAVEPOINT" not in q["sql"]]


def test_rows_of_all_tables_and_jobs_are_written_by_one_statement():
    counter = Counter.objects.create(key="k")
    with CaptureQueriesContext(connection) as captured, work.unit():
        for _ in range(3):
            work.add(event())
        work.add(Counter(key="other", last=7))
        counter.last = 3
        work.change(counter, "last")
        work.defer("base.dispatch_event", event_id=1)
        work.defer("base.dispatch_event", event_id=2)
        assert not statements(captured)

    assert len(statements(captured)) == 1
    assert Event.objects.count() == 3
    assert dict(Counter.objects.values_list("key", "last")) == {"k": 3, "other": 7}
    assert ProcrastinateJob.objects.filter(task_name="base.dispatch_event").count() == 2


def test_bells_are_rung_by_a_statement_of_their_own_because_one_that_rings_already_is_no_fault_of_the_rows():
    with CaptureQueriesContext(connection) as captured, work.unit():
        work.add(event())
        work.defer("base.care_for_queue", queueing_lock="a bell", timestamp=0)
    assert len(statements(captured)) == 2
    assert ProcrastinateJob.objects.get().queueing_lock == "a bell"


def test_what_is_written_holds_whatever_a_text_may_hold():
    odd = "100% 'of' %s \\ {it} \n ％ 甲"
    with work.unit():
        work.add(
            Event(name=odd, subject_kind="k", subject_id="1", data={"said": [odd, None, 2.5]}, created_at=AT)
        )
        work.defer("base.dispatch_event", event_id=odd)
    row = Event.objects.get()
    assert (row.name, row.data, row.created_at) == (odd, {"said": [odd, None, 2.5]}, AT)
    assert ProcrastinateJob.objects.get().args == {"event_id": odd}


def test_a_row_has_its_id_after_the_unit_or_at_once_when_it_is_numbered():
    with work.unit():
        rows = [work.add(event(str(n))) for n in range(3)]
        first = work.add(work.number(event("numbered")))
        assert first.pk is not None
        assert rows[0].pk is None
    assert all(Event.objects.get(pk=row.pk).name == row.name for row in [*rows, first])
    assert [row.pk for row in rows] == sorted(row.pk for row in rows)


def test_a_value_that_changes_after_it_was_said_counts_as_it_is_at_the_end():
    with work.unit():
        row = work.add(event())
        row.name = "test.renamed"
        work.change(row, "name")
    assert Event.objects.get().name == "test.renamed"


def test_an_error_leaves_nothing_behind():
    with pytest.raises(ZeroDivisionError), work.unit():
        work.add(event())
        with work.unit():
            work.defer("base.dispatch_event", event_id=1)
            raise ZeroDivisionError
    assert not Event.objects.exists()
    assert not ProcrastinateJob.objects.exists()


def test_what_failed_inside_cannot_be_passed_over():
    with pytest.raises(transaction.TransactionManagementError), work.unit():
        try:
            with work.unit():
                work.add(event())
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
    assert not Event.objects.exists()


def test_a_part_that_may_fail_alone_is_written_at_its_own_end():
    Counter.objects.create(key="taken")
    with work.unit():
        work.add(event("before"))
        with pytest.raises(IntegrityError), work.unit(savepoint=True):
            work.add(event("inside"))
            work.add(Counter(key="taken"))
        work.add(event("after"))
    assert set(Event.objects.values_list("name", flat=True)) == {"before", "after"}


def test_the_refusal_of_the_database_comes_at_the_end_of_the_unit():
    Counter.objects.create(key="taken")
    with pytest.raises(IntegrityError), work.unit():
        work.add(event())
        work.add(Counter(key="taken"))
    assert not Event.objects.exists()


def test_nobody_reads_past_what_is_not_written_yet():
    with work.unit():
        row = work.add(event())
        assert Event.objects.get().name == row.name
        row.name = "test.again"
        work.change(row, "name")
        assert Event.objects.filter(name="test.again").exists()
        assert not EventReceipt.objects.exists()
        with connection.cursor() as cursor:
            work.add(event())
            cursor.execute("SELECT count(*) FROM base_event")
            assert cursor.fetchone() == (2,)


def test_a_statement_about_another_table_does_not_make_it_write():
    with work.unit(), CaptureQueriesContext(connection) as captured:
        work.add(event())
        list(Counter.objects.all())
        list(EventReceipt.objects.all())  # its table's name begins with that of events
        assert len(statements(captured)) == 2


def test_a_savepoint_that_is_taken_back_takes_back_only_what_came_after_it():
    with work.unit():
        work.add(event("before"))
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            work.add(event("inside"))
            raise ZeroDivisionError
        work.add(event("after"))
    assert set(Event.objects.values_list("name", flat=True)) == {"before", "after"}


def test_a_row_is_locked_once_and_is_the_same_for_everybody():
    Counter.objects.create(key="k")

    def lock() -> Counter:
        return Counter.objects.select_for_update().get(pk="k")

    with work.unit(), CaptureQueriesContext(connection) as captured:
        first = work.hold(Counter, "k", lock)
        with work.unit():
            assert work.hold(Counter, "k", lock) is first
        assert len(statements(captured)) == 1
    with work.unit():
        assert work.hold(Counter, "k", lock) is not first


def test_a_queryset_is_updated_at_the_end_and_sees_what_was_added_before():
    with work.unit():
        work.add(Counter(key="a", last=1))
        work.update(Counter.objects.filter(last__gte=1), last=5)
        work.update(Counter.objects.filter(last=5), last=6)
        work.add(Counter(key="b", last=1))
    assert dict(Counter.objects.values_list("key", "last")) == {"a": 6, "b": 1}


def test_a_conflict_may_be_ignored():
    Counter.objects.create(key="k", last=1)
    with work.unit():
        work.add(Counter(key="k", last=2), ignore_conflicts=True)
        work.add(Counter(key="new", last=3), ignore_conflicts=True)
    work.add(Counter(key="k", last=4), ignore_conflicts=True)
    assert dict(Counter.objects.values_list("key", "last")) == {"k": 1, "new": 3}


def test_what_follows_from_rows_is_done_once_when_they_are_written():
    seen: list[int] = []

    def follow() -> None:
        seen.append(Counter.objects.get(key="k").last)
        work.add(Counter(key="follows", last=seen[-1]))

    with work.unit():
        row = work.add(Counter(key="k", last=1))
        work.at_end("test.follow", "k", follow)
        with work.unit():
            row.last = 2
            work.at_end("test.follow", "k", follow)
        assert not seen
    assert (seen, Counter.objects.get(key="follows").last) == ([2], 2)


def test_what_fails_at_the_end_takes_everything_along():
    def fail() -> None:
        raise ValueError

    with pytest.raises(ValueError), work.unit():
        work.add(Counter(key="k", last=1))
        work.at_end("test.fail", 1, fail)
    assert not Counter.objects.exists()


def test_outside_of_a_unit_everything_is_done_at_once():
    row = work.add(work.number(event()))
    assert Event.objects.get().pk == row.pk
    row.name = "test.again"
    work.change(row, "name")
    work.update(Event.objects.all(), subject_id="2")
    work.defer("base.dispatch_event", event_id=1)
    work.at_end("test.rename", 1, lambda: Event.objects.update(subject_id="3"))
    assert Event.objects.values_list("name", "subject_id").get() == ("test.again", "3")
    assert ProcrastinateJob.objects.count() == 1
