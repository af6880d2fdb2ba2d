"""What the doctor says of everything that can be wrong, and what it makes of a look that fails."""

from __future__ import annotations

import json
import shutil
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tongban.base.time import freeze
from tongban.kernel.files.authority import ensure_ca
from tongban.main import environment
from tongban.main.commands import doctor as command
from tongban.main.doctor.examination import LOOKS, examine
from tongban.main.doctor.findings import Finding

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and the role that this process has already."""
    monkeypatch.setenv("TONGBAN_DATABASE_ROLE", "app")
    monkeypatch.setenv("TONGBAN_HOME", str(tmp_path))
    settings.TONGBAN_HOME = tmp_path
    return tmp_path


def look(**variables: str) -> dict[str, list[Finding]]:
    """Return the findings by what they are about."""
    import os

    found: dict[str, list[Finding]] = {}
    for each in examine(environment.read({**os.environ, **variables})):
        found.setdefault(each.key, []).append(each)
    return found


def level(key: str, **variables: str) -> str:
    return look(**variables)[key][0].level


def test_everything_is_looked_at_and_whatever_is_not_well_has_an_advice() -> None:
    found = look()
    assert {
        "database", "disk", "fonts", "secrets", "authority", "mail", "environment", "roles", "migrations", "clocks",
        "worker", "calendar", "copies", "ledger roots",
    } <= set(found)  # fmt: skip
    for findings in found.values():
        for each in findings:
            assert each.level == "ok" or each.advice, each
    assert (found["database"][0].level, found["roles"][0].level, found["migrations"][0].level) == ("ok",) * 3
    assert found["clocks"][0].level == "ok"


def test_without_a_worker_it_says_where_to_look() -> None:
    (finding,) = look()["worker"]
    assert finding.level == "fault"
    assert finding.advice and "worker.log" in finding.advice.en


def test_a_migration_that_waits_and_one_that_is_unknown_are_faults(as_owner: Any) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'ops' AND name LIKE '0002%'")
    assert "1 migrations are waiting" in look()["migrations"][0].seen.en
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('ops', '0099_later', now())"
        )
    (finding,) = look()["migrations"]
    assert (finding.level, "newer program" in finding.seen.en) == ("fault", True)


def test_a_role_that_may_change_the_ledger_is_a_fault(as_owner: Any) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("GRANT UPDATE ON ledger_act TO tongban_app")
    (finding,) = look()["roles"]
    assert (finding.level, finding.seen.en) == ("fault", "tongban_app may do too much (ledger_act)")


def test_keys_that_others_can_read_are_a_fault(home: Path) -> None:
    (home / "secrets").mkdir(mode=0o700)
    key = home / "secrets" / "secret-key"
    key.touch(mode=0o600)
    assert level("secrets") == "ok"
    key.chmod(0o644)
    (finding,) = look()["secrets"]
    assert (finding.level, str(key) in finding.seen.en) == ("fault", True)


def test_a_disk_that_is_nearly_full_and_one_that_is_not_there(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for free, expected in ((10, "fault"), (2 * 2**30, "warning"), (50 * 2**30, "ok")):
        usage = type("Disk", (), {"free": free})
        monkeypatch.setattr(shutil, "disk_usage", lambda _, usage=usage: usage)
        assert level("disk") == expected
    assert level("disk of copies", TONGBAN_BACKUP_TO=str(home / "nowhere")) == "fault"


def test_the_signing_authority_is_seen_to_end(home: Path) -> None:
    assert level("authority") == "warning"
    ensure_ca(at=datetime.now(UTC) - timedelta(days=366 * 10 - 30))
    (finding,) = look()["authority"]
    assert (finding.level, finding.seen.en.startswith("leaf.pem")) == ("warning", True)
    shutil.rmtree(home / "secrets")
    ensure_ca()
    assert level("authority") == "ok"


def test_the_mail_server_is_called(home: Path) -> None:
    assert level("mail") == "warning"
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        assert level("mail", TONGBAN_SMTP_URL=f"smtp://127.0.0.1:{port}") == "fault"
        server.listen()
        assert level("mail", TONGBAN_SMTP_URL=f"smtp://127.0.0.1:{port}") == "ok"


@pytest.mark.parametrize(
    ("day", "expected"), [("2026-11-30", "ok"), ("2026-12-01", "warning"), ("2027-01-02", "fault")]
)
def test_the_holidays_of_the_next_year_are_wanted_in_december(day: str, expected: str) -> None:
    from tongban.kernel.calendars.packs import bring_national

    at = datetime.fromisoformat(day + "T10:00+08:00")
    bring_national(at=at)
    with freeze(at):
        assert level("calendar") == expected


def test_without_fonts_papers_would_have_blanks(settings: Any, tmp_path: Path) -> None:
    settings.TONGBAN_FONT_DIRS = [tmp_path]
    assert level("fonts") == "fault"


def test_a_look_that_fails_is_a_fault_and_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setitem(LOOKS, "fonts", fail)
    found = look()
    assert (found["fonts"][0].level, found["fonts"][0].seen.en) == ("fault", "could not be looked at: broken")
    assert "copies" in found


def test_the_command_speaks_to_people_and_to_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(["--json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert {row["level"] for row in rows} <= {"ok", "warning", "fault"}
    assert command.run(["--quiet"]) == 1
    said = capsys.readouterr().out
    assert "FAULT worker" in said
    assert "\nok " not in said
