"""The pages that a replica of the database may answer write nothing, and how the replica is lent."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection, connections, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from tests.support.county import County
from tongban.main import database, replica
from tongban.main.replica import COOKIE, ROUTES, ReplicaMiddleware

ARGUMENTS: dict[str, dict[str, str]] = {
    "services:item": {"key": "food-licence"},
    "services:guidance": {"key": "open-snack-bar"},
    "oversight:extract-csv": {"month": "2026-01"},
    "oversight:extract-json": {"month": "2026-01"},
    "desk:list": {"view": "todo"},
    "desk:export": {"view": "todo"},
}


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_it_writes_nothing(county: County, route: str) -> None:
    """In a transaction that may only read, as a replica's is."""
    browser = county.client("officer1" if route.startswith("desk:") else "")
    address = reverse(route, kwargs=ARGUMENTS.get(route))
    browser.get(address)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL transaction_read_only = on")
        answer = browser.get(address)
        transaction.set_rollback(True)
    assert answer.status_code == 200


def test_without_a_replica_it_is_not_there() -> None:
    with pytest.raises(MiddlewareNotUsed):
        ReplicaMiddleware(lambda request: HttpResponse())


@pytest.mark.django_db
def test_an_address_of_the_replica_is_only_read_even_if_it_is_the_primary() -> None:
    """By mistake or because it was promoted: a write fails and says so."""
    own = connection.get_connection_params()
    described = database.replica_settings("postgresql://a@h/x")
    assert described["OPTIONS"]["options"] == "-c default_transaction_read_only=on"
    options = f"{own.pop('options', '')} {described['OPTIONS']['options']}"
    with (
        psycopg.connect(**own, options=options) as copy,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        copy.execute("INSERT INTO base_counter (key, last) VALUES ('x', 1)")


class Copy:
    """A replica that says whether it is fit, or is away."""

    def __init__(self, is_fit: bool | None) -> None:
        self.is_fit, self.asked, self.execute_wrappers = is_fit, [], []

    def cursor(self) -> Copy:
        if self.is_fit is None:
            from django.db import OperationalError

            raise OperationalError("refused") from psycopg.OperationalError("refused")
        return self

    def __enter__(self) -> Copy:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, statement: str, values: list[Any]) -> None:
        self.asked.append(values[0])

    def fetchone(self) -> tuple[bool | None]:
        return (self.is_fit,)

    def close(self) -> None:
        pass


@pytest.fixture
def lent(monkeypatch: pytest.MonkeyPatch):
    """Return what answers a request for a route beside a replica: the copy or the primary."""
    monkeypatch.setattr(replica, "_rests_until", float("-inf"))
    monkeypatch.setattr(replica.published, "forget", lambda: None)

    def ask(copy: Copy, route: str, method: str = "GET", **cookies: str) -> str:
        monkeypatch.setitem(settings.DATABASES, "replica", {})
        own = connections["default"]
        connections["replica"] = copy  # type: ignore[assignment]
        seen: list[str] = []

        def view(request: Any) -> HttpResponse:
            middleware.process_view(request, view, (), {})
            seen.append("copy" if connections["default"] is copy else "primary")
            return HttpResponse()

        middleware = ReplicaMiddleware(view)
        request = RequestFactory().generic(method, "/")
        request.COOKIES.update(cookies)
        request.resolver_match = SimpleNamespace(view_name=route)  # type: ignore[assignment]
        try:
            if method == "GET":
                middleware(request)
            assert connections["default"] is own
        finally:
            delattr(connections._connections, "replica")
        return seen[0]

    return ask


def test_a_page_that_is_only_read_comes_from_the_copy(lent: Any) -> None:
    assert lent(Copy(True), "services:search") == "copy"
    assert lent(Copy(True), "services:apply") == "primary"
    assert lent(Copy(False), "services:search") == "primary"


def test_the_copy_is_asked_whether_it_has_what_this_browser_wrote(lent: Any) -> None:
    copy = Copy(True)
    for cookie in ("16/B374D848", "'; DROP TABLE x", ""):
        lent(copy, "services:search", **{COOKIE: cookie})
    assert copy.asked == ["16/B374D848", None, None]


def test_a_copy_that_is_away_is_left_alone_for_a_while(lent: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lent(Copy(None), "services:search") == "primary"
    assert lent(Copy(True), "services:search") == "primary"
    monkeypatch.setattr(replica, "PAUSE", 0.0)
    monkeypatch.setattr(replica, "_rests_until", float("-inf"))
    assert lent(Copy(True), "services:search") == "copy"
