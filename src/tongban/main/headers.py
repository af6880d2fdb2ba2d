"""What every answer tells the browser not to do, whoever made it.

The threats: a page of ours inside somebody else's; a download that a browser takes for a page of ours; a page with personal data
that stays in the cache of a shared machine; another site that opens our windows or embeds our answers. The policy of pages is in
the settings (``CONTENT_SECURITY_POLICY``); everything that is no page may do nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tongban.kernel.files.service import SHOWN_PDF

__all__ = ["NOTHING", "PERMISSIONS", "HeadersMiddleware"]

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of answers that are no pages."""
PERMISSIONS = ", ".join(
    [
        "camera=(self)",  # the window photographs papers
        "publickey-credentials-get=(self)",
        *(f"{name}=()" for name in ("accelerometer", "autoplay", "display-capture")),
        *(f"{name}=()" for name in ("geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi")),
        *(f"{name}=()" for name in ("payment", "serial", "usb", "xr-spatial-tracking")),
    ]
)
CSP = "Content-Security-Policy"
STATIC = "/static/"


class HeadersMiddleware:
    """Outside of everything that answers, also of static files, refusals and errors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if not _is_page(response) and not getattr(response, "has_own_policy", False):
            is_pdf = response.headers.get("Content-Type") == "application/pdf"
            response.headers[CSP] = SHOWN_PDF if is_pdf else NOTHING
        if _is_personal(request, response):
            response.headers["Cache-Control"] = "no-store"
        return response


def _is_page(response: HttpResponse) -> bool:
    return str(response.headers.get("Content-Type", "")).startswith(("text/html", "application/xhtml"))


def _is_personal(request: HttpRequest, response: HttpResponse) -> bool:
    """True for whatever was made for somebody who is signed in, or shows a token or a query code."""
    if request.path.startswith(STATIC):
        return False
    return bool(
        getattr(request, "is_signed_in", False)
        or settings.SESSION_COOKIE_NAME in request.COOKIES
        or settings.SESSION_COOKIE_NAME in response.cookies
        or "Authorization" in request.headers
        or "Query-Code" in request.headers
    )
