"""The page that load balancers and the supervisor ask."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from tongban.apps.ops.health import examine

__all__ = ["healthz"]


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part is well, else 503 with what is wrong."""
    probes = examine()
    well = not any(probe.fault for probe in probes)
    parts = {probe.name: probe.fault or "ok" for probe in probes}
    answer = JsonResponse({"ok": well, **parts}, status=200 if well else 503)
    answer["Cache-Control"] = "no-store"
    return answer
