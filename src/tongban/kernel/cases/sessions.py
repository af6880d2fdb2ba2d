"""How a visitor is known: as an official, as a party signed in, or by the query code that the session remembers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from tongban.base.actor import Actor
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.cases.policies import is_party
from tongban.kernel.cases.queries import find_by_code
from tongban.kernel.identity import service as identity

__all__ = ["case_by_code", "party_actor", "remember_code"]


def case_by_code(request: HttpRequest, number: str, code: str) -> Any:
    """Return the case that number and query code belong to, however the visitor says them: a page or the API.

    Guessing is slowed down per case and address. Raises WrongCode, TooManyAttempts.
    """
    what = f"code:{number.strip().upper()}"
    identity.throttle(what, request=request)
    case = find_by_code(number, code)
    identity.relent(what, request=request)
    return case


def remember_code(request: HttpRequest, case: Any) -> None:
    """Keep in the session that this visitor showed the query code of a case."""
    identity.remember_code(request, case.pk)


def party_actor(request: HttpRequest, case: Any) -> Actor:
    """Return in which capacity the visitor may see the case: signed in as a party, or by the code. Raises CaseNotFound.

    An official is a party where the applicant let the post act for her (the village agent).
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.holders and is_party(actor, case):
        return actor
    if identity.knows_code(request, case.pk):
        return identity.actor_for_code(case.pk)
    raise CaseNotFound
