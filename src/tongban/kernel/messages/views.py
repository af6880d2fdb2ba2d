"""The box of a person, citizen or official."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tongban.base.time import now
from tongban.design.paging import page_number
from tongban.kernel.messages import service

__all__ = ["inbox", "message", "read_all"]


@require_safe
@never_cache
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """List the messages, newest first, a page at a time."""
    page = service.box_for(request.actor, number=page_number(request.GET.get("page")))  # type: ignore[attr-defined]
    return render(
        request, "messages/list.html", {"page": page, "has_unread": any(not row.is_read for row in page)}
    )


@require_safe
@never_cache
@login_required
def message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Show one message; it then counts as read."""
    opened = service.mark_read(actor=request.actor, message_id=message_id, at=now())  # type: ignore[attr-defined]
    return render(request, "messages/message.html", {"message": opened})


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    service.mark_all_read(actor=request.actor, at=now())  # type: ignore[attr-defined]
    return redirect("messages:list")
