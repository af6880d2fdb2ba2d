"""The home page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie

from tongban.apps.portal.queries import home_page
from tongban.base import time
from tongban.design.alike import alike_for_strangers
from tongban.design.context import SENIOR_COOKIE
from tongban.design.navigation import actor_of


@require_safe
@vary_on_cookie
@alike_for_strangers
def home(request: HttpRequest) -> HttpResponse:
    """Ask what the visitor wants to do, and show what others do."""
    senior = request.COOKIES.get(SENIOR_COOKIE) == "senior"
    page = home_page(actor=actor_of(request), at=time.now(), senior=senior)
    return render(request, "portal/senior.html" if senior else "portal/home.html", {"home": page})
