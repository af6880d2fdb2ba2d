"""What load balancers, the supervisor and Prometheus ask, and the pages of who runs the machines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from tongban.apps.ops.health import examine
from tongban.apps.ops.operations.repair import drop_job, make_paper_again, run_job_again, send_again
from tongban.apps.ops.operations.watch import watch
from tongban.apps.ops.policies import may_read_metrics
from tongban.apps.ops.queries import incident_detail, resolved, troubles
from tongban.base.errors import Conflict, Forbidden, Invalid
from tongban.base.metrics import render as render_metrics
from tongban.base.time import now
from tongban.kernel.identity.service import official_only
from tongban.kernel.processes import service as processes

__all__ = [
    "healthz",
    "list_incidents",
    "metrics",
    "remake_paper",
    "repair_job",
    "resend",
    "resolve",
    "retry_group",
    "show_history",
    "show_incident",
]

log = structlog.get_logger(__name__)
WAYS = {"retry": processes.retry_job, "skip": processes.skip_job}


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part is well, else 503 with what is wrong."""
    probes = examine()
    well = not any(probe.fault for probe in probes)
    parts = {probe.name: probe.fault or "ok" for probe in probes}
    if parts["database"] == "ok" and parts["worker"] != "ok":
        _watch_instead_of_worker()
    answer = JsonResponse({"ok": well, **parts}, status=200 if well else 503)
    answer["Cache-Control"] = "no-store"
    return answer


def _watch_instead_of_worker() -> None:
    """The watch is a job, so a silent worker would silence it too: then whoever asks after our health winds it up."""
    try:
        watch(at=now())
    except Exception as error:
        log.warning("watch failed", error=type(error).__name__)


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
    """Show how every part stands, and what the machine could not do and waits for a person."""
    return _page(request)


@official_only
@require_safe
def show_incident(request: HttpRequest, incident_id: int) -> HttpResponse:
    """Show one incident with all attempts."""
    found = incident_detail(request.actor, incident_id)  # type: ignore[attr-defined]
    return render(request, "ops/incident.html", {"detail": found, "incident": found.row.incident})


@official_only
@require_safe
def show_history(request: HttpRequest) -> HttpResponse:
    """Show what was put right, by whom and why."""
    return render(request, "ops/history.html", {"rows": resolved(request.actor)})  # type: ignore[attr-defined]


@official_only
@require_POST
def resolve(request: HttpRequest, job_id: int) -> HttpResponse:
    """Let a step that gave up be tried again, or go on without it; the reason is on record."""
    way = WAYS.get(request.POST.get("way", ""), processes.retry_job)
    reason = request.POST.get("reason", "").strip()
    try:
        way(actor=request.actor, job_id=job_id, reason=reason, at=now())  # type: ignore[attr-defined]
    except (Conflict, Invalid) as refusal:
        return _page(request, at=f"i{job_id}", refusal=refusal, reason=reason)
    return redirect("ops:incidents")


@official_only
@require_POST
def retry_group(request: HttpRequest) -> HttpResponse:
    """Let all incidents of one cause be tried again."""
    job_ids = [int(value) for value in request.POST.getlist("job") if value.isdecimal()]
    reason = request.POST.get("reason", "").strip()
    try:
        processes.retry_jobs(actor=request.actor, job_ids=job_ids, reason=reason, at=now())  # type: ignore[attr-defined]
    except Invalid as refusal:
        return _page(request, at=f"g{job_ids[0]}" if job_ids else "", refusal=refusal, reason=reason)
    return redirect("ops:incidents")


@official_only
@require_POST
def repair_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """Let a background job that gave up run again, or drop it."""
    way = drop_job if request.POST.get("way") == "drop" else run_job_again
    reason = request.POST.get("reason", "").strip()
    try:
        way(actor=request.actor, job_id=job_id, reason=reason, at=now())  # type: ignore[attr-defined]
    except (Conflict, Invalid) as refusal:
        return _page(request, at=f"j{job_id}", refusal=refusal, reason=reason)
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
    request: HttpRequest, *, at: str = "", refusal: Conflict | Invalid | None = None, reason: str = ""
) -> HttpResponse:
    """Show the page; ``at`` names the form whose request was refused."""
    found = troubles(request.actor)  # type: ignore[attr-defined]
    places = {group.place for group in found.groups} | {job.place for job in found.jobs}
    context: dict[str, Any] = {
        "troubles": found,
        "at": at,
        "refusal": refusal,
        "is_elsewhere": refusal is not None and at not in places,
        "reason": reason,
    }
    return render(request, "ops/incidents.html", context, status=refusal.status if refusal else 200)
