"""The one API: each module's router is mounted here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from tongban.base.errors import TongbanError
from tongban.kernel.identity.api import router as identity
from tongban.main.problems import as_problem

api = NinjaAPI(title="Tongban", version="1", urls_namespace="api", openapi_url="/openapi.json")


@api.exception_handler(TongbanError)
def _refuse(request: HttpRequest, error: TongbanError) -> HttpResponse:
    """Answer a refusal as a problem document; ninja catches it before our middleware could."""
    return as_problem(error)


api.add_router("", identity)
