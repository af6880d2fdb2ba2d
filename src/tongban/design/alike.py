"""Public pages that every stranger sees alike are made once in some seconds, however many ask.

On the evening before schools take applications a whole county looks at one page. It would be counted and drawn anew for each of
them; kept, it is a look at the stamps of what is published and the bytes. So what is published counts at once, and the rest (a
letter, a number) ``TONGBAN_PAGE_SECONDS`` later. Only for who brings nothing that could make a difference: no session, no token,
no question in the address.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from tongban.base.published import stamps
from tongban.design.context import SENIOR_COOKIE

__all__ = ["alike_for_strangers", "forget"]

MOST = 200
"""Of so many pages a process keeps what it made; then it forgets all, and goes on."""
MEANWHILE = 2.0
"""Seconds for which the former page is shown to others while one makes it anew."""


class _Page(NamedTuple):
    until: float
    content: bytes
    content_type: str


_kept: dict[tuple[Any, ...], _Page] = {}


def alike_for_strangers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep what this view shows to strangers. It must not depend on anything but address, language and edition."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.TONGBAN_PAGE_SECONDS or not _is_strange(request):
            return view(request, *args, **kwargs)
        now = time.monotonic()
        key = (request.path, get_language(), request.COOKIES.get(SENIOR_COOKIE), *sorted(stamps().items()))
        page = _kept.get(key)
        if page is not None:
            if now < page.until:
                return HttpResponse(page.content, content_type=page.content_type)
            _kept[key] = page._replace(until=now + MEANWHILE)
        response = view(request, *args, **kwargs)
        if _may_be_kept(request, response):
            if len(_kept) >= MOST:
                _kept.clear()
            until = now + settings.TONGBAN_PAGE_SECONDS
            _kept[key] = _Page(until, response.content, response.headers["Content-Type"])
        return response

    return shown


def forget() -> None:
    """Forget all pages of this process."""
    _kept.clear()


def _is_strange(request: HttpRequest) -> bool:
    known = {settings.LANGUAGE_COOKIE_NAME, SENIOR_COOKIE}
    return (
        request.method == "GET"
        and not request.META.get("QUERY_STRING")
        and known.issuperset(request.COOKIES)
        and not any(name in request.headers for name in ("Authorization", "Query-Code", "HX-Request"))
    )


def _may_be_kept(request: HttpRequest, response: HttpResponse) -> bool:
    """A page with a form has a secret of its visitor in it."""
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and not request.META.get("CSRF_COOKIE")
    )
