"""The threat: a NUL character in an address, a field or a JSON text. PostgreSQL stores none and says so with an error, which
would reach people as "server error" and fill the log. The remedy: such a request is refused at the door, whole, with 400.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tongban.base.errors import NulRefused
from tongban.main.problems import as_problem

__all__ = ["NulMiddleware"]

NUL = "\x00"


class NulMiddleware:
    """Refuses requests with a NUL character before any view sees them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not has_nul(request):
            return self.get_response(request)
        refusal = NulRefused()
        if request.path.startswith("/api/"):
            return as_problem(refusal)
        return render(request, "400.html", status=refusal.status)


def has_nul(request: HttpRequest) -> bool:
    """Say whether path, query or body of a request has a NUL character, raw or escaped."""
    if NUL in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        return True
    if request.method not in ("POST", "PUT", "PATCH"):
        return False
    if request.content_type == "application/json":
        return b"\\u0000" in request.body or b"\x00" in request.body
    fields = request.POST if request.method == "POST" else {}
    return any(NUL in value for values in dict(fields).values() for value in values)
