"""How many statements a page may take, whatever it holds: a list of twenty costs no more than a list of two.

The numbers are what was measured plus a little. A page that needs more asks in a loop: gather the rows at once instead.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.county import County

PAGES = {
    # page: (account, statements)
    "/": ("", 12),
    "/services/": ("", 3),
    "/services/?q=开小吃店": ("", 6),
    "/services/items/food-licence/": ("", 5),
    "/letters/": ("", 5),
    "/progress/{number}/": ("citizen", 20),
    "/my/": ("citizen", 11),
    "/my/messages/": ("citizen", 8),
    "/my/certificates/": ("citizen", 10),
    "/desk/list/todo/": ("window", 22),
    "/desk/list/doing/": ("window", 22),
    "/desk/cases/{number}/": ("window", 32),
    "/api/v1/tasks": ("window", 8),
    "/api/v1/cases/{number}": ("window", 22),
}


def _statements(county: County, url: str, who: str, number: str) -> tuple[int, list[str]]:
    client = county.client(who)
    headers = county.token(who) if url.startswith("/api/") else {}
    client.get(url.format(number=number), headers=headers)  # what is compiled once a process
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url.format(number=number), headers=headers)
    assert response.status_code == 200, url
    # A savepoint stands here for what is a transaction in the web, and costs nothing there.
    return len([q for q in captured if "SAVEPOINT" not in q["sql"]]), [q["sql"][:160] for q in captured]


@pytest.fixture
def filled(county: County) -> Any:
    """Two cases on the lists; ``more`` puts eight more there."""
    first = county.submit()

    def more() -> None:
        for _ in range(4):
            county.submit()
            county.submit("rep")

    return county, first, more


def test_pages_keep_their_budget_and_lists_do_not_grow_with_their_rows(filled: Any) -> None:
    county, first, more = filled
    few = {url: _statements(county, url, who, first.number)[0] for url, (who, _) in PAGES.items()}
    more()
    faults = []
    for url, (who, budget) in PAGES.items():
        count, statements = _statements(county, url, who, first.number)
        if count > few[url]:
            faults.append(
                f"{url}: {few[url]} statements with one case, {count} with nine\n  " + "\n  ".join(statements)
            )
        elif count > budget:
            faults.append(f"{url}: {count} statements, {budget} allowed\n  " + "\n  ".join(statements))
    assert not faults, "\n".join(faults)
