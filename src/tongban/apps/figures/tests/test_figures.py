"""A number and the list behind it are the same rows: for everything that is counted, whoever looks, before and after a night."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.county import County
from tongban.apps.figures import publication, queries, service
from tongban.apps.figures.errors import FigureNotFound
from tongban.apps.figures.models import DayCount, MonthCount, StaleDay
from tongban.apps.figures.policies import units_of
from tongban.base import figures
from tongban.base.errors import Forbidden
from tongban.base.time import local_date
from tongban.kernel.cases.models import Case, Home
from tongban.kernel.cases.operations.homes import find_homes, find_new_homes
from tongban.kernel.identity.models import Unit

STATEMENTS = 30
"""How many statements the overview may take in all, the layout's and the visitor's too."""


@pytest.fixture
def busy(county: County) -> County:
    """Some days of work: applications received, one accepted, one late."""
    county.accept(county.submit())
    county.go_to("2026-06-03")
    county.submit()
    county.go_to("2026-06-05")
    county.accept(county.submit())
    county.go_to("2026-08-03")
    county.submit()
    find_homes()
    return county


def test_homes_are_asked_for_those_who_came_since_the_last_time(county: County) -> None:
    county.submit()
    find_new_homes()
    assert find_new_homes() == 0
    Home.objects.all().delete()
    county.submit()
    assert find_new_homes() > 0
    assert Home.objects.exists()


def unit_of(code: str) -> Any:
    """Return a unit by its code."""
    return Unit.objects.get(code=code)


def disagreements(units: frozenset[int] | None, at: Any) -> list[Any]:
    """Compare every number of the last months, in all and by unit, item and township, with the rows of its list."""
    since, until = date(2026, 5, 1), local_date(at) + timedelta(days=1)
    found = queries.Book(units=units, since=since, at=at).tables(since, until)
    present = queries.now_tables(units=units, at=at)
    wrong = []
    for measure in figures.measures:
        tables = present if measure.is_now else found
        dimensions: list[tuple[str, Any, int]] = [("", None, tables.total[measure.key])]
        for name, rows in (("unit_id", tables.by_unit), ("item", tables.by_item), ("place", tables.by_place)):
            dimensions += [(name, of, n[measure.key]) for of, n in rows.items()]
        for name, of, n in dimensions:
            narrowed = {name: of} if name else {}
            rows = queries.rows_behind(measure, units=units, since=since, until=until, at=at, **narrowed)
            if rows.count() != n:
                wrong.append((measure.key, name, of, n, rows.count()))
    return wrong


def test_every_number_is_the_length_of_its_list(busy: County) -> None:
    tables = queries.Book(units=None, since=date(2026, 5, 1), at=busy.now).tables(
        date(2026, 5, 1), date(2026, 9, 1)
    )
    assert (tables.total["received"], tables.total["accepted"]) == (4, 2)
    assert queries.now_tables(units=None, at=busy.now).total["overdue"] == 3
    assert disagreements(None, busy.now) == []
    assert service.count_days(at=busy.now) == 63
    assert DayCount.objects.filter(measure="received").count() == 3
    assert disagreements(None, busy.now) == []
    assert disagreements(units_of(busy.actor("chief")), busy.now) == []


def test_a_day_that_changes_after_it_was_counted_is_read_from_the_cases_and_counted_anew(
    busy: County,
) -> None:
    service.count_days(at=busy.now)
    case = Case.objects.filter(submitted_at__lt=busy.now - timedelta(days=30)).first()
    assert case is not None
    case.unit = unit_of("wjj")
    case.save()
    assert StaleDay.objects.count() > 0
    assert disagreements(None, busy.now) == []
    assert service.count_stale_days(at=busy.now) > 0
    assert StaleDay.objects.count() == 0
    assert DayCount.objects.filter(measure="received", unit=case.unit).count() == 1
    assert disagreements(None, busy.now) == []


def test_whole_months_are_read_from_their_sums_and_say_the_same(busy: County) -> None:
    service.count_days(at=busy.now)
    since, until = date(2026, 5, 17), date(2026, 8, 2)
    book = queries.Book(units=None, since=since, at=busy.now)
    by_months = (book.tables(since, until), book.trend([date(2026, 6, 1), date(2026, 7, 1)], "month"))
    DayCount.objects.filter(day__month=6).delete()
    assert (book.tables(since, until), book.trend([date(2026, 6, 1), date(2026, 7, 1)], "month")) == by_months
    assert by_months[0].total["received"] == 3


def test_a_kept_number_that_is_not_what_was_counted_is_found_and_counted_anew(busy: County) -> None:
    service.count_days(at=busy.now)
    assert service.check_counts(at=busy.now) == []
    newest = DayCount.objects.order_by("-day").first()
    assert newest is not None
    DayCount.objects.filter(pk=newest.pk).update(n=7)
    month = newest.day.replace(day=1)
    assert set(service.check_counts(at=busy.now)) == {month, newest.day}
    service.count_stale_days(at=busy.now)
    assert service.check_counts(at=busy.now) == []
    assert disagreements(None, busy.now) == []
    MonthCount.objects.filter(month=month).update(n=7)
    assert service.check_counts(at=busy.now) == [month]
    service.count_stale_days(at=busy.now)
    assert disagreements(None, busy.now) == []


def test_the_overview_shows_the_numbers_and_each_leads_to_its_list(busy: County) -> None:
    service.count_days(at=busy.now)
    client = busy.client("countyhead")
    with CaptureQueriesContext(connection) as asked:
        page = client.get("/desk/overview/?period=year")
    assert page.status_code == 200 and len(asked) <= STATEMENTS, len(asked)
    links = [*page.context["flow"], *page.context["now"]]
    cells = [
        cell
        for key in ("units", "items", "places")
        for row in page.context[key]["rows"]
        for cell in row.cells
    ]
    cells += [cell for _, row in page.context["trend"]["rows"] for cell in row]
    assert sum(fact.n for fact in links) > 0
    for each in {(each.url, each.n) for each in [*links, *cells]}:
        behind = client.get(each[0])
        assert behind.context["count"] == each[1], each
        assert len(behind.context["page"].items) == min(each[1], 30)
        assert "李秀英" not in behind.content.decode()


def test_who_leads_a_unit_sees_that_unit_only_and_others_nothing(busy: County) -> None:
    chief = busy.client("chief").get("/desk/overview/?period=year")
    assert [str(row.label.zh) for row in chief.context["units"]["rows"]] == ["县市场监管局"]
    other = f"/desk/overview/list/open/?unit={unit_of('wjj').pk}"
    assert busy.client("chief").get(other).status_code == 404
    assert units_of(busy.actor("oversight")) is None
    for nobody in ("window", "officer1", "mailbox", "sysadmin"):
        assert busy.client(nobody).get("/desk/overview/").status_code == 403
        assert busy.client(nobody).get("/desk/overview/list/open/").status_code == 403
        assert "/desk/overview/" not in busy.client(nobody).get("/desk/").content.decode()
        with pytest.raises(Forbidden):
            units_of(busy.actor(nobody))
    assert busy.client("citizen").get("/desk/overview/").status_code == 404
    assert busy.client().get("/desk/overview/").status_code == 302
    assert "/desk/overview/" in busy.client("countyhead").get("/desk/").content.decode()


def test_nonsense_is_no_list(county: County) -> None:
    client = county.client("countyhead")
    for address in ("nothing/", "received/", "received/?since=x&until=2026-06-01", "open/?unit=99999"):
        status = client.get(f"/desk/overview/list/{address}").status_code
        assert status == (200 if address.startswith("open") else 404) or status == 404
    assert client.get("/desk/overview/?period=zzz&since=2026-06-02&until=2026-06-01").status_code == 200


def test_the_public_figures_hide_what_is_small_and_name_nobody(busy: County) -> None:
    page = busy.client().get("/figures/").content.decode()
    assert "办得怎么样" in page and "李秀英" not in page and "李记" not in page
    items = publication.publish("year", at=busy.now).tables["items"]
    assert [line.values[0] for line in items.lines] == [publication.HIDDEN]
    assert busy.client().get("/figures/?period=2026-06").status_code == 200
    for form, kind in (("csv", "text/csv"), ("json", "application/json"), ("xlsx", "application/vnd")):
        answer = busy.client().get(f"/figures/year/units.{form}")
        assert answer.status_code == 200 and answer["Content-Type"].startswith(kind)
    told = busy.client().get("/figures/2026-06/months.json").json()
    assert told["licence"] == "CC-BY-4.0" and [row["key"] for row in told["rows"]][-1] == "2026-08"
    assert sum(row["received"] for row in told["rows"]) == 4
    for address in ("?period=1999-01", "year/nothing.csv", "year/units.exe", "2019-01/units.csv"):
        assert busy.client().get(f"/figures/{address}").status_code == 404
    with pytest.raises(FigureNotFound):
        publication.publish("2019-01", at=busy.now)


def test_days_used_stand_beside_the_limits(county: County) -> None:
    case = county.review(county.accept(county.submit()))
    county.go_to("2026-06-05")
    county.grant(case)
    county.go_to("2026-06-08")
    since = date(2026, 6, 1)
    book = queries.Book(units=None, since=since, at=county.now)
    live = book.sums(since, date(2026, 6, 9))["item:food-licence"]
    service.count_days(at=county.now)
    kept = queries.Book(units=None, since=since, at=county.now).sums(since, date(2026, 6, 9))[
        "item:food-licence"
    ]
    assert live == kept and live["used-n"] == 1 and live["used"] == 4
