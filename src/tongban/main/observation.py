"""Watching requests and jobs: an id on every line that they log, one line at their end, and how long they took."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject, empty

from tongban.base.context import Span, kind_of, note, span
from tongban.base.metrics import observe_job, observe_request

__all__ = ["RequestMiddleware", "watch_job"]

log = structlog.get_logger("tongban.requests")
jobs_log = structlog.get_logger("tongban.jobs")

HEADER = "X-Request-ID"
ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,80}")
UNRESOLVED = "unresolved"
QUIET = {"static", "ops:healthz", "ops:metrics"}
"""Routes that are asked all the time and say nothing new; they are logged when they fail."""


class RequestMiddleware:
    """The outermost: gives every request an id (the proxy's when it sends a decent one) and returns it with the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex
        request.trace_id = request_id  # type: ignore[attr-defined]
        with span(request_id=request_id) as watched:
            response = self.get_response(request)
            response[HEADER] = request_id
            self._tell(request, response, watched)
        return response

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        """Note the route as soon as it is known."""
        note(route=_route(request), method=request.method)

    def _tell(self, request: HttpRequest, response: HttpResponse, watched: Span) -> None:
        route, seconds = _route(request), watched.seconds
        observe_request(route, request.method or "", response.status_code, seconds)
        if route in QUIET and response.status_code < 500:
            return
        log.info(
            "request",
            route=route,
            method=request.method,
            status=response.status_code,
            actor=_actor(request),
            duration_ms=round(seconds * 1000, 1),
            statements=watched.statements,
        )


def _route(request: HttpRequest) -> str:
    match = getattr(request, "resolver_match", None)
    if match is not None:
        return str(match.view_name)
    return "static" if request.path.startswith("/static/") else UNRESOLVED


def _actor(request: HttpRequest) -> str:
    """Return the kind of actor; "-" when nobody asked who it is: the log must not be the reason to ask the database."""
    actor = getattr(request, "actor", None)
    if actor is None or (isinstance(actor, LazyObject) and actor._wrapped is empty):  # type: ignore[attr-defined]
        return "-"
    return kind_of(actor)


def watch_job(call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
    """Watch one run of a job (a task middleware of the worker)."""
    job = context.job
    with span(job=job.task_name, job_id=job.id, attempt=job.attempts + 1, actor="system") as watched:
        outcome = "failed"
        try:
            result = call_next()
            outcome = "failed" if watched.has_failed else "succeeded"
            return result
        finally:
            observe_job(job.task_name, outcome, watched.seconds)
            jobs_log.info(
                "job",
                outcome=outcome,
                duration_ms=round(watched.seconds * 1000, 1),
                statements=watched.statements,
            )
