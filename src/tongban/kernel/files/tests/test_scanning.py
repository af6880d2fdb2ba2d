"""Uploads are shown to a scanner that speaks clamd's protocol, here a small one of the test's own."""

from __future__ import annotations

import socketserver
import struct
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.files import clamd, errors, scanning, service
from tongban.kernel.files.models import File
from tongban.kernel.files.tests.samples import image, upload
from tongban.kernel.ledger.models import Act

AT = datetime(2026, 3, 5, tzinfo=UTC)
USE = Ref("test", "1")
# In two pieces, so that no scanner takes this file for what it tests (https://www.eicar.org).
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Scanner(socketserver.BaseRequestHandler):
    """Reads what clamd reads and finds the EICAR file anywhere in it."""

    def handle(self) -> None:
        command = self.until_nul()
        if command == b"zPING":
            self.request.sendall(b"PONG\0")
        elif command == b"zVERSION":
            self.request.sendall(b"ClamAV 1.4.2/27500/Mon Mar  2 09:00:00 2026\0")
        elif command == b"zINSTREAM":
            content = b""
            while size := struct.unpack("!I", self.exactly(4))[0]:
                content += self.exactly(size)
            self.request.sendall(self.server.answer(content))  # type: ignore[attr-defined]

    def until_nul(self) -> bytes:
        said = b""
        while not said.endswith(b"\0"):
            said += self.exactly(1)
        return said[:-1]

    def exactly(self, size: int) -> bytes:
        got = b""
        while len(got) < size:
            got += self.request.recv(size - len(got))
        return got


def finds_eicar(content: bytes) -> bytes:
    return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"


@contextmanager
def running(server: Any, answer: Any = finds_eicar) -> Any:
    server.answer = answer
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(params=["socket", "port"])
def scanner(request: Any, settings: Any, tmp_path: Path) -> Any:
    """A scanner at the path of a socket, and one at a port."""
    if request.param == "socket":
        server: Any = socketserver.UnixStreamServer(str(tmp_path / "clamd"), Scanner)
        settings.TONGBAN_CLAMD = str(tmp_path / "clamd")
    else:
        server = socketserver.TCPServer(("127.0.0.1", 0), Scanner)
        settings.TONGBAN_CLAMD = f"127.0.0.1:{server.server_address[1]}"
    with running(server):
        yield server


def store(content: bytes) -> File:
    return service.store_upload(
        actor=Actor.stranger(), upload=upload("门头.png", content), use=USE, role="plan", at=AT
    )


def test_a_clean_file_is_kept(db: Any, scanner: Any) -> None:
    large = image("PNG") + b"\0" * 700_000  # several pieces of the stream
    assert service.read_file(store(large).id) == large


def test_a_file_with_malware_is_refused_and_nothing_is_kept(db: Any, scanner: Any) -> None:
    with pytest.raises(errors.FileInfected) as refused:
        store(image("PNG") + EICAR)

    assert not File.objects.exists()
    assert "Eicar" not in f"{refused.value.title} {refused.value.data}", "whoever tries out learns no name"
    assert refused.value.status == 422


def test_the_refusal_is_an_act_although_its_transaction_is_rolled_back(db: Any, scanner: Any) -> None:
    def view(request: Any) -> HttpResponse:
        from django.db import transaction

        with pytest.raises(errors.FileInfected), transaction.atomic():
            store(image("PNG") + EICAR)
        return HttpResponse(status=422)

    scanning.FoundMiddleware(view)(RequestFactory().post("/"))
    act = Act.objects.get(verb="files.refuse_infected")

    assert act.facts["found"] == "Eicar-Test-Signature"
    assert (act.subject_kind, act.subject_id) == ("test", "1")
    assert not File.objects.exists()


@pytest.fixture
def away(settings: Any, tmp_path: Path) -> None:
    settings.TONGBAN_CLAMD = str(tmp_path / "nobody")


def test_while_the_scanner_is_away_uploads_wait(db: Any, away: None) -> None:
    with pytest.raises(errors.FileNotScanned) as refused:
        store(image("PNG"))

    assert (refused.value.status, refused.value.data["retry_after"]) == (503, 60)
    assert not File.objects.exists()
    assert not service.is_scanner_well()


def test_who_prefers_to_go_on_unscanned_says_so(db: Any, away: None, settings: Any) -> None:
    settings.TONGBAN_CLAMD_WHEN_DOWN = "accept"
    assert store(image("PNG")).size


@pytest.mark.parametrize("said", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: \0", b"hello"])
def test_an_answer_that_is_none_is_no_clean_bill(settings: Any, tmp_path: Path, said: bytes) -> None:
    server = socketserver.UnixStreamServer(str(tmp_path / "odd"), Scanner)
    with running(server, lambda _: said), pytest.raises(clamd.ScannerAway):
        clamd.scan(b"x", str(tmp_path / "odd"))


def test_without_a_scanner_nothing_is_asked(db: Any, settings: Any) -> None:
    settings.TONGBAN_CLAMD = ""
    assert store(image("PNG")).size
    assert service.is_scanner_well()


def test_the_doctor_asks_for_its_version(scanner: Any, settings: Any, tmp_path: Path) -> None:
    from tongban.main import environment
    from tongban.main.doctor.neighbours import look_at_scanner

    def level(address: str, **more: str) -> tuple[str, str]:
        [finding] = look_at_scanner(environment.read({"TONGBAN_CLAMD": address, **more}))
        return finding.level, finding.seen.en

    assert level(settings.TONGBAN_CLAMD) == ("ok", "ClamAV 1.4.2/27500/Mon Mar  2 09:00:00 2026")
    assert level(str(tmp_path / "nobody"))[0] == "fault"
    assert level("")[0] == "ok"
    assert level("", TONGBAN_ENV="production")[0] == "warning"
