"""Sealing: every finished act once, none before its time, whatever happens to the sealer."""

import json
import threading

import psycopg
import pytest
from django.db import ProgrammingError, connection, connections, transaction

from tests.support.installation import eventually
from tongban.base.ref import Ref
from tongban.kernel.ledger import kept, rows, sealing
from tongban.kernel.ledger import service as ledger
from tongban.kernel.ledger.models import Act, Batch
from tongban.kernel.ledger.operations import seal as sealing_operation
from tongban.kernel.ledger.tests.conftest import AT, CLERK


def in_thread(work):
    """Run ``work`` in a thread with a connection of its own."""
    result = []

    def run():
        try:
            result.append(work())
        except BaseException as error:
            result.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return result[0]


def sealed_ids():
    return [act for batch in Batch.objects.order_by("number") for act in batch.acts]


def test_batches_are_chained_and_hold_every_act_once_in_order(book):
    acts = book.write(7)

    assert book.seal(largest=3) == 7

    batches = list(Batch.objects.order_by("number"))
    assert [batch.acts for batch in batches] == [acts[:3], acts[3:6], acts[6:]]
    assert [batch.previous for batch in batches] == ["", batches[0].head, batches[1].head]
    assert [(batch.first, batch.last, batch.count) for batch in batches][1] == (acts[3], acts[5], 3)
    assert book.seal() == 0


def test_each_batch_names_its_algorithm(book, settings):
    book.write(2)
    book.seal()
    settings.TONGBAN_DIGEST = "sm3"
    book.write(2)
    book.seal()

    first, second = Batch.objects.order_by("number")
    assert (first.algorithm, second.algorithm) == ("sha256", "sm3")
    assert second.previous == first.head
    assert second.root.startswith("sm3:")
    assert second.head.startswith("sm3:")
    assert ledger.verify().is_clean


def test_the_act_of_a_slow_transaction_falls_into_a_later_batch(book):
    """The slow one takes its id first and commits last; nothing that came after is held back for ever, nothing looks inserted."""
    began, committed, proceed = threading.Event(), threading.Event(), threading.Event()
    slow = []

    def slowly():
        try:
            with transaction.atomic():
                slow.append(ledger.record(actor=CLERK, verb="test.slow", subject=Ref("thing", "s"), at=AT).pk)
                began.set()
                proceed.wait(20)
            committed.set()
        finally:
            connections.close_all()

    before = book.write(2)
    thread = threading.Thread(target=slowly)
    thread.start()
    assert began.wait(20)
    after = book.write(3)
    assert slow[0] < after[0]

    book.seal()
    assert sealed_ids() == before, "what a running transaction may still precede is not sealed"
    assert ledger.verify().is_clean

    proceed.set()
    thread.join()
    assert committed.is_set()
    book.seal()
    assert sorted(sealed_ids()) == sorted([*before, *slow, *after])
    assert ledger.verify().is_clean


