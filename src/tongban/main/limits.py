"""How much one may ask in a minute: a program with its token, a person who searches, and all of one network together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tongban.base.errors import TooManyRequests
from tongban.kernel.identity.service import Quota, network_of
from tongban.main.problems import ProblemMiddleware

__all__ = ["SEARCHES", "LimitMiddleware"]

SEARCHES = {
    "services:search",
    "services:catalogue",
    "voice:letters",
    "desk:search",
    "hall:kiosk-items",
    "certificates:verify",
    "instruments:verify",
}
"""Pages that look through much, or answer whether something exists."""
UNLIMITED = {"ops:healthz", "ops:metrics"}
NETWORK = 10
"""An office, a hall or a mobile operator's gateway: so many times what one program may."""


class LimitMiddleware:
    """Refuses with 429 and ``Retry-After`` who asks more than that; everybody else in the network goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        each = settings.TONGBAN_REQUESTS_PER_MINUTE
        self.program = Quota("program", each)
        self.search = Quota("search", each // 2)
        self.network = Quota("network", each * NETWORK)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Count once the route is known."""
        try:
            self._take(request)
        except TooManyRequests as refusal:
            return ProblemMiddleware(self.get_response).process_exception(request, refusal)
        return None

    def _take(self, request: HttpRequest) -> None:
        match = request.resolver_match
        route = match.view_name if match is not None else ""
        if route in UNLIMITED:
            return
        network = network_of(request.META.get("REMOTE_ADDR", ""))
        self.network.take(network)
        token = request.headers.get("Authorization", "")
        if token:
            self.program.take(hashlib.sha256(token.encode()).hexdigest())
        elif route in SEARCHES:
            is_known = settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated
            self.search.take(f"account {request.user.pk}" if is_known else network)
