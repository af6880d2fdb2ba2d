"""Who may read the measurements."""

from __future__ import annotations

import hmac
import re

from django.conf import settings
from django.http import HttpRequest

__all__ = ["may_read_metrics"]

HERE = {"127.0.0.1", "::1"}
NAMES_OF_HERE = {"127.0.0.1", "localhost", "[::1]"}
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded")


def may_read_metrics(request: HttpRequest) -> bool:
    """Say whether the request shows the token, or, when none is set, comes from this machine without anybody between.

    A proxy on the same machine calls from the loopback too: it gives itself away by its headers or by the site's name.
    """
    token = settings.TONGBAN_METRICS_TOKEN
    if token:
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), token.encode())
    return (
        request.META.get("REMOTE_ADDR") in HERE
        and re.sub(r":\d+$", "", request.get_host()) in NAMES_OF_HERE
        and not any(header in request.headers for header in FORWARDED)
    )
