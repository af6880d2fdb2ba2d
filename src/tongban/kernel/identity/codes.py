"""Query codes that a session has shown: whoever follows a case without an account also reads its papers and files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest

from tongban.base.actor import Actor
from tongban.base.errors import NotFound
from tongban.kernel.identity.queries.actors import actor_for_code

__all__ = ["as_whoever_may", "knows_code", "remember_code"]

SESSION_KEY = "known_cases"
REMEMBERED = 10
T = TypeVar("T")


def remember_code(request: HttpRequest, case_id: object) -> None:
    """Keep in the session that this visitor showed the query code of a case."""
    known = [each for each in request.session.get(SESSION_KEY, []) if each != str(case_id)]
    request.session[SESSION_KEY] = [*known[1 - REMEMBERED :], str(case_id)]


def knows_code(request: HttpRequest, case_id: object) -> bool:
    """Tell whether the session showed the query code of this case."""
    return str(case_id) in request.session.get(SESSION_KEY, [])


def as_whoever_may(request: HttpRequest, ask: Callable[[Actor], T]) -> T:
    """Ask as who is signed in, then as who showed each code; raise the first NotFound when nobody may.

    One capacity at a time: a letter written without a name must not meet the account that is signed in by chance.
    """
    try:
        return ask(request.actor)  # type: ignore[attr-defined]
    except NotFound:
        for case_id in reversed(request.session.get(SESSION_KEY, [])):
            try:
                return ask(actor_for_code(case_id))
            except NotFound:
                continue
        raise
