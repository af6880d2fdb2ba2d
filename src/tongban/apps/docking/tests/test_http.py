"""An upper platform behind an address that refuses, delays, answers twice, loses the answer, talks nonsense."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tongban.apps.docking import service as docking
from tongban.apps.docking.secret import keep_secret
from tongban.apps.docking.tests.conftest import destination
from tongban.apps.docking.transports.base import Parcel, TransportFailed
from tongban.apps.docking.transports.http import Http, signature


@pytest.fixture
def line(wire: Any, peer: Any) -> Any:
    """A destination behind the peer's address."""
    return wire(kind="http", address=peer.url, timeout=2)


def test_each_record_is_one_signed_request_in_order(county: Any, line: Any, peer: Any) -> None:
    keep_secret("province", "a shared secret")
    county.accept(county.submit())
    line.follow()
    assert line.send() == 3
    assert line.states() == ["accepted"] * 3
    assert [json.loads(each["body"])["sequence"] for each in peer.requests] == ["1", "2", "3"]
    for each, record in zip(peer.requests, line.records(), strict=True):
        told = each["headers"]
        digest = hashlib.sha256(each["body"]).hexdigest()
        parts = ("POST", "/exchange", told["Tongban-Time"], record.idempotency, digest)
        assert told["Tongban-Signature"] == signature(b"a shared secret", *parts)
        assert told["Idempotency-Key"] == record.idempotency
        assert record.receipt == f"N-{record.idempotency[:6]}"


def test_a_lost_answer_has_one_effect(county: Any, line: Any, peer: Any) -> None:
    peer.mood = ["lose"]
    county.submit()
    line.follow()
    line.send()
    assert line.states() == ["waiting"]
    assert len(peer.effects) == 1
    line.wait(minutes=20)
    line.send()
    [record] = line.records()
    assert record.state == "accepted"
    assert list(peer.effects) == [record.idempotency]
    assert len({each["body"] for each in peer.requests}) == 1


def test_what_they_refuse_waits_for_a_person_and_holds_back_what_follows(
    county: Any, line: Any, peer: Any
) -> None:
    peer.mood = ["refuse"]
    case = county.accept(county.submit())
    other = county.submit("rep")
    line.follow()
    line.send()
    line.send()
    mine = [one.state for one in line.records() if one.case_number == case.number]
    assert mine == ["refused", "waiting", "waiting"]
    assert [one.state for one in line.records() if one.case_number == other.number] == ["accepted"]
    assert line.records()[0].reason == "事项未在目录中"


def test_a_receipt_that_comes_later_is_fetched(county: Any, line: Any, peer: Any) -> None:
    peer.mood = ["later"]
    county.accept(county.submit())
    line.follow()
    line.send()
    line.send()
    assert line.states() == ["sent", "waiting", "waiting"], "the next of the same case waits for the receipt"
    line.receive()
    line.send()
    assert line.states() == ["accepted"] * 3


def test_an_answer_that_comes_twice_is_no_harm(county: Any, line: Any, peer: Any) -> None:
    peer.mood = ["later"]
    county.submit()
    line.follow()
    line.send()
    line.receive()
    county.accept(line_case(county, line))
    line.follow()
    peer.mood = ["later"]
    line.send()
    assert line.receive() == 2
    assert line.records()[0].state == "accepted"
    assert line.told(line.records()[0])[-1] == "repeated"


def line_case(county: Any, line: Any) -> Any:
    from tongban.kernel.cases import service as cases

    return cases.find_by_number(line.records()[0].case_number)


@pytest.mark.parametrize("mood", ["garbage", "foreign"])
def test_an_answer_that_is_no_receipt_is_a_failure_of_the_record(
    county: Any, line: Any, peer: Any, mood: str
) -> None:
    peer.mood = [mood] * 30
    county.submit()
    line.follow()
    for _ in range(13):
        line.send()
        line.wait(hours=7)
    [record] = line.records()
    assert record.state == "dead"
    assert record.reason.startswith("garbage")
    assert record.attempts == 12
    assert line.told(record) == ["made", *["failed"] * 11, "dead"]


def test_a_redirect_is_not_followed(county: Any, line: Any, peer: Any) -> None:
    peer.mood = ["redirect"]
    county.submit()
    line.follow()
    line.send()
    assert line.states() == ["waiting"]
    assert [each["path"] for each in peer.requests] == ["/exchange"]


def test_while_they_are_away_nothing_counts_against_a_record(county: Any, line: Any, peer: Any) -> None:
    peer.mood = ["down"] * 40
    for who in ("citizen", "rep"):
        county.submit(who)
    line.follow()
    line.send()
    assert len(peer.requests) == 1, "after the first failure nothing else is tried"
    line.send()
    assert len(peer.requests) == 1, "they asked for two minutes"
    for _ in range(30):
        line.wait(hours=1)
        line.send()
    assert len(peer.requests) == 31, "one record at a time knocks at the door"
    assert [(one.state, one.attempts) for one in line.records()] == [("waiting", 0)] * 2
    assert destination().trouble == "status 503"
    peer.mood = []
    line.wait(hours=1)
    line.send()
    line.send()
    assert line.states() == ["accepted"] * 2
    assert destination().trouble == ""


def test_an_answer_that_does_not_come_in_time_is_a_failure(
    county: Any, wire: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    silent = socket.create_server(("127.0.0.1", 0))
    try:
        line = wire(kind="http", address=f"http://127.0.0.1:{silent.getsockname()[1]}/x", timeout=1)
        with pytest.raises(TransportFailed, match="timeout") as failure:
            Http(line.it).send("p", [Parcel("a" * 40, 1, "item", "20260601", "d", b"{}")])
        assert not failure.value.is_away
    finally:
        silent.close()


def test_who_dies_after_sending_sends_again_with_one_effect(
    county: Any, line: Any, peer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    county.submit()
    line.follow()
    real = Http.send

    def die(self: Any, name: str, parcels: Any) -> Any:
        real(self, name, parcels)
        raise KeyboardInterrupt

    monkeypatch.setattr(Http, "send", die)
    with pytest.raises(KeyboardInterrupt):
        line.send()
    monkeypatch.undo()
    line.wait(minutes=30)
    docking.recover(destination_id=line.it.pk, at=county.now)
    line.send()
    assert line.states() == ["accepted"]
    assert len(peer.requests) == 2
    assert len(peer.effects) == 1


def test_every_order_of_moods_ends_with_one_effect_a_record(county: Any, line: Any, peer: Any) -> None:
    peer.mood = ["lose", "garbage", "down", "later", "lose", "redirect", "foreign", "accept", "lose"]
    county.grant(county.review(county.accept(county.submit())))
    county.drain()
    for _ in range(60):
        line.round()
        line.wait(hours=3)
    assert set(line.states()) == {"accepted"}
    assert len(peer.effects) == len(line.records())
    told = [int(json.loads(body)["sequence"]) for body in peer.effects.values()]
    assert told == sorted(told), "about one case they learn everything in order"
