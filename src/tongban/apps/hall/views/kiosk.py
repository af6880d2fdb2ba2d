"""The kiosk: large, for everybody, with nothing of anybody left behind.

No page of it knows who has signed in: everything is done as a stranger, nothing is put into a session, every answer forbids being
kept. After a while without a touch the script returns to the start and ends whatever session there might be.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.apps.hall import queries
from tongban.apps.hall.errors import CheckInRefused, PlaceNotFound, QueueClosed
from tongban.apps.hall.models import Kiosk, Point, Ticket
from tongban.apps.hall.operations.book import find_service
from tongban.apps.hall.operations.hours import find_point, kiosk_of
from tongban.apps.hall.operations.queue import check_in, gives_numbers, take_number
from tongban.base import exchange
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import WrongCode
from tongban.kernel.identity import service as identity
from tongban.kernel.search import service as search

__all__ = ["COOKIE", "arrive", "choose", "end", "item", "items", "number", "progress", "start"]

COOKIE = "tongban_kiosk"
"""Says which machine of the hall this browser is; sent to the pages of the kiosk only."""

View = Callable[..., HttpResponse]


def nobody(view: View) -> View:
    """Let the page forget who has signed in, and nobody keep it."""

    @wraps(view)
    def forgetful(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.was_signed_in = request.actor.account_id is not None  # type: ignore[attr-defined]
        request.actor = Actor.stranger("kiosk")  # type: ignore[attr-defined]
        answer = view(request, *args, **kwargs)
        answer["Cache-Control"] = "no-store"
        answer["Referrer-Policy"] = "same-origin"
        return answer

    return forgetful


@require_safe
@nobody
def choose(request: HttpRequest) -> HttpResponse:
    """Choose the hall; the only one opens at once."""
    found = queries.points()
    if len(found) == 1:
        return redirect("hall:kiosk", found[0].key)
    return render(request, "hall/kiosk/halls.html", {"points": found})


@require_safe
@nobody
def start(request: HttpRequest, point: str) -> HttpResponse:
    """Show the start."""
    found = find_point(point)
    return _page(request, found, "start", is_open=gives_numbers(found, at=now()))


@require_safe
@nobody
def items(request: HttpRequest, point: str) -> HttpResponse:
    """Find an item by anybody's words."""
    found = find_point(point)
    query = request.GET.get("q", "").strip()[:100]
    hits = search.search(query, kinds=["item"], limit=12) if query else []
    return _page(request, found, "items", query=query, hits=[(hit, hit.ref.id) for hit in hits])


@require_safe
@nobody
def item(request: HttpRequest, point: str, item: str) -> HttpResponse:
    """Show what an item needs, in large type: what to bring, how long, what it costs; and what can be done here."""
    found = find_point(point)
    told = exchange.facts_of(Ref("item", item))
    if told is None:
        raise PlaceNotFound
    content = told["content"]
    service = next((s for s in queries.services_of(found) if s.item == item), None)
    words = {name: LocalizedText.of(content.get(name)) for name in ("name", "lead")}
    context = {
        **words,
        "materials": [
            (LocalizedText.of(row["name"]), LocalizedText.of(row.get("note")))
            for row in content.get("materials", ())
            if row.get("required") and row.get("action") == "upload"
        ],
        "promised": LocalizedText.of(content.get("limits", {}).get("promised", {}).get("text")),
        "fee": LocalizedText.of(content.get("fee", {}).get("basis")),
        "window": LocalizedText.of(content.get("window", {}).get("place")),
        "phone": content.get("phones", {}).get("consult", ""),
        "service": service,
    }
    return _page(request, found, "item", **context)


@require_http_methods(["GET", "HEAD", "POST"])
@nobody
def progress(request: HttpRequest, point: str) -> HttpResponse:
    """Show how a case stands, by number and query code; nothing of it stays on this machine."""
    found, view, refusal = find_point(point), None, None
    if request.method == "POST":
        said = request.POST.get("number", "").strip()[:40]
        identity.throttle(f"code:{said}", request=request)
        try:
            case = cases.find_by_code(said, request.POST.get("code", "").strip()[:20])
        except WrongCode as wrong:
            refusal = wrong
        else:
            identity.relent(f"code:{said}", request=request)
            view = cases.progress_of(case, at=now())
    return _page(request, found, "progress", view=view, refusal=refusal)


@require_http_methods(["GET", "HEAD", "POST"])
@nobody
def number(request: HttpRequest, point: str) -> HttpResponse:
    """Take a number."""
    found, at, refusal = find_point(point), now(), None
    if request.method == "POST":
        service = find_service(point, request.POST.get("service", ""))
        try:
            made = take_number(actor=request.actor, service=service, at=at, kiosk=_machine(request, found))  # type: ignore[attr-defined]
        except QueueClosed as refused:
            refusal = refused
        else:
            return _given(request, found, made)
    queues = queries.queue_of(found, at=at)
    return _page(
        request, found, "number", queues=queues, is_open=gives_numbers(found, at=at), refusal=refusal
    )


@require_http_methods(["GET", "HEAD", "POST"])
@nobody
def arrive(request: HttpRequest, point: str) -> HttpResponse:
    """Arrive with an appointment, by its code."""
    found, refusal = find_point(point), None
    if request.method == "POST":
        identity.throttle(f"hall:{point}", request=request, limit=20)
        try:
            made = check_in(point=found, code=request.POST.get("code", "")[:20].replace(" ", ""), at=now())
        except CheckInRefused as refused:
            refusal = refused
        else:
            identity.relent(f"hall:{point}", request=request)
            if isinstance(made, Ticket):
                return _given(request, found, made)
            return _page(request, found, "arrived")
    return _page(request, found, "arrive", refusal=refusal)


@require_POST
@nobody
def end(request: HttpRequest, point: str) -> HttpResponse:
    """End: whoever was signed in is not any more, and the machine is told to forget what it kept."""
    found = find_point(point)
    logout(request)
    answer = redirect("hall:kiosk", found.key)
    answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _machine(request: HttpRequest, point: Point) -> Kiosk | None:
    return kiosk_of(point, request.COOKIES.get(COOKIE, ""))


def _given(request: HttpRequest, point: Point, made: Ticket) -> HttpResponse:
    """Show the number, large; the page goes away by itself."""
    return _page(request, point, "given", view=queries.ticket_view(made, at=now()))


def _page(request: HttpRequest, point: Point, template: str, /, **context: Any) -> HttpResponse:
    refusal = context.get("refusal")
    told = {
        "point": point,
        "idle": point.setting("idle_seconds"),
        "is_machine": _machine(request, point) is not None,
        "was_signed_in": getattr(request, "was_signed_in", False),
        "page": template,
        **context,
    }
    return render(request, f"hall/kiosk/{template}.html", told, status=refusal.status if refusal else 200)
