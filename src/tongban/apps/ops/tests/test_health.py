"""/healthz answers 200 only when database, worker and storage do."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tongban.apps.ops import health


def heartbeat(age: timedelta) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s)", [age])


def ask(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/healthz")
    assert answer["Cache-Control"] == "no-store"
    return answer.status_code, json.loads(answer.content)


@pytest.mark.django_db
def test_all_is_well_with_a_living_worker(client: Client) -> None:
    heartbeat(timedelta(seconds=3))
    assert ask(client) == (200, {"ok": True, "database": "ok", "worker": "ok", "storage": "ok"})


@pytest.mark.django_db
@pytest.mark.parametrize("beats", [[], [timedelta(minutes=1)]])
def test_without_a_worker_or_with_a_silent_one_it_is_not(client: Client, beats: list[timedelta]) -> None:
    for age in beats:
        heartbeat(age)
    status, body = ask(client)
    assert (status, body["ok"], body["database"], body["storage"]) == (503, False, "ok", "ok")
    assert body["worker"] == "no worker has been heard for 15 s"


@pytest.mark.django_db
def test_storage_that_cannot_be_written_is_named(client: Client, settings: Any, tmp_path: Path) -> None:
    heartbeat(timedelta(0))
    (tmp_path / "files").write_text("a file where the directory should be")
    settings.TONGBAN_HOME = tmp_path
    status, body = ask(client)
    assert (status, body["storage"], body["worker"]) == (503, "FileExistsError", "ok")


def test_a_database_that_does_not_answer_is_named_without_its_address(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise OperationalError("connection to db.county.internal as owner failed")

    monkeypatch.setattr(health, "PROBES", {"database": fail})
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert json.loads(answer.content) == {"ok": False, "database": "OperationalError"}


def test_the_page_cannot_be_posted_to(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
