"""The public pages of the ledger: the roots, and the proof of an act. They show hashes to everybody and content to few."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tongban.base.text import LocalizedText
from tongban.kernel.ledger.operations.seal import sealing_lag
from tongban.kernel.ledger.proofs import proof_of
from tongban.kernel.ledger.queries import who_of
from tongban.kernel.ledger.retention import SOURCE
from tongban.kernel.ledger.roots import newest_roots, root_lines
from tongban.kernel.ledger.verbs import label_of, label_of_purpose

__all__ = ["home", "proof", "proof_file", "roots"]

SHOWN = 12
AT_MOST = 10_000
"""Lines of one download."""
LATE = 60
SEALED_BEHIND = LocalizedText("封存迟了", "Sealing is late")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the newest roots, what the ledger is, and how anybody can check it."""
    asked = request.GET.get("act", "").strip()
    if asked.isdecimal() and len(asked) < 19:
        return redirect("ledger:proof", act_id=int(asked))
    lag = sealing_lag()
    context = {
        "batches": newest_roots(SHOWN),
        "is_late": lag > LATE,
        "asked": asked[:20],
        "source": SOURCE,
        "at_most": AT_MOST,
    }
    return render(request, "ledger/home.html", context)


@require_safe
def roots(request: HttpRequest) -> StreamingHttpResponse:
    """Give the roots as text, one JSON line a batch: from batch ``from`` on, or the newest; at most ten thousand lines."""
    first = request.GET.get("from", "")
    chosen = int(first) if first.isdecimal() and 0 < len(first) < 19 else 0
    lines = root_lines(first=max(chosen, 1), last=None if chosen else AT_MOST, limit=AT_MOST)
    answer = StreamingHttpResponse((f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="tongban-ledger-roots.txt"'
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def proof(request: HttpRequest, act_id: int) -> HttpResponse:
    """Show the proof of an act; what the act says only to who may see its case, and to whom it is about."""
    found = proof_of(act_id, actor=request.actor)  # type: ignore[attr-defined]
    context = {
        "proof": found,
        "who": who_of(found.row.role, found.row.actor_name) if found.row else None,
        "label": label_of(found.row.verb) if found.row else None,
        "purpose": label_of_purpose(found.row.reason) if found.row and found.row.reason else None,
        "file_url": reverse("ledger:proof-file", args=[act_id]),
    }
    answer = render(request, "ledger/proof.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def proof_file(request: HttpRequest, act_id: int) -> JsonResponse:
    """Give the proof as JSON, to be kept and checked by a program of one's own."""
    found = proof_of(act_id, actor=request.actor)  # type: ignore[attr-defined]
    answer = JsonResponse(found.as_json(), json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer["Cache-Control"] = "no-store"
    return answer
