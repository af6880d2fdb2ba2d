"""Many writers at once beside the sealer, short and slow transactions, some rolled back: nothing lost, nothing suspected."""

import random
import threading
import time

import pytest
from django.db import connections, transaction

from tests.support.campaign import figure, size
from tongban.base.ref import Ref
from tongban.kernel.ledger import sealer
from tongban.kernel.ledger import service as ledger
from tongban.kernel.ledger.models import Act, Batch
from tongban.kernel.ledger.tests.conftest import AT, CLERK


class Undone(Exception):
    """A change that is taken back."""


def write(writer, until, lags):
    """One client: acts in transactions of different length, now and then one that is rolled back."""
    dice = random.Random(writer)
    n = 0
    try:
        while time.monotonic() < until:
            n += 1
            try:
                with transaction.atomic():
                    for part in range(dice.randint(1, 4)):
                        ledger.record(
                            actor=CLERK,
                            verb="test.act",
                            subject=Ref("thing", f"{writer}-{n}-{part}"),
                            at=AT,
                            facts={"n": n},
                        )
                    if dice.random() < 0.05:
                        time.sleep(dice.random() * 1.5)  # somebody slow, whose acts come late
                    if dice.random() < 0.05:
                        raise Undone
            except Undone:
                pass
            if n % 50 == 0:
                lags.append(ledger.sealing_lag())
    finally:
        connections.close_all()


@pytest.mark.campaign
def test_many_writers_beside_the_sealer_leave_a_clean_ledger(book, monkeypatch):
    writers, seconds = size(8, 50), size(5, 60)
    monkeypatch.setattr(sealer, "EVERY", size(0.3, 2.0))
    until = time.monotonic() + seconds
    lags: list[float] = []
    threads = [threading.Thread(target=write, args=(n, until, lags)) for n in range(writers)]

    with ledger.sealing_in_background():
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            assert ledger.verify().is_clean
            time.sleep(0.2)
        for thread in threads:
            thread.join()
    book.seal()

    report = ledger.verify()
    written = Act.objects.count()
    assert report.is_clean, ledger.describe(report).en
    assert report.late == []
    assert report.acts == written > writers
    assert report.unsealed == 0
    figure("ledger: acts written while sealing", written, f"acts by {writers} writers in {seconds} s")
    figure("ledger: batches", Batch.objects.count(), "batches")
    figure("ledger: longest wait for sealing", round(max(lags, default=0.0), 2), "s")


@pytest.mark.campaign
def test_a_backlog_is_sealed_in_bounded_batches_and_verified(book):
    count = size(6_000, 1_000_000)
    book.sql(
        """INSERT INTO ledger_act (at, verb, subject_kind, subject_id, "case", role, channel, actor_name, reason, digest,
            fields, facts, about)
          SELECT now(), 'test.act', 'thing', n::text, '', 'official', 'desk', '王敏', '理由', '', '{}',
            jsonb_build_object('n', n), '{}' FROM generate_series(1, %s) n""",
        [count],
    )
    began = time.monotonic()
    assert book.seal() == count
    sealed = time.monotonic()
    report = ledger.verify()
    verified = time.monotonic()

    assert report.is_clean
    assert report.acts == count
    assert max(Batch.objects.values_list("count", flat=True)) <= 5_000
    figure("ledger: backlog sealed", round(count / (sealed - began)), "acts a second")
    figure("ledger: verified", round(count / (verified - sealed)), "acts a second")
