"""/metrics: what stands there, and who may read it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from tests.support.county import County
from tongban.base import metrics

HERE = {"HTTP_HOST": "127.0.0.1:8000", "REMOTE_ADDR": "127.0.0.1"}


def read(client: Client, **more: Any) -> dict[str, float]:
    """Ask, and return every number by its name and labels."""
    answer = client.get("/metrics", **{**HERE, **more})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    samples = [s for f in text_string_to_metric_families(answer.content.decode()) for s in f.samples]
    return {s.name + "".join(f" {k}={v}" for k, v in sorted(s.labels.items())): s.value for s in samples}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked",
    [
        {"REMOTE_ADDR": "10.0.0.7"},
        {"HTTP_HOST": "testserver"},
        {"HTTP_X_FORWARDED_FOR": "10.0.0.7"},
        {"HTTP_X_REAL_IP": "10.0.0.7"},
        {"HTTP_FORWARDED": "for=10.0.0.7"},
        {"HTTP_AUTHORIZATION": "Bearer ", "REMOTE_ADDR": "10.0.0.7"},
    ],
)
def test_without_a_token_only_this_machine_is_answered(client: Client, asked: dict[str, str]) -> None:
    answer = client.get("/metrics", **{**HERE, **asked})  # type: ignore[arg-type]
    assert answer.status_code == 403
    assert b"tongban_" not in answer.content


@pytest.mark.django_db
def test_with_a_token_set_only_the_token_is_answered(client: Client, settings: LazySettings) -> None:
    settings.TONGBAN_METRICS_TOKEN = "a-long-secret"
    assert client.get("/metrics", **HERE).status_code == 403  # type: ignore[arg-type]
    wrong = client.get("/metrics", headers={"Authorization": "Bearer a-long-secre"})
    assert wrong.status_code == 403
    right = client.get("/metrics", headers={"Authorization": "Bearer a-long-secret"}, REMOTE_ADDR="10.0.0.7")
    assert right.status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["sysadmin", "window"])
def test_being_signed_in_opens_nothing_here(county: County, who: str) -> None:
    assert county.client(who).get("/metrics").status_code == 403


def test_the_gauges_follow_what_happens(county: County) -> None:
    client = Client()
    before = read(client)
    county.submit()
    after = read(client)
    assert after["tongban_clocks kind=running"] > before["tongban_clocks kind=running"]
    assert after["tongban_jobs state=waiting"] > before["tongban_jobs state=waiting"]
    assert after["tongban_timers_waiting"] > before["tongban_timers_waiting"]
    assert after["tongban_incidents_open"] == 0
    assert after["tongban_database_connections state=open"] >= 1
    assert {gauge.name for gauge in metrics.gauges if not gauge.label} <= {
        name.split(" ")[0] for name in after
    }


def test_requests_are_measured_by_the_name_of_their_route(county: County) -> None:
    client = Client()
    name = "tongban_request_seconds_count method=GET route=portal:home status=200"
    odd = "tongban_request_seconds_count method=GET route=unresolved status=404"
    before = read(client)
    client.get("/")
    client.get("/no/such/page/of/李秀英/")
    after = read(client)
    assert after[name] == before.get(name, 0) + 1
    assert after[odd] == before.get(odd, 0) + 1
    assert not any("such" in sample for sample in after)


@pytest.mark.django_db
def test_a_gauge_that_fails_takes_no_other_with_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> float:
        raise OSError

    entry = metrics.Gauge("tongban_broken", "Always fails", broken)
    monkeypatch.setitem(metrics.gauges._entries, "tongban_broken", entry)
    found = read(client)
    assert "tongban_broken" not in found
    assert "tongban_incidents_open" in found


def test_several_processes_write_into_one_directory_and_are_added_up(tmp_path: Path) -> None:
    script = (
        "import sys, django; django.setup(); from tongban.base import metrics; metrics.gauges._entries.clear();"
        "metrics.observe_job('a.task', 'succeeded', 0.02) if sys.argv[1:] else print(metrics.render().decode())"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tongban.main.settings",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
    }

    def run(*arguments: str) -> str:
        command = [sys.executable, "-c", script, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
        return done.stdout

    run("observe")
    run("observe")
    assert 'tongban_job_seconds_count{outcome="succeeded",task="a.task"} 2.0' in run()


@pytest.mark.django_db
def test_every_gauge_stands_on_the_reference_page() -> None:
    page = (Path(__file__).parents[5] / "docs/reference/metrics.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `tongban_")]
    for gauge in metrics.gauges:
        labels = next((row[1] for row in rows if f"`{gauge.name}`" in row[0]), None)
        assert labels is not None, gauge.name
        assert gauge.label == "" or labels.startswith(f"`{gauge.label}`: "), gauge.name
        reading = gauge.read()
        for value in reading if isinstance(reading, dict) else ():
            assert f"`{value}`" in labels, (gauge.name, value)
