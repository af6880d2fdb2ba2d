"""What ``make bench`` measures is right before it is quick: figures, checks, the page of a run."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator

import pytest

from bench import engine, load, page
from bench.figures import beside, figure, line, short


def test_a_step_in_memory_is_short_and_its_state_small() -> None:
    """The shortest of three measurements: other programs may have disturbed the others."""
    runs = [engine.ours() for _ in range(3)]
    assert min(milliseconds for milliseconds, _, _ in runs) < engine.MAX_MILLISECONDS
    assert max(size for _, size, _ in runs) < engine.MAX_BYTES
    assert (engine.MAX_MILLISECONDS, engine.MAX_BYTES) == (0.1, 2048)


def test_a_figure_stands_beside_its_baseline_and_large_beside_small() -> None:
    assert figure("submit_per_s", 81.234, "1/s", 400) == {
        "name": "submit_per_s", "value": 81.23, "unit": "1/s", "baseline": 400, "ratio": 0.203,
    }  # fmt: skip
    assert [short(size) for size in (300, 10_000, 1_000_000, 1_234)] == ["300", "10k", "1m", "1234"]
    figures = [figure(f"desk_list_p95_ms_{size}", ms, "ms") for size, ms in (("10k", 20.0), ("1m", 25.0))]
    beside(figures, [10_000, 1_000_000])
    assert (figures[1]["baseline"], figures[1]["ratio"]) == (20.0, 1.25)
    assert line(figures[1]).split() == ["desk_list_p95_ms_1m", "25.0", "ms", "beside", "20.0:", "1.25"]


class _Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(409 if self.path == "/no" else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *words: object) -> None:
        """Be silent."""


@pytest.fixture
def port() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_a_load_counts_every_answer_and_ends_at_the_first_refusal(port: int) -> None:
    good, bad = load.Request("POST", "/yes", {}, b"{}"), load.Request("POST", "/no", {}, b"{}")
    told = load.run(port, [good] * 40, clients=4)
    assert len(told.milliseconds) == 40
    assert told.median <= told.p95
    with pytest.raises(load.Refused, match="/no: 409 ok"):
        load.run(port, [*[good] * 5, bad, good], clients=2)


def test_the_page_says_machine_day_and_which_aims_are_met() -> None:
    figures = [figure("submit_per_s", 90, "1/s", 500), figure("desk_list_p95_ms_1m", 61, "ms", 30)]
    about = {"day": "2026-11-22", "machine": "a machine", "commit": "abc", "cases": [10_000], "seconds": 1200}
    text = page.page({"about": about, "figures": figures})
    assert "2026-11-22, version abc, a machine; 10,000 cases" in text
    assert "| `submit_per_s` | 90 1/s | >= 80: met | 500 | 0.18 (aim >= 0.15: met) |" in text
    assert "< 50: missed | 30 | 2.033 (aim <= 1.5: missed) |" in text


def test_the_page_is_the_one_of_the_noted_run() -> None:
    note = json.loads(page.NOTES.read_text()) if page.NOTES.exists() else None
    assert page.PAGE.read_text() == page.page(note)
