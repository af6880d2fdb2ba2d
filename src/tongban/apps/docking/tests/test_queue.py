"""The queue: once an act, in order, nothing that violates the standard; what a person may do about it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection

from tongban.apps.docking import making
from tongban.apps.docking import service as docking
from tongban.apps.docking.errors import DestinationInvalid, NothingToDo, ReasonMissing
from tongban.apps.docking.models import Destination, Record
from tongban.apps.docking.tests.conftest import destination
from tongban.base.errors import Forbidden
from tongban.kernel.ledger import service as ledger


def acts(verb: str) -> list[Any]:
    return ledger.search_acts(ledger.ActFilter(verb=verb))


def test_an_act_becomes_its_records_once_and_each_destination_has_its_own(county: Any, wire: Any) -> None:
    w = wire()
    other = wire(key="city", name={"zh": "市平台"}, address="city")
    county.submit()
    for _ in range(3):
        w.follow()
        other.follow()
    [mine], [theirs] = w.records(), other.records()
    assert (mine.sequence, theirs.sequence) == (1, 1)
    assert mine.digest == theirs.digest
    assert mine.idempotency != theirs.idempotency


def test_a_new_destination_begins_now_or_at_the_first_act(county: Any, wire: Any) -> None:
    from tongban.base.actor import Actor

    county.submit()
    now = wire()
    now.follow()
    assert now.records() == []
    content = {"key": "all", "name": {"zh": "全部"}, "kind": "drop", "address": "all"}
    every = docking.put_destination(actor=Actor.system("t"), content=content, from_start=True, at=county.now)
    while docking.follow(destination_id=every.pk, at=county.now):
        pass
    assert {one.table for one in Record.objects.filter(destination=every)} == {"item", "application"}


def test_what_violates_the_standard_is_never_sent_and_says_why(county: Any, wire: Any) -> None:
    w = wire(widths="literal")
    county.accept(county.submit())
    w.follow()
    application, processing, acceptance = w.records()
    assert application.state == "invalid"
    assert application.faults[0]["name"] == "实施编码"
    assert w.send() == 0
    assert w.packages() == []
    assert (processing.state, acceptance.state) == ("waiting", "invalid")


def test_a_record_that_cannot_be_made_stands_in_the_list_and_the_rest_goes_on(
    county: Any, wire: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = wire()
    case = county.accept(county.submit())

    def fail(act: Any, case: Any) -> Any:
        raise RuntimeError(case.applicant_name)

    broken = tuple(
        making.Rule(r.verb, r.table, fail if r.table == "application" else r.make, r.kind)
        for r in making.RULES
    )
    with monkeypatch.context() as patch:
        patch.setattr(making, "RULES", broken)
        w.follow()
    first, second, third = w.records()
    assert (first.state, second.state, third.state) == ("invalid", "waiting", "waiting")
    assert "RuntimeError" in first.faults[0]["message"]["en"]
    assert case.applicant_name not in str(first.faults)
    docking.resend(actor=county.actor("sysadmin"), record_id=first.pk, reason="补好了", at=county.now)
    assert (w.records()[0].state, w.records()[0].table) == ("waiting", "application")
    w.send()
    assert w.states() == ["sent"] * 3


def test_trouble_of_the_database_is_no_fault_of_the_act(
    county: Any, wire: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = wire()
    county.submit()

    def fail(act: Any, case: Any) -> Any:
        raise OperationalError("the server is going down")

    with monkeypatch.context() as patch:
        patch.setattr(
            making, "RULES", tuple(making.Rule(r.verb, r.table, fail, r.kind) for r in making.RULES)
        )
        with pytest.raises(OperationalError):
            w.follow()
    assert w.records() == []
    w.follow()
    assert w.states() == ["waiting"]


def test_what_was_put_right_is_made_anew_under_a_new_key(county: Any, wire: Any) -> None:
    w = wire(widths="literal")
    county.submit()
    w.follow()
    before = w.records()[0].idempotency
    put = {
        "key": "province",
        "name": {"zh": "省平台"},
        "kind": "drop",
        "address": "province",
        "names": "code",
    }
    docking.put_destination(actor=county.actor("sysadmin"), content=put, at=county.now)
    docking.resend(
        actor=county.actor("sysadmin"), record_id=w.records()[0].pk, reason="放宽长度", at=county.now
    )
    [record] = w.records()
    assert (record.state, record.faults) == ("waiting", [])
    assert record.idempotency == before, "the content is the same, so is its key"


def test_a_dead_record_goes_again_as_it_was(county: Any, wire: Any) -> None:
    w = wire()
    county.submit()
    w.follow()
    Record.objects.update(state="dead", attempts=12)
    before = w.records()[0]
    docking.resend(actor=county.actor("sysadmin"), record_id=before.pk, reason="网络修好了", at=county.now)
    after = w.records()[0]
    assert (after.state, after.attempts, after.idempotency) == ("waiting", 0, before.idempotency)
    [act] = acts("docking.resend")
    assert (act.reason, act.facts) == (
        "网络修好了",
        {"destination": "province", "table": "application", "sequence": 1},
    )


def test_leaving_one_out_lets_the_rest_go(county: Any, wire: Any) -> None:
    w = wire()
    county.accept(county.submit())
    w.follow()
    Record.objects.filter(pk=w.records()[0].pk).update(state="refused")
    assert w.send() == 0
    docking.skip(
        actor=county.actor("sysadmin"), record_id=w.records()[0].pk, reason="对方已手工补录", at=county.now
    )
    assert w.send() == 2
    assert w.states() == ["skipped", "sent", "sent"]
    assert w.told(w.records()[0])[-1] == "skipped"


def test_many_go_again_at_once(county: Any, wire: Any) -> None:
    w = wire()
    county.submit()
    county.submit("rep")
    w.follow()
    Record.objects.update(state="dead")
    actor = county.actor("sysadmin")
    assert (
        docking.resend_all(actor=actor, key="province", state="dead", reason="网络修好了", at=county.now) == 2
    )
    assert w.states() == ["waiting", "waiting"]


@pytest.mark.parametrize("state", ["waiting", "sent", "accepted", "skipped"])
def test_what_is_on_its_way_or_over_is_not_sent_again(county: Any, wire: Any, state: str) -> None:
    w = wire()
    county.submit()
    w.follow()
    Record.objects.update(state=state)
    with pytest.raises(NothingToDo):
        docking.resend(
            actor=county.actor("sysadmin"), record_id=w.records()[0].pk, reason="试试", at=county.now
        )
    assert w.states() == [state]
    assert acts("docking.resend") == []


def test_without_a_reason_nothing_is_done(county: Any, wire: Any) -> None:
    w = wire()
    county.submit()
    w.follow()
    Record.objects.update(state="dead")
    for work in (docking.resend, docking.skip):
        with pytest.raises(ReasonMissing):
            work(actor=county.actor("sysadmin"), record_id=w.records()[0].pk, reason="  ", at=county.now)
    assert w.states() == ["dead"]
    assert acts("docking.resend") == acts("docking.skip") == []


@pytest.mark.parametrize("who", ["window", "chief", "auditadmin", "citizen"])
def test_only_the_system_administrator_touches_anything(county: Any, wire: Any, who: str) -> None:
    w = wire()
    county.submit()
    w.follow()
    Record.objects.update(state="dead")
    actor, record = county.actor(who), w.records()[0]
    content = {"key": "mine", "name": {"zh": "我的"}, "kind": "drop", "address": "mine"}
    for attempt in (
        lambda: docking.put_destination(actor=actor, content=content, at=county.now),
        lambda: docking.switch(actor=actor, key="province", on=False, at=county.now),
        lambda: docking.resend(actor=actor, record_id=record.pk, reason="x", at=county.now),
        lambda: docking.skip(actor=actor, record_id=record.pk, reason="x", at=county.now),
        lambda: docking.resend_all(actor=actor, key="province", state="dead", reason="x", at=county.now),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert w.states() == ["dead"]
    assert Destination.objects.count() == 1
    assert acts("docking.resend") == acts("docking.switch_off") == []


def test_switched_off_nothing_goes_and_nothing_is_lost(county: Any, wire: Any) -> None:
    w = wire()
    docking.switch(actor=county.actor("sysadmin"), key="province", on=False, at=county.now)
    county.submit()
    w.round()
    assert w.records() == []
    docking.switch(actor=county.actor("sysadmin"), key="province", on=True, at=county.now)
    w.round()
    assert w.states() == ["sent"]
    assert [len(acts(verb)) for verb in ("docking.switch_on", "docking.switch_off")] == [1, 1]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"key": "New"}, "key"),
        ({"key": "records"}, "key"),
        ({"name": {"zh": ""}}, "name"),
        ({"kind": "ftp"}, "kind"),
        ({"address": "/etc"}, "address"),
        ({"address": "../../etc"}, "address"),
        ({"address": "a/./b/.."}, "address"),
        ({"kind": "http", "address": "http://up.example.gov.cn/x"}, "address"),
        ({"kind": "http", "address": "https://user:pw@up.example.gov.cn/x"}, "address"),
        ({"kind": "http", "address": "https://169.254.169.254/x"}, "address"),
        ({"kind": "http", "address": "file:///etc/passwd"}, "address"),
        ({"kind": "http", "address": "https://[bad"}, "address"),
        ({"batch": 0}, "batch"),
        ({"timeout": "10"}, "timeout"),
        ({"attempts": True}, "attempts"),
        ({"form": "csv"}, "form"),
        ({"tables": ["secrets"]}, "tables"),
    ],
)
def test_a_destination_that_cannot_be_is_refused(county: Any, change: dict[str, Any], field: str) -> None:
    content = {"key": "x", "name": {"zh": "省平台"}, "kind": "drop", "address": "x", **change}
    before = Destination.objects.count()
    with pytest.raises(DestinationInvalid) as refusal:
        docking.put_destination(actor=county.actor("sysadmin"), content=content, at=county.now)
    assert [error["field"] for error in refusal.value.data["errors"]] == [field]
    assert Destination.objects.count() == before
    assert [act for act in acts("docking.put_destination") if not act.is_system] == []


def test_a_secret_is_a_file_that_only_its_owner_reads(county: Any, wire: Any) -> None:
    from pathlib import Path

    from django.conf import settings

    content = {"key": "x", "name": {"zh": "省平台"}, "kind": "drop", "address": "x"}
    docking.put_destination(
        actor=county.actor("sysadmin"), content=content, secret="s3cr3t-of-x", at=county.now
    )
    path = Path(settings.TONGBAN_HOME) / "secrets" / "docking-x"
    assert path.read_text().strip() == "s3cr3t-of-x"
    assert path.stat().st_mode & 0o777 == 0o600
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM docking_destination d WHERE d::text LIKE '%s3cr3t%'")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM ledger_act a WHERE a::text LIKE '%s3cr3t%'")
        assert cursor.fetchone() == (0,)
    path.unlink()


def test_the_numbers_have_no_gaps_and_the_place_moves_with_them(county: Any, wire: Any) -> None:
    w = wire()
    county.grant(county.review(county.accept(county.submit())))
    county.drain()
    while docking.follow(destination_id=w.it.pk, at=county.now, limit=3):
        pass
    found = w.records()
    assert [one.sequence for one in found] == list(range(1, len(found) + 1))
    assert destination().last_sequence == len(found)
    assert [one.act_id for one in found] == sorted(one.act_id for one in found)
