"""``Idempotency-Key`` on every writing operation of the API: the repetition of a request that succeeded does nothing again.

A client that got no answer (a cable, a crash) cannot know whether its request was done. With a key it sends the same
request again and gets the first answer, until that is a week old.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from tongban.base.errors import Invalid, KeyReused, TongbanError
from tongban.base.idempotency import once
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.kernel.identity.api import api_actor
from tongban.kernel.identity.service import count_again
from tongban.main.problems import as_problem

__all__ = ["HEADER", "REPLAYED", "repeatable"]

HEADER, REPLAYED = "Idempotency-Key", "Idempotent-Replay"
LONGEST = 200
SAFE = {"GET", "HEAD", "OPTIONS"}

View = Callable[..., HttpResponse]


class _Refused(Exception):
    """The operation refused: roll back, keep nothing, hand its answer out."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response


def repeatable(view: View) -> View:
    """Wrap an operation (ninja's decorator, mode "view"): key, change and answer are one transaction."""

    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get(HEADER, "")
        account_id = _account(request) if key and request.method not in SAFE else None
        if account_id is None:
            return view(request, *args, **kwargs)
        if len(key) > LONGEST:
            return as_problem(
                Invalid(LocalizedText("幂等键不能超过 200 个字符", "Idempotency-Key: at most 200 characters"))
            )
        fresh: list[HttpResponse] = []

        def create() -> dict[str, Any]:
            response = view(request, *args, **kwargs)
            if response.status_code >= 400:
                raise _Refused(response)
            fresh.append(response)
            return {"status": response.status_code, "body": response.content.decode()}

        try:
            kept = once(
                account_id=account_id,
                key=key,
                operation=f"api {request.method}",
                body={"path": request.get_full_path(), "content": _digest(request)},
                at=now(),
                create=create,
            )
        except _Refused as refused:
            count_again(request)  # what was guessed here was rolled back with the rest
            return refused.response
        except KeyReused as reused:
            return as_problem(reused)
        if fresh:
            return fresh[0]
        return HttpResponse(
            kept["body"],
            status=kept["status"],
            content_type="application/json; charset=utf-8",
            headers={REPLAYED: "true"},
        )

    return run


def _account(request: HttpRequest) -> int | None:
    """Return whose key it is: that of the token's account. Without a (good) token the operation itself decides what to say."""
    try:
        return api_actor(request).account_id
    except TongbanError:
        return None


def _digest(request: HttpRequest) -> str:
    """Return a digest of what was sent: of fields and files where there are, because a client may draw other boundaries."""
    total = hashlib.sha256()
    if (request.content_type or "").startswith("multipart/"):
        for name, file in sorted(request.FILES.items()):
            total.update(f"{name}\0{getattr(file, 'name', '')}\0".encode())
            for chunk in file.chunks():  # type: ignore[union-attr]
                total.update(chunk)
            file.seek(0)  # type: ignore[union-attr]
        total.update(repr(sorted(request.POST.lists())).encode())
    else:
        total.update(request.body)
    return total.hexdigest()
