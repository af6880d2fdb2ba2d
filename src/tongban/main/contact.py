"""Whom to write to about a weakness (RFC 9116)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tongban.base.errors import NotFound

__all__ = ["security_txt"]

LASTS = timedelta(days=90)
"""A file that is made at each request is as fresh as its setting; finders should ask again after so long."""


def security_txt(request: HttpRequest) -> HttpResponse:
    """Say whom to write to. Raises NotFound where the operator named nobody."""
    contact = settings.TONGBAN_SECURITY_CONTACT
    if not contact:
        raise NotFound
    lines = {
        "Contact": contact,
        "Expires": (datetime.now(UTC) + LASTS).strftime("%Y-%m-%dT00:00:00Z"),
        "Preferred-Languages": "zh, en",
        "Canonical": f"{settings.TONGBAN_PUBLIC_URL}{request.path}",
    }
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
