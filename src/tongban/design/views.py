"""The examples page, and the two choices a visitor makes once: language and edition."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from tongban.design import examples
from tongban.design.context import SENIOR_COOKIE

_YEAR = 365 * 24 * 3600


@require_safe
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Remember the language in a cookie and go back to the page."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    return _remember(request, settings.LANGUAGE_COOKIE_NAME, code)


@require_safe
def display(request: HttpRequest, edition: str) -> HttpResponse:
    """Remember the edition (``senior`` or ``standard``) in a cookie and go back to the page."""
    if edition not in ("senior", "standard"):
        raise Http404
    return _remember(request, SENIOR_COOKIE, edition)


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component with its variants, so that a new page is composed and not invented."""
    face = "desk" if request.GET.get("face") == "desk" else "public"
    return render(request, "design/gallery.html", {"layout": f"design/{face}.html", **examples.context()})


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead to the icon whoever asks for it without a page that names it: a browser that shows a PDF."""
    response = redirect(static("design/favicon.svg"))
    response["Cache-Control"] = "max-age=86400"
    return response


def _remember(request: HttpRequest, cookie: str, value: str) -> HttpResponse:
    wanted = request.GET.get("next", "/")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = HttpResponseRedirect(wanted if safe else "/")
    response.set_cookie(
        cookie, value, max_age=_YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
    )
    response["Cache-Control"] = "no-store"
    return response
