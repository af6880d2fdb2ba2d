"""What we sent and what they say they have."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tongban.apps.docking import queries
from tongban.apps.docking import service as docking
from tongban.apps.docking.errors import StatementUnavailable
from tongban.apps.docking.models import Record
from tongban.base.time import local_date


def say(w: Any, *records: dict[str, str]) -> None:
    day = local_date(w.county.now)
    place = w.root / "statements"
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{day:%Y%m%d}.json").write_text(json.dumps({"day": f"{day:%Y%m%d}", "records": list(records)}))


def entry(record: Record, **change: str) -> dict[str, str]:
    return {"key": record.idempotency, "table": record.table, "digest": record.digest, **change}


def kinds(w: Any) -> list[str]:
    view = queries.day_of(w.it, local_date(w.county.now))
    return [one.kind.en for one in view.differences]


def fetch(w: Any) -> None:
    docking.fetch_statement(destination=w.it, day=local_date(w.county.now), at=w.county.now)


def test_where_both_have_the_same_there_is_no_difference(county: Any, wire: Any) -> None:
    w = wire()
    county.accept(county.submit())
    w.follow()
    w.send()
    w.accept_all()
    say(w, *map(entry, w.records()))
    fetch(w)
    view = queries.day_of(w.it, local_date(county.now))
    assert view.differences == []
    assert view.row.agrees
    assert [(row.number, row.ours, row.theirs) for row in view.tables] == [(5, 1, 1), (6, 1, 1), (7, 1, 1)]


def test_what_they_do_not_have_goes_again_under_the_same_key(county: Any, wire: Any) -> None:
    w = wire()
    county.accept(county.submit())
    w.follow()
    w.send()
    w.accept_all()
    first, *rest = w.records()
    say(w, *map(entry, rest))
    fetch(w)
    assert kinds(w) == ["They have none"]
    day = local_date(county.now)
    again = docking.resend_missing(
        actor=county.actor("sysadmin"),
        key="province",
        day=day,
        ids=[first.pk],
        reason="对账缺一条",
        at=county.now,
    )
    assert again == 1
    w.send()
    package = w.root / "out" / w.records()[0].package
    told = json.loads((package / "manifest.json").read_text())
    assert [row["key"] for row in told["records"]] == [first.idempotency]


def test_a_forgotten_content_is_made_anew_to_go_again(county: Any, wire: Any) -> None:
    w = wire()
    county.submit()
    w.follow()
    w.send()
    w.accept_all()
    Record.objects.update(content=None)
    [record] = w.records()
    docking.resend_missing(
        actor=county.actor("sysadmin"),
        key="province",
        day=local_date(county.now),
        ids=[record.pk],
        reason="对账缺一条",
        at=county.now,
    )
    [again] = w.records()
    assert again.content is not None
    assert (again.state, again.digest, again.idempotency) == ("waiting", record.digest, record.idempotency)


def test_a_record_they_have_is_accepted_though_its_receipt_was_lost(county: Any, wire: Any) -> None:
    w = wire()
    county.submit()
    w.follow()
    w.send()
    say(w, entry(w.records()[0]))
    fetch(w)
    assert w.states() == ["accepted"]
    assert kinds(w) == []


def test_other_content_and_foreign_records_are_named(county: Any, wire: Any) -> None:
    w = wire()
    county.submit()
    w.follow()
    w.send()
    w.accept_all()
    say(
        w,
        entry(w.records()[0], digest="sha256:other"),
        {"key": "f" * 40, "table": "rating", "digest": "sha256:1"},
    )
    fetch(w)
    assert kinds(w) == ["Not the same", "They have one we never sent"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"day": "20260601"}',
        '{"day": "20260602", "records": []}',
        '{"day": "20260601", "records": [{"key": "x"}]}',
    ],
)
def test_a_list_that_cannot_be_read_is_said_and_not_kept(county: Any, wire: Any, content: str) -> None:
    w = wire()
    (w.root / "statements").mkdir(parents=True)
    (w.root / "statements" / "20260601.json").write_text(content)
    with pytest.raises(StatementUnavailable):
        fetch(w)
    assert not w.it.statements.exists()


def test_no_list_is_no_difference(county: Any, wire: Any) -> None:
    w = wire()
    with pytest.raises(StatementUnavailable):
        fetch(w)
    assert queries.day_of(w.it, local_date(county.now)).row.agrees is None


def test_the_list_of_an_address_is_asked_for(county: Any, wire: Any, peer: Any) -> None:
    w = wire(kind="http", address=peer.url, timeout=2)
    county.accept(county.submit())
    w.follow()
    w.send()
    fetch(w)
    assert kinds(w) == []
    peer.effects.popitem()
    fetch(w)
    assert kinds(w) == ["They have none"]


def test_the_demo_platform_answers_and_keeps_books(county: Any, wire: Any, settings: Any) -> None:
    settings.TONGBAN_ENV = "demo"
    w = wire(demo_peer=True, form="xml")
    county.accept(county.submit())
    w.round()
    assert w.states() == ["accepted"] * 3
    fetch(w)
    assert kinds(w) == []


def test_the_demo_platform_refuses_an_act_of_a_case_it_does_not_know(
    county: Any, wire: Any, settings: Any
) -> None:
    settings.TONGBAN_ENV = "demo"
    w = wire(demo_peer=True)
    case = county.submit()
    w.round()
    (w.root / "peer.json").unlink()
    county.accept(case)
    w.round()
    assert set(w.states("application")) == {"accepted"}
    assert set(w.states("acceptance")) == {"refused"}
    assert case.number in w.records("acceptance")[0].reason


def test_the_demo_platform_never_answers_in_production(county: Any, wire: Any, settings: Any) -> None:
    settings.TONGBAN_ENV = "production"
    w = wire(demo_peer=True)
    county.submit()
    w.round()
    assert w.states() == ["sent"]
