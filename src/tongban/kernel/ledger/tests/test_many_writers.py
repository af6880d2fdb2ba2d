"""Many writers at once beside the sealer, short and slow transactions, some rolled back: nothing lost, nothing suspected."""

import os
import random
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from tests.support.campaign import figure, size
from tongban.base.ref import Ref
from tongban.kernel.ledger import sealer
from tongban.kernel.ledger import service as ledger
from tongban.kernel.ledger.models import Act, Batch
from tongban.kernel.ledger.tests.conftest import AT, CLERK

SEALER = """
import sys
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import django
django.setup()
from tongban.kernel.ledger import sealer
sealer.EVERY = float(sys.argv[2])
with sealer.sealing_in_background():
    print("sealing", flush=True)
    sys.stdin.read()
"""


@contextmanager
def sealing_in_a_process(every):
    """Seal where a worker would: beside the writers, not as one of fifty threads that take turns in one interpreter."""
    process = subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-W", "ignore", "-c", SEALER, connection.settings_dict["NAME"], str(every)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TONGBAN_HOME": str(settings.TONGBAN_HOME)},
    )
    with process:
        assert process.stdout.readline() == b"sealing\n"
        yield
        process.stdin.close()
        assert process.wait(timeout=60) == 0


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
def test_many_writers_beside_the_sealer_leave_a_clean_ledger(book):
    writers, seconds = size(8, 50), size(5, 60)
    lags: list[float] = []

    with sealing_in_a_process(size(0.3, sealer.EVERY)):
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=write, args=(n, until, lags)) for n in range(writers)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            assert ledger.verify().is_clean
            time.sleep(0.2)
        for thread in threads:
            thread.join()
    assert Batch.objects.exists(), "the sealer did nothing"
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
