"""``tongban ledger``: what a person at the terminal, and a program that calls it, are told; and a sealer that is killed."""

# ruff: noqa: F811 (fixtures are imported and then named as arguments)

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from tests.support.campaign import figure, size
from tests.support.database import wait_for_neighbours
from tongban.kernel.ledger import service as ledger
from tongban.kernel.ledger.models import Batch
from tongban.kernel.ledger.operations.seal import LOCK
from tongban.kernel.ledger.tests.conftest import AT, Ledger, book, sealed  # noqa: F401 (fixtures)
from tongban.main.commands import ledger as command


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.setenv("TONGBAN_DATABASE_ROLE", "owner")
    monkeypatch.setenv("LC_ALL", "C")

    def go(*arguments: Any) -> tuple[int, str, str]:
        code = command.run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return go


def test_a_clean_ledger_is_said_and_ends_with_0(sealed: Any, run: Any) -> None:
    sealed()
    code, out, _ = run("verify")
    assert code == 0
    assert out.splitlines()[0] == "The ledger is clean"
    assert "9 acts in 3 batches" in out


def test_the_first_act_is_named_and_the_end_is_1(sealed: Any, run: Any) -> None:
    book, acts = sealed()
    book.sql("DELETE FROM ledger_act WHERE id = %s", [acts[4]])

    code, out, _ = run("verify")
    assert code == 1
    assert out.splitlines()[1] == f"Act {acts[4]} was removed (batch 2)"
    code, out, _ = run("verify", "--json")
    assert code == 1
    assert json.loads(out)["first"] == {"kind": "removed", "batch": 2, "act": acts[4]}


def test_the_words_are_chinese_where_the_terminal_is(
    sealed: Any,
    run: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book, acts = sealed()
    book.sql("UPDATE ledger_act SET reason = 'x' WHERE id = %s", [acts[4]])
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    assert f"第 {acts[4]} 条记录被改动（第 2 批）" in run("verify")[1]


def test_what_cannot_be_checked_ends_with_2(sealed: Any, run: Any, tmp_path: Path) -> None:
    sealed()
    assert run("verify", "--against", tmp_path / "absent")[0] == 2
    (tmp_path / "wrong").write_text("no roots\n")
    code, _, err = run("verify", "--against", tmp_path / "wrong")
    assert code == 2
    assert "line 1" in err


def test_printed_roots_serve_as_kept_roots(sealed: Any, run: Any, tmp_path: Path) -> None:
    book, acts = sealed()
    code, out, _ = run("roots")
    assert code == 0
    kept = tmp_path / "elsewhere"
    kept.write_text(out)
    assert run("verify", "--against", kept)[0] == 0
    assert [json.loads(line)["number"] for line in run("roots", "--last", 2)[1].splitlines()] == [2, 3]
    assert [json.loads(line)["number"] for line in run("roots", "--from", 3)[1].splitlines()] == [3]

    book.sql("UPDATE ledger_act SET reason = 'x' WHERE id = %s", [acts[0]])
    book.recompute()
    assert run("verify", "--against", kept)[0] == 1


def test_sealing_by_hand_says_how_many(book: Ledger, run: Any) -> None:
    book.write(3)
    wait_for_neighbours()
    assert run("seal")[:2] == (0, "3\n")
    assert run("seal")[:2] == (0, "0\n")


def test_several_verifications_run_at_once(sealed: Any) -> None:
    sealed()
    found: list[bool] = []

    def look() -> None:
        found.append(ledger.verify(data=True).is_clean)
        connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 4


def sealer() -> int:
    """Start a process that seals in small batches; return its id. (Forked: a fresh Python would take seconds to begin.)"""
    pid = os.fork()
    if pid == 0:
        try:
            connection.connection = (
                None  # the parent's stays the parent's; libpq closes it only where it was opened
            )
            ledger.seal(at=AT, largest=5)
        finally:
            os._exit(0)
    return pid


@pytest.mark.campaign
def test_a_sealer_killed_again_and_again_leaves_a_clean_ledger(book: Ledger) -> None:
    """With -9, wherever it is; then the next one goes on, and every act is sealed once."""
    kills = size(5, 50)
    acts = book.write(100 * kills)
    for _ in range(kills):
        before, pid = Batch.objects.count(), sealer()
        end = time.monotonic() + 30
        while Batch.objects.count() < before + 3 and time.monotonic() < end:
            time.sleep(0.002)
        os.kill(pid, signal.SIGKILL)
        assert os.waitpid(pid, 0)[1] == signal.SIGKILL
        _wait_until_let_go()
        assert ledger.verify().is_clean
    book.seal()

    assert [act for batch in Batch.objects.order_by("number") for act in batch.acts] == acts
    report = ledger.verify()
    assert report.is_clean
    assert report.kept == report.batches
    figure("ledger: kills (-9) of the sealer", kills, "kills")


def _wait_until_let_go() -> None:
    """The server needs a moment to notice that the killed sealer's connection is gone and to undo what it began."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())",
                [LOCK],
            )
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.01)
