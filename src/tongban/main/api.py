"""The one API: each module's router is mounted here."""

from __future__ import annotations

from ninja import NinjaAPI

api = NinjaAPI(title="Tongban", version="1", urls_namespace="api", openapi_url="/openapi.json")
