"""One handler for every refusal, and one for every bug: an RFC 9457 problem document for the API, a page for people."""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults

from tongban.base.errors import Malformed, NotFound, ServerError, TongbanError, Unavailable, say_when
from tongban.base.text import LocalizedText
from tongban.main.away import is_away

__all__ = ["RETRY_AFTER", "ProblemMiddleware", "as_problem", "bad_request", "not_found", "server_error"]

RETRY_AFTER = 5
"""Seconds after which it is worth asking again when the database is away."""


def as_problem(error: TongbanError) -> JsonResponse:
    """Return the refusal as ``application/problem+json`` (RFC 9457)."""
    body = {
        "type": f"urn:tongban:problem:{error.code}",
        "code": error.code,
        "title": str(error.title),
        "status": error.status,
        **({"detail": str(error.detail)} if error.detail else {}),
        **error.data,
    }
    answer = JsonResponse(
        body,
        status=error.status,
        content_type="application/problem+json",
        json_dumps_params={"default": _plain},
    )
    return say_when(answer, error)


def server_error(request: HttpRequest, template_name: str = "500.html") -> HttpResponse:
    """Answer what nobody foresaw (Django's ``handler500``), with the id under which the log has the rest.

    A database that went away is nobody's bug: 503, and when to come back.
    """
    trace = getattr(request, "trace_id", "")
    away = is_away(sys.exc_info()[1])
    request.found_database_away = away  # type: ignore[attr-defined]
    error = Unavailable(trace=trace) if away else ServerError(trace=trace)
    if request.path.startswith("/api/"):
        response: HttpResponse = as_problem(error)
    else:
        page = "503.html" if away else template_name
        response = render(request, page, {"trace": trace}, status=error.status)
    if away:
        response["Retry-After"] = str(RETRY_AFTER)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django cannot read (its ``handler400``): a form of parts that has none, too many fields."""
    if request.path.startswith("/api/"):
        return as_problem(Malformed())
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that nobody has (Django's ``handler404``)."""
    if request.path.startswith("/api/"):
        return as_problem(NotFound())
    return defaults.page_not_found(request, exception)


def _plain(value: object) -> object:
    return value.as_json() if isinstance(value, LocalizedText) else str(value)


class ProblemMiddleware:
    """Turns a TongbanError that left a view into a page that says what happened and what to do next."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal; leave anything else to Django, because it is a bug."""
        if not isinstance(exception, TongbanError):
            return None
        if request.path.startswith("/api/"):
            return as_problem(exception)
        page = render(request, "design/problem.html", {"error": exception}, status=exception.status)
        return say_when(page, exception)