def test_a_late_act_with_a_lower_id_is_legal_and_not_inserted(book):
    """A transaction that took an id early but wrote it with a later number: its act comes after acts with higher ids."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('ledger_act_id_seq')")
        early = cursor.fetchone()[0]
    acts = book.write(3)
    book.seal()
    (written,) = book.write(1)
    book.sql("UPDATE ledger_act SET id = %s WHERE id = %s", [early, written])
    book.seal()

    assert sealed_ids() == [*acts, early]
    assert ledger.verify().is_clean


def test_a_transaction_in_another_database_holds_nothing_up(book):
    name = connection.settings_dict["NAME"]
    with (
        psycopg.connect(
            **{**connection.get_connection_params(), "dbname": "postgres", "options": ""}
        ) as other,
        other.cursor() as cursor,
    ):
        cursor.execute("SELECT pg_current_xact_id(), current_database()")
        assert cursor.fetchone()[1] != name
        acts = book.write(2)
        # Not once only: a third database may end a transaction just when it is asked whose that is.
        eventually(lambda: ledger.seal(at=AT) == 0 and sealed_ids() == acts, 30)
    assert sealed_ids() == acts


def test_only_one_sealer_works_at_a_time(book):
    book.write(2)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [sealing_operation.LOCK])
        assert in_thread(book.seal) == 0
    assert book.seal() == 2


def test_the_application_can_add_batches_and_never_change_one(book):
    book.write(1)
    book.seal()
    for statement in (
        "UPDATE ledger_batch SET root = ''",
        "DELETE FROM ledger_batch",
        "TRUNCATE ledger_batch",
        "INSERT INTO ledger_thinned VALUES (1, '', 1)",
        "INSERT INTO ledger_era (shift, since) VALUES (1, now())",
    ):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    batch = Batch.objects.get()
    with pytest.raises(TypeError):
        batch.save()
    with pytest.raises(TypeError):
        batch.delete()


def test_a_sealer_killed_in_the_middle_leaves_whole_batches_and_the_next_goes_on(book, monkeypatch):
    acts = book.write(6)
    original = Batch.objects.create
    calls = []

    def dies(**values):
        calls.append(values)
        if len(calls) == 2:
            original(**values)
            raise KeyboardInterrupt
        return original(**values)

    monkeypatch.setattr(Batch.objects, "create", dies)
    with pytest.raises(KeyboardInterrupt):
        book.seal(largest=2)
    monkeypatch.undo()

    assert sealed_ids() == acts[:2]
    assert book.seal(largest=2) == 4
    assert sealed_ids() == acts
    assert ledger.verify().is_clean


def test_the_files_hold_every_batch_and_catch_up_after_a_crash(book):
    book.write(4)
    book.seal(largest=2)
    roots, leaves = kept.directory() / "roots", kept.directory() / "leaves"
    whole = roots.read_bytes(), leaves.read_bytes()
    assert [json.loads(line)["number"] for line in roots.read_text().splitlines()] == [1, 2]

    roots.write_bytes(whole[0][:-30])  # torn in the last line
    leaves.write_bytes(whole[1][:-30])
    book.seal()
    assert (roots.read_bytes(), leaves.read_bytes()) == whole

    roots.write_bytes(b"")
    leaves.unlink()
    book.seal()
    assert (roots.read_bytes(), leaves.read_bytes()) == whole


def test_a_roots_file_that_knows_other_roots_is_left_as_evidence(book):
    book.write(2)
    book.seal()
    file = kept.directory() / "roots"
    other = file.read_text().replace('"count":2', '"count":3')
    line = kept.Header.of(json.loads(other))
    file.write_text(line.line() + "\n")
    before = file.read_text()

    book.write(1)
    book.seal()

    assert file.read_text() == before
    assert not ledger.verify().is_clean


def test_the_published_lines_are_those_of_the_file(book):
    book.write(5)
    book.seal(largest=2)

    text = (kept.directory() / "roots").read_text().splitlines()
    assert list(ledger.root_lines()) == text
    assert list(ledger.root_lines(last=2)) == text[1:]
    assert list(ledger.root_lines(first=2, limit=1)) == text[1:2]


def test_the_lag_is_the_age_of_the_oldest_act_that_waits(book):
    assert ledger.sealing_lag() == 0
    book.write(1)
    assert 0 <= ledger.sealing_lag() < 60
    book.sql("UPDATE ledger_act SET recorded_at = now() - interval '90 seconds'")
    assert 85 < ledger.sealing_lag() < 120
    book.seal()
    assert ledger.sealing_lag() == 0


def test_the_sealer_in_the_background_seals_and_survives_a_failure(book, monkeypatch):
    from tongban.kernel.ledger import sealer

    done, failures = threading.Event(), []

    def fails_once(*, at):
        if not failures:
            failures.append(at)
            raise psycopg.OperationalError("gone")
        sealed = sealing_operation.seal(at=at)
        if sealed:
            done.set()
        return sealed

    monkeypatch.setattr(sealer, "EVERY", 0.01)
    monkeypatch.setattr(sealer, "seal", fails_once)
    book.write(2)
    with ledger.sealing_in_background():
        assert done.wait(20)
    assert failures
    assert Batch.objects.count() == 1


def test_after_a_move_by_dump_sealing_goes_on(book, as_owner):
    """A new server counts its transactions from the beginning: what is sealed seems to lie in the future."""
    book.write(3)
    book.sql("UPDATE ledger_act SET xid = xid + 1000000000")
    with as_owner():
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(xid) FROM ledger_act")
            highest = cursor.fetchone()[0]
        acts = list(Act.objects.order_by("id").values_list("id", flat=True))
    found = sorted(rows.acts_by_id(acts).values(), key=lambda row: row.place)
    leaves = [sealing.leaf_hash(row, "sha256") for row in found]
    header = sealing.Header.over(found, leaves, None, "sha256", AT)
    Batch.objects.create(
        **{**header.as_json(), "sealed_at": AT},
        head=header.head,
        acts=[row.id for row in found],
        leaves=b"".join(leaves),
    )
    between = book.write(2)
    assert book.seal() == 0, "these cannot be sealed before the move is made known"
    assert "tongban ledger resume" in ledger.describe(ledger.verify()).en

    with as_owner():
        shift = ledger.resume(at=AT)
        assert ledger.resume(at=AT) == 0
    try:
        later = book.write(2)
        assert shift > highest
        assert book.seal() == 4
        assert sealed_ids() == [*(row.id for row in found), *between, *later]
        assert ledger.verify().is_clean
    finally:
        book.sql("ALTER TABLE ledger_act ALTER COLUMN xid SET DEFAULT (pg_current_xact_id()::text::bigint)")


def test_a_move_before_anything_was_sealed_is_one_only_when_somebody_says_so(book, as_owner):
    """Without being told, acts of transactions that never began are a finding: nobody wrote them in the ordinary way."""
    book.write(2)
    book.sql("UPDATE ledger_act SET xid = xid + 1000000000")
    with as_owner():
        assert ledger.resume(at=AT) == 0
        assert not ledger.verify().is_clean
        assert ledger.resume(at=AT, restored=True) > 1000000000
    try:
        book.write(1)
        assert book.seal() == 3
        assert ledger.verify().is_clean
    finally:
        book.sql("ALTER TABLE ledger_act ALTER COLUMN xid SET DEFAULT (pg_current_xact_id()::text::bigint)")
