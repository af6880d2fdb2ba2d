"""The audit administrator finds acts, and every search for a person and every export leaves an act."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.urls import reverse

from tests.support.county import County
from tongban.apps.audit.operations import search as operation
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.ledger.models import Act

PAGE, FIND, EXPORT = "/desk/audit/", "/desk/audit/find/", "/desk/audit/export/"


@pytest.fixture
def auditor(county: County) -> Any:
    return county.client("auditadmin")


def ids(response: Any) -> list[int]:
    return [row.id for row, _, _ in response.context["rows"]]


def acts(**wanted: Any) -> list[int]:
    return list(Act.objects.filter(**wanted).order_by("-id").values_list("id", flat=True)[:50])


def test_only_the_audit_administrator_gets_in(county: County) -> None:
    for name in ("window", "chief", "sysadmin", "secadmin"):
        client = county.client(name)
        assert client.get(PAGE).status_code == 403
        assert client.post(FIND, {"who": "x"}).status_code == 403
        assert client.post(EXPORT).status_code == 403
    assert county.client("citizen").get(PAGE).status_code == 404


def test_the_page_filters_by_unit_verb_case_day_channel_and_reads(county: County, auditor: Any) -> None:
    case = county.submit()
    county.accept(case)
    unit = case.unit_id

    assert ids(auditor.get(PAGE)) == acts()
    assert ids(auditor.get(PAGE, {"unit": unit})) == acts(unit_id=unit)
    assert ids(auditor.get(PAGE, {"verb": "cases.submit"})) == acts(verb="cases.submit")
    assert ids(auditor.get(PAGE, {"case": case.number})) == acts(case=str(case.ref))
    assert ids(auditor.get(PAGE, {"case": "CX-0000"})) == []
    assert ids(auditor.get(PAGE, {"channel": "system"})) == acts(channel="system")
    assert ids(auditor.get(PAGE, {"reads": "1"})) == acts(verb=ledger.READ)
    day = county.now.date().isoformat()
    assert set(ids(auditor.get(PAGE, {"since": day, "until": day}))) <= set(acts(at__date__gte="2026-01-01"))
    assert ids(auditor.get(PAGE, {"until": "1999-01-01"})) == []
    for wrong in (
        {"since": "x"},
        {"unit": "x"},
        {"verb": "x"},
        {"channel": "x"},
        {"before": "x"},
        {"about": "x"},
    ):
        assert auditor.get(PAGE, wrong).status_code == 200


def test_who_read_a_case_in_full_is_found_by_its_number(county: County, auditor: Any) -> None:
    case = county.submit()
    county.client("window").post(f"/desk/cases/{case.number}/unmask/", {"reason": "核对"})
    (read,) = acts(verb=ledger.READ, subject_kind="case", subject_id=str(case.pk))
    page = auditor.get(PAGE, {"case": case.number, "reads": "1"})
    assert [(row.id, number) for row, number, _ in page.context["rows"]] == [(read, case.number)]


def test_pages_are_cut_by_key(auditor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tongban.apps.audit import views

    monkeypatch.setattr(views, "ON_PAGE", 5)
    everything = list(Act.objects.order_by("-id").values_list("id", flat=True)[:15])
    first = auditor.get(PAGE)
    second = auditor.get(PAGE + first.context["next_url"])

    assert ids(first) + ids(second) == everything[:10]


def test_an_official_is_found_by_name_and_the_search_is_an_act(county: County, auditor: Any) -> None:
    window = county.account("window")
    county.accept(county.submit())

    led = auditor.post(FIND, {"who": window.person.name}, follow=True)

    assert led.request["QUERY_STRING"] == f"account={window.pk}"
    assert ids(led) and all(row.account_id == window.pk for row, _, _ in led.context["rows"])
    act = Act.objects.filter(verb="audit.search").latest("id")
    assert act.facts == {"by": "account", "account": window.pk}
    assert act.account_id == county.account("auditadmin").pk


def test_whom_acts_are_about_is_found_by_number_without_a_number_in_the_address(
    county: County, auditor: Any
) -> None:
    county.submit()
    person = county.account("citizen").person
    key = ledger.blind(person.citizen_id)

    refused = auditor.post(FIND, {"number": person.citizen_id})
    assert refused.status_code == 422
    assert not Act.objects.filter(verb="audit.search", about__contains=[key]).exists()

    led = auditor.post(FIND, {"number": person.citizen_id, "reason": "本人申诉"}, follow=True)
    assert person.citizen_id not in led.request["QUERY_STRING"]
    assert key.hex() not in led.request["QUERY_STRING"]
    assert ids(led) == acts(about__contains=[key])
    act = Act.objects.filter(verb="audit.search").latest("id")
    assert (act.reason, [bytes(k) for k in act.about]) == ("本人申诉", [key])
    other = county.client("auditadmin")
    assert ids(other.get(led.request["PATH_INFO"] + "?" + led.request["QUERY_STRING"])) == []


def test_a_name_that_nobody_has_is_said(auditor: Any) -> None:
    answer = auditor.post(FIND, {"who": "没有这个人"})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.context["errors"]] == ["who"]


def test_the_export_is_an_act_and_runs_no_formula(
    county: County, auditor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operation, "AT_ONCE", 7)
    chief = county.actor("chief")
    for reason in ("=HYPERLINK(1)", "@sum", "+1", "－1", "好"):
        ledger.record(actor=chief, verb="cases.open", subject=operation.LEDGER, reason=reason, at=county.now)
    wanted = Act.objects.filter(verb="cases.open").count()

    answer = auditor.post(f"{EXPORT}?verb=cases.open")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    header, *rows = list(csv.reader(io.StringIO(text)))

    assert answer["Content-Type"].startswith("text/csv")
    assert header[0] == "act"
    assert len(rows) == wanted
    assert {row[8] for row in rows} >= {"'=HYPERLINK(1)", "'@sum", "+1", "'－1", "好"}
    act = Act.objects.filter(verb="audit.export").latest("id")
    assert act.facts == {"filter": {"verb": "cases.open"}}


def test_a_search_that_takes_too_long_is_refused(auditor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    def slow(*args: Any, **kwargs: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(operation, "PATIENCE", 50)
    monkeypatch.setattr(ledger, "search_acts", slow)
    answer = auditor.get(PAGE)

    assert answer.status_code == 422
    assert answer.context["failure"].code == "search-too-wide"


def test_the_page_takes_few_statements(
    county: County, auditor: Any, django_assert_max_num_queries: Any
) -> None:
    county.accept(county.submit())
    auditor.get(PAGE)
    with django_assert_max_num_queries(22):
        auditor.get(PAGE)


def test_the_api_gives_the_same(county: County) -> None:
    county.accept(county.submit())
    account = county.account("window").pk
    client = county.client("")
    headers = county.token("auditadmin")

    answer = client.get(f"/api/v1/audit/acts?account={account}&limit=3", headers=headers)
    assert answer.status_code == 200
    found = answer.json()
    assert [act["id"] for act in found["acts"]] == acts(account_id=account)[:3]
    assert all(act["account"] == account for act in found["acts"])
    if found["next"]:
        more = client.get(
            f"/api/v1/audit/acts?account={account}&before={found['next']}", headers=headers
        ).json()
        assert all(act["id"] < found["next"] for act in more["acts"])
    assert client.get("/api/v1/audit/acts", headers=county.token("chief")).status_code == 403


# --- who read about me ---


def test_a_person_sees_who_read_about_her_grouped_and_in_words(county: County) -> None:
    person = county.account("citizen").person
    clerk = county.actor("window")
    for _ in range(3):
        ledger.record_read(
            actor=clerk,
            subject=operation.LEDGER,
            about=[person.citizen_id],
            purpose="核对身份",
            fields=["name", "citizen_id"],
            at=county.now,
        )
    page = county.client("citizen").get("/my/reads/")

    reads = page.context["reads"]
    mine = [read for month in reads.months for read in month.reads if read.purpose.zh == "核对身份"]
    assert [(read.who.zh, read.times) for read in mine] == [(clerk.name, 3)]
    assert [label.zh for label in mine[0].fields] == ["公民身份号码", "姓名"]
    assert mine[0].unit.zh and mine[0].post.zh
    assert county.now.year in reads.years
    assert clerk.name in page.content.decode()
    none = county.client("citizen").get("/my/reads/?year=1999")
    assert none.context["reads"].months == []
    assert county.client("rep").get("/my/reads/").content.decode().count("核对身份") == 0


def test_who_acts_for_a_firm_sees_who_read_about_the_firm(county: County) -> None:
    from tongban.kernel.identity.queries.people import keys_of_actor

    entity = identity.entities_of(county.account("rep").person_id, county.now)[0]
    actor = identity.actor_for(
        county.account("rep"), at=county.now, channel="web", entity_id=entity.entity_id
    )
    assert keys_of_actor(actor) == [entity.uscc]
    assert keys_of_actor(county.actor("window")) == []
    assert reverse("myspace:reads") == "/my/reads/"
