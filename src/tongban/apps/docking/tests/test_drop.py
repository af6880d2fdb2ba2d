"""A directory that both sides see."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from typing import Any

import pytest

from tongban.apps.docking import service as docking
from tongban.apps.docking.models import Record
from tongban.apps.docking.secret import keep_secret
from tongban.apps.docking.tests.conftest import destination
from tongban.apps.docking.transports import TransportFailed
from tongban.apps.docking.transports.drop import Drop


def manifest(package: Any) -> Any:
    return json.loads((package / "manifest.json").read_text())


def test_a_package_appears_whole_with_digests_of_every_file(county: Any, wire: Any) -> None:
    w = wire()
    keep_secret("province", "a shared secret")
    county.accept(county.submit())
    w.follow()
    assert w.send() == 3
    [package] = w.packages()
    told = manifest(package)
    assert [row["sequence"] for row in told["records"]] == [1, 2, 3]
    assert sorted(path.name for path in package.iterdir()) == sorted(
        [*(row["file"] for row in told["records"]), "manifest.json", "manifest.sig"]
    )
    for row in told["records"]:
        body = (package / row["file"]).read_bytes()
        assert row["file_digest"] == f"sha256:{hashlib.sha256(body).hexdigest()}"
        assert json.loads(body)["key"] == row["key"]
    made = hmac.new(b"a shared secret", (package / "manifest.json").read_bytes(), "sha256").hexdigest()
    assert (package / "manifest.sig").read_text().strip() == f"hmac-sha256:{made}"
    assert not list((w.root / "out").glob(".*"))
    assert w.states() == ["sent"] * 3


def test_nothing_goes_twice(county: Any, wire: Any) -> None:
    w = wire()
    county.submit()
    for _ in range(3):
        w.follow()
        w.send()
    assert len(w.packages()) == 1
    assert len(w.records()) == 1


def test_receipts_are_read_once_and_laid_aside(county: Any, wire: Any) -> None:
    w = wire()
    county.accept(county.submit())
    w.follow()
    w.send()
    first, second, third = w.records()
    w.answer(
        {"key": first.idempotency, "state": "accepted", "number": "SJ1"},
        {"key": second.idempotency, "state": "refused", "reason": "受理人员没有编码"},
    )
    assert w.receive() == 2
    assert w.states() == ["accepted", "refused", "sent"]
    assert [one.receipt for one in w.records()] == ["SJ1", "", ""]
    assert w.records()[1].reason == "受理人员没有编码"
    assert [path.name for path in (w.root / "receipts").iterdir()] == ["done"]
    assert w.receive() == 0
    assert third.idempotency == w.records()[2].idempotency


def test_an_answer_that_comes_twice_or_changes_its_mind_changes_nothing(county: Any, wire: Any) -> None:
    w = wire()
    county.submit()
    w.follow()
    w.send()
    key = w.records()[0].idempotency
    for number, state in enumerate(["accepted", "accepted", "refused"]):
        w.answer({"key": key, "state": state, "number": f"SJ{number}"}, name=f"{number}.json")
    w.receive()
    [record] = w.records()
    assert (record.state, record.receipt) == ("accepted", "SJ0")
    assert w.told(record) == ["made", "sent", "accepted", "repeated", "contradicted"]


def test_garbage_is_laid_aside_and_said(county: Any, wire: Any) -> None:
    w = wire()
    county.submit()
    w.follow()
    w.send()
    for name, content in (
        ("a.json", b"{"),
        ("b.json", b"[]"),
        ("c.json", b"\xff\xfe"),
        ("d.json", b'{"receipts": 3}'),
        ("e.json", b"[" * 100_000),
    ):
        (w.root / "receipts" / name).write_bytes(content)
    (w.root / "receipts" / "f.json").symlink_to("/etc/passwd")
    unknown = {"key": "0" * 40, "state": "perhaps"}
    w.answer({"key": "not-a-key", "state": "accepted"}, {"state": "accepted"}, unknown, name="g.json")
    w.answer({"key": "0" * 40, "state": "accepted"}, name="h.json")  # well made, and of nobody's
    w.receive()
    assert w.states() == ["sent"]
    assert destination().trouble.startswith("receipts-unreadable")
    assert len(list((w.root / "receipts" / "unreadable").iterdir())) >= 5


def test_a_receipt_for_other_content_is_not_taken(county: Any, wire: Any) -> None:
    w = wire()
    county.submit()
    w.follow()
    w.send()
    w.answer({"key": w.records()[0].idempotency, "state": "accepted", "digest": "sha256:other"})
    w.receive()
    [record] = w.records()
    assert record.state == "sent"
    assert w.told(record)[-1] == "mismatch"


def test_who_dies_after_the_package_appeared_does_not_write_it_again(
    county: Any, wire: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = wire()
    county.submit()
    w.follow()
    real = Drop.send

    def die(self: Any, name: str, parcels: Any) -> Any:
        real(self, name, parcels)
        raise KeyboardInterrupt

    monkeypatch.setattr(Drop, "send", die)
    with pytest.raises(KeyboardInterrupt):
        w.send()
    monkeypatch.undo()
    assert w.states() == ["sending"]
    w.round()
    assert w.states() == ["sending"], "its lease is not over yet"
    w.wait(minutes=30)
    assert docking.recover(destination_id=w.it.pk, at=county.now) == 1
    assert w.states() == ["sent"]
    assert len(w.packages()) == 1


def test_who_dies_before_the_package_appeared_sends_it_later(
    county: Any, wire: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = wire()
    county.submit()
    w.follow()

    def die(self: Any, name: str, parcels: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Drop, "send", die)
    with pytest.raises(KeyboardInterrupt):
        w.send()
    monkeypatch.undo()
    w.wait(minutes=30)
    docking.recover(destination_id=w.it.pk, at=county.now)
    assert w.states() == ["waiting"]
    w.send()
    assert w.states() == ["sent"]
    assert w.told(w.records()[0]) == ["made", "recovered", "sent"]


def test_a_receipt_that_overtakes_the_sender_counts(
    county: Any, wire: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = wire()
    county.submit()
    w.follow()
    real = Drop.send

    def answered_at_once(self: Any, name: str, parcels: Any) -> Any:
        answers = real(self, name, parcels)
        w.answer({"key": parcels[0].key, "state": "accepted", "number": "SJ1"})
        w.receive()
        return answers

    monkeypatch.setattr(Drop, "send", answered_at_once)
    w.send()
    assert w.states() == ["accepted"]


def test_a_directory_that_is_away_counts_against_nobody(county: Any, wire: Any) -> None:
    w = wire()
    county.submit()
    w.follow()
    w.root.parent.mkdir(parents=True, exist_ok=True)
    w.root.write_text("somebody made a file of it")
    for _ in range(20):
        w.send()
        w.wait(hours=1)
    [record] = w.records()
    assert (record.state, record.attempts) == ("waiting", 0)
    assert destination().trouble.startswith("file: ")
    w.root.unlink()
    w.send()
    assert w.states() == ["sent"]
    assert (destination().trouble, destination().failures) == ("", 0)


def test_a_directory_never_leads_out_of_the_exchange_directory(county: Any, wire: Any) -> None:
    w = wire()
    w.root.parent.mkdir(parents=True, exist_ok=True)
    w.root.symlink_to(w.root.parent.parent)
    county.submit()
    w.follow()
    with pytest.raises(TransportFailed, match="outside"):
        Drop(w.it)
    w.round()
    assert (w.states(), destination().trouble) == (["waiting"], "outside")
    w.root.unlink()


def test_what_has_no_receipt_for_a_day_goes_again_under_the_same_key(county: Any, wire: Any) -> None:
    w = wire()
    county.submit()
    w.follow()
    w.send()
    key = w.records()[0].idempotency
    w.wait(hours=25)
    assert w.give_up_waiting() == 1
    w.send()
    first, second = (manifest(package) for package in w.packages())
    assert [first["records"][0]["key"], second["records"][0]["key"]] == [key, key]
    assert first["package"] != second["package"]


def test_without_any_receipt_it_waits_for_a_person_in_the_end(county: Any, wire: Any) -> None:
    w = wire(attempts=2)
    county.submit()
    w.follow()
    for _ in range(3):
        w.send()
        w.wait(hours=25)
        w.give_up_waiting()
    assert w.states() == ["dead"]
    assert len(w.packages()) == 2


def test_nothing_personal_is_logged(
    county: Any, wire: Any, caplog: pytest.LogCaptureFixture, capsys: Any
) -> None:
    with caplog.at_level(logging.DEBUG):
        w = wire()
        county.accept(county.submit())
        w.follow()
        w.root.parent.mkdir(parents=True, exist_ok=True)
        w.root.write_text("away")
        w.send()
        w.root.unlink()
        w.wait(hours=1)
        w.send()
        w.answer(
            {"key": w.records()[0].idempotency, "state": "refused", "reason": "李秀英 532399198510271020"}
        )
        w.receive()
    told = caplog.text + "".join(capsys.readouterr())
    for secret in ("李秀英", "532399198510271020", "92532399MA10000099", "13812345678", "李记米线店"):
        assert secret not in told


def test_providing_personal_data_is_an_act_that_the_person_finds(county: Any, wire: Any) -> None:
    from tongban.kernel.ledger import service as ledger

    w = wire()
    county.submit()
    w.follow()
    before = len(ledger.reads_about("532399198510271020"))
    w.send()
    [newest, *_] = ledger.reads_about("532399198510271020")
    assert len(ledger.reads_about("532399198510271020")) == before + 1
    assert newest.reason == "docking.provide"
    assert "applicant_id" in newest.fields
    assert ledger.reads_about("92532399MA10000099")[0].reason == "docking.provide"


def test_the_content_is_forgotten_long_after_acceptance(county: Any, wire: Any) -> None:
    from tongban.apps.docking.operations.reconcile import forget_contents

    w = wire(keep_days=30)
    county.accept(county.submit())
    w.follow()
    w.send()
    w.answer({"key": w.records()[0].idempotency, "state": "accepted"})
    w.receive()
    w.wait(days=31)
    assert forget_contents(at=county.now) == 1
    assert [record.content is None for record in w.records()] == [True, False, False]
    assert Record.objects.get(pk=w.records()[0].pk).digest
