"""Pages about processes: what is published, how it is drawn, and moving running cases to a corrected version."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tongban.apps.ops.process_queries import ask_and_preview, process_page, process_rows, refused_cases
from tongban.base.errors import Conflict, Invalid
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.kernel.identity.service import official_only
from tongban.kernel.processes import service as processes

__all__ = ["download_process", "list_processes", "migrate_process", "show_process"]

MOVED = "ops:moved"
"""Session key: how many instances were just moved."""
STEP = "step."
"""Form fields that say where a step goes are called ``step.<id>``."""


@official_only
@require_safe
def list_processes(request: HttpRequest) -> HttpResponse:
    """Show every process with its versions and how many cases run by them."""
    rows = process_rows(request.actor)  # type: ignore[attr-defined]
    return render(request, "ops/processes.html", {"rows": rows})


@official_only
@require_safe
def show_process(request: HttpRequest, key: str) -> HttpResponse:
    """Show one version of a process as it is drawn."""
    row, drawing, version = process_page(request.actor, key, _version(request))  # type: ignore[attr-defined]
    moved = request.session.pop(MOVED, None)
    context = {"row": row, "drawing": drawing, "version": version, "moved": moved}
    return render(request, "ops/process.html", context)


@official_only
@require_safe
def download_process(request: HttpRequest, key: str) -> HttpResponse:
    """Answer the BPMN file of one version."""
    process_rows(request.actor)  # type: ignore[attr-defined]
    xml = processes.get_definition(key, _version(request)).xml
    return HttpResponse(
        xml,
        content_type="application/xml",
        headers={"Content-Disposition": f'attachment; filename="{key}.bpmn"'},
    )


@official_only
@require_http_methods(["GET", "HEAD", "POST"])
def migrate_process(request: HttpRequest, key: str, from_version: int, to_version: int) -> HttpResponse:
    """Show what moving the running cases would do; move those that were chosen, with a reason. Those that cannot go are named."""
    actor = request.actor  # type: ignore[attr-defined]
    asked = request.POST if request.method == "POST" else request.GET
    mapping: dict[str, str] = {
        name.removeprefix(STEP): str(value)
        for name, value in asked.items()
        if name.startswith(STEP) and value
    }
    refusal: Conflict | Invalid | None = None
    done: processes.Migrated | None = None
    if request.method == "POST":
        try:
            done = processes.migrate_instances(
                actor=actor,
                instance_ids=_chosen(request),
                version=to_version,
                mapping=mapping,
                reason=request.POST.get("reason", ""),
                at=now(),
            )
        except (Conflict, Invalid) as error:
            refusal = error
        if done is not None and not done.refused:
            request.session[MOVED] = done.moved
            return redirect(f"{reverse('ops:process', args=[key])}?version={to_version}")
    page = ask_and_preview(actor, key, from_version=from_version, to_version=to_version, mapping=mapping)
    context = {
        "page": page,
        "refusal": refusal,
        "moved": done.moved if done else 0,
        "refused": refused_cases(done) if done else [],
        "mapping": mapping,
        "reason": request.POST.get("reason", ""),
    }
    status = refusal.status if refusal else HTTPStatus.CONFLICT if done else HTTPStatus.OK
    return render(request, "ops/migrate.html", context, status=status)


NONE_CHOSEN = LocalizedText(zh="没有选要搬的办件", en="No case was chosen")


def _chosen(request: HttpRequest) -> list[UUID]:
    """Return the instances that were ticked. Raises Invalid for what is none."""
    try:
        return [UUID(value) for value in request.POST.getlist("instance")]
    except ValueError:
        raise Invalid(NONE_CHOSEN) from None


def _version(request: HttpRequest) -> int | None:
    asked = request.GET.get("version", "")
    return int(asked) if asked.isdecimal() and len(asked) < 7 else None
