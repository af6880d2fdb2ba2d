"""The command line, inside this process: what it prints and what it refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.db import OperationalError

from tongban.base import time
from tongban.base.models import TimeOffset
from tongban.kernel.calendars import service as calendars
from tongban.main import cli
from tongban.main.commands import clock, demo, items, session, token


@pytest.fixture(autouse=True)
def _stay_who_we_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands choose a database role for their process; here the process is the tests'."""
    monkeypatch.setenv("TONGBAN_DATABASE_ROLE", "app")


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        import_module(f"tongban.main.commands.{name}").run(["--help"])
    assert end.value.code == 0
    assert f"tongban {name}" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["token", "clock", "process", "demo"])
def test_a_command_without_its_verb_is_refused(name: str) -> None:
    with pytest.raises(SystemExit) as end:
        import_module(f"tongban.main.commands.{name}").run([])
    assert end.value.code == 2


@pytest.mark.django_db
def test_without_a_calendar_in_the_database_the_national_one_serves(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert clock.run(["due", "--start", "2026-02-06", "--limit", "20wd", "--language", "en"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == "2026-03-12"
    assert "Spring Festival" in said.out
    assert "the national calendar" in said.err


@pytest.mark.django_db
def test_beyond_the_last_published_year_a_due_date_is_provisional(capsys: pytest.CaptureFixture[str]) -> None:
    assert clock.run(["due", "--start", "2029-02-06", "--limit", "5wd", "--language", "zh"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "2029-02-13（暂定）"


@pytest.mark.django_db
def test_hours_run_from_a_moment(capsys: pytest.CaptureFixture[str]) -> None:
    assert clock.run(["due", "--start", "2026-02-06T09:30", "--limit", "24h", "--language", "en"]) == 0
    assert capsys.readouterr().out.startswith("2026-02-07T09:30:00+08:00")
    assert clock.run(["due", "--start", "2026-02-06", "--limit", "24h"]) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "arguments", [("yesterday", "5wd"), ("2026-02-30", "5wd"), ("2026-02-06", "5 weeks")]
)
def test_a_date_or_a_limit_that_is_none_is_refused(
    arguments: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    start, limit = arguments
    assert clock.run(["due", "--start", start, "--limit", limit]) == 1
    assert capsys.readouterr().err.startswith("tongban: ")


@pytest.mark.django_db
def test_the_demo_s_time_moves_by_days_and_hours_and_never_back() -> None:
    before = time.now()
    demo.advance(calendars.Limit.parse("3d"))
    demo.advance(calendars.Limit.parse("5h"))
    moved = time.now() - before
    assert timedelta(days=3, hours=5) <= moved < timedelta(days=3, hours=5, minutes=1)
    assert TimeOffset.objects.count() == 1
    with pytest.raises(ValueError, match="limit"):
        calendars.Limit.parse("-3d")
    time.forget_offset()


@pytest.mark.django_db
def test_working_days_skip_the_weekend(monkeypatch: pytest.MonkeyPatch) -> None:
    with time.freeze(datetime(2028, 5, 12, 3, tzinfo=UTC)):  # a Friday
        demo.advance(calendars.Limit.parse("2wd"))
    assert TimeOffset.objects.get().seconds == timedelta(days=4).total_seconds()
    time.forget_offset()


@pytest.mark.django_db
def test_the_time_of_a_production_stays(settings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.TONGBAN_ENV = "production"
    assert demo.run(["advance", "6wd"]) == 1
    assert "only the demo" in capsys.readouterr().err
    assert not TimeOffset.objects.exists()


@pytest.mark.django_db
def test_a_token_for_nobody_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert token.run(["create", "nobody-of-this-name"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1


def test_a_database_that_is_not_there_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> int:
        raise OperationalError("connection failed\nDETAIL: more")

    assert session.guarded(fail) == 1
    assert capsys.readouterr().err == "tongban: no database (is `tongban up` running?): connection failed\n"


# --- items --------------------------------------------------------------------------------------------------------

ITEMS = Path(__file__).resolve().parents[2] / "packs" / "chengxi" / "items"


def test_items_are_checked_as_files(capsys: pytest.CaptureFixture[str]) -> None:
    food = str(ITEMS / "food-licence" / "item.yaml")
    assert items.run(["check", food]) == 0
    assert "[limit-unverified]" in capsys.readouterr().out, "a demo only warns"

    assert items.run(["check", "--strict", "--json", food]) == 1
    [row] = json.loads(capsys.readouterr().out)
    assert {(flaw["code"], flaw["level"]) for flaw in row["flaws"]} == {("limit-unverified", "error")}


def test_a_file_that_is_no_item_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "item.yaml"
    file.write_text("- a\n- b", "utf-8")
    assert items.run(["check", str(file)]) == 1
    assert "this is no item" in capsys.readouterr().err
