"""What load balancers, the supervisor and Prometheus ask, and the page of who runs the machines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from tongban.apps.ops.health import examine
from tongban.apps.ops.operations.repair import make_paper_again, send_again
from tongban.apps.ops.policies import may_read_metrics
from tongban.apps.ops.queries import troubles
from tongban.base.errors import Conflict, Forbidden, Invalid
from tongban.base.metrics import render as render_metrics
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.kernel.identity.service import official_only
from tongban.kernel.processes import service as processes

__all__ = ["healthz", "list_incidents", "metrics", "remake_paper", "resend", "resolve"]

PARTS = {
    "database": LocalizedText(zh="数据库", en="Database"),
    "worker": LocalizedText(zh="后台任务", en="Background worker"),
    "storage": LocalizedText(zh="文件存储", en="File storage"),
}
WAYS = {"retry": processes.retry_job, "skip": processes.skip_job}


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part is well, else 503 with what is wrong."""
    probes = examine()
    well = not any(probe.fault for probe in probes)
    parts = {probe.name: probe.fault or "ok" for probe in probes}
    answer = JsonResponse({"ok": well, **parts}, status=200 if well else 503)
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus: with the token of ``TONGBAN_METRICS_TOKEN``, or, when none is set, on this machine only."""
    if not may_read_metrics(request):
        raise Forbidden
    answer = HttpResponse(render_metrics(), content_type=CONTENT_TYPE_LATEST)
    answer["Cache-Control"] = "no-store"
    return answer


@official_only
@require_safe
def list_incidents(request: HttpRequest) -> HttpResponse:
    """Show what the machine could not do and waits for a person."""
    return _page(request)


@official_only
@require_POST
def resolve(request: HttpRequest, job_id: int) -> HttpResponse:
    """Let a step that gave up be tried again, or go on without it; the reason is on record."""
    way = WAYS.get(request.POST.get("way", ""), processes.retry_job)
    reason = request.POST.get("reason", "").strip()
    try:
        way(actor=request.actor, job_id=job_id, reason=reason, at=now())  # type: ignore[attr-defined]
    except (Conflict, Invalid) as refusal:
        return _page(request, job_id=job_id, refusal=refusal, reason=reason)
    return redirect("ops:incidents")


@official_only
@require_POST
def remake_paper(request: HttpRequest, paper_id: UUID) -> HttpResponse:
    """Order the PDF of a paper once more."""
    make_paper_again(actor=request.actor, paper_id=paper_id, at=now())  # type: ignore[attr-defined]
    return redirect("ops:incidents")


@official_only
@require_POST
def resend(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Start again with a message that did not get through."""
    send_again(actor=request.actor, delivery_id=delivery_id, at=now())  # type: ignore[attr-defined]
    return redirect("ops:incidents")


def _page(
    request: HttpRequest, *, job_id: int = 0, refusal: Conflict | Invalid | None = None, reason: str = ""
) -> HttpResponse:
    found = troubles(request.actor)  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "troubles": found,
        "parts": [(PARTS[probe.name], probe.fault) for probe in found.probes],
        "job_id": job_id,
        "refusal": refusal,
        "reason": reason,
    }
    return render(request, "ops/incidents.html", context, status=refusal.status if refusal else 200)
