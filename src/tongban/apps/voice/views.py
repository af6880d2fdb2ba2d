"""Pages of the mailbox: write, the receipt that is shown once, answered letters, one of them."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from tongban.apps.voice import queries, words
from tongban.apps.voice.crowds import slow_down
from tongban.apps.voice.errors import AlreadySent, LetterInvalid, LetterNotFound, MailboxClosed
from tongban.apps.voice.operations.write import MAX_ATTACHMENTS, open_mailbox, write_letter
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.design.paging import page_number
from tongban.kernel.cases import errors as cases_errors
from tongban.kernel.cases import service as cases
from tongban.kernel.forms import service as forms

__all__ = ["letter", "letters", "sent", "write"]

RECEIPT = "voice_receipt"
"""Session key of the receipt that the next page shows once: number, query code, title."""


@never_cache
def write(request: HttpRequest) -> HttpResponse:
    """Ask for the letter; one POST sends it. What was typed comes back with what needs correcting."""
    box = open_mailbox(request.GET.get("mailbox", "") or _first_mailbox())
    form = forms.get_form(box.form)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    data: dict[str, Any] = {}
    errors: list[forms.FieldError] = []
    if request.method == "POST":
        slow_down(request, actor)
        data = {k: v for page in form.pages for k, v in forms.clean(form, page.key, request.POST).items()}
        try:
            receipt = write_letter(
                actor=actor,
                mailbox=box.pk,
                values=data,
                attachments=request.FILES.getlist("attachments"),
                send_key=request.POST.get("send_key", "")[:40],
                at=now(),
            )
        except LetterInvalid as invalid:
            errors = [
                forms.FieldError(e["field"], LocalizedText.of(e["message"])) for e in invalid.data["errors"]
            ]
        except AlreadySent as again:
            return redirect("cases:track", number=again.data["number"])
        else:
            case = cases.find_by_number(receipt.number)
            cases.remember_code(request, case)
            request.session[RECEIPT] = {
                "number": receipt.number,
                "code": receipt.code,
                "email": bool(data.get("email")),
            }
            return redirect("voice:sent")
    return render(
        request, "voice/write.html", _write_context(box, form, actor, data, errors), status=_status(errors)
    )


def _first_mailbox() -> str:
    mailboxes = queries.list_mailboxes()
    if not mailboxes:
        raise MailboxClosed
    return mailboxes[0].pk


def _status(errors: list[forms.FieldError]) -> int:
    return 422 if errors else 200


def _write_context(
    box: Any, form: forms.Form, actor: Actor, data: dict[str, Any], errors: list[forms.FieldError]
) -> dict[str, Any]:
    at = now()
    writer = None if actor.is_official else actor.person_id
    known = forms.prefill(form, actor=actor, person_id=writer, purpose="voice.write", at=at) if writer else {}
    answers = {**{key: bound.value for key, bound in known.items()}, **data}
    return {
        "mailbox": box,
        "form": form,
        "sheets": [
            forms.page_view(
                form,
                page.key,
                data=answers,
                at=at,
                actor=actor,
                errors=[e for e in errors if form.page_of.get(e.field) == page.key],
                bound=known,
            )
            for page in form.pages
        ],
        "file_errors": [e for e in errors if e.field == "attachments"],
        "max_attachments": MAX_ATTACHMENTS,
        "send_key": secrets.token_urlsafe(18),
        "is_signed_in": writer is not None,
    }


@never_cache
def sent(request: HttpRequest) -> HttpResponse:
    """Show number and query code, once; afterwards there is only the progress page."""
    receipt = request.session.pop(RECEIPT, None)
    if receipt is None:
        return redirect("cases:progress")
    actor: Actor = request.actor  # type: ignore[attr-defined]
    is_signed_in = actor.person_id is not None and not actor.is_official
    return render(request, "voice/sent.html", {"receipt": receipt, "is_signed_in": is_signed_in})


def letters(request: HttpRequest) -> HttpResponse:
    """List the answered letters that are public, newest first, or those that answer a question best."""
    query, topic = request.GET.get("q", "").strip()[:100], request.GET.get("topic", "")
    context = {
        "letters": queries.answered_letters(
            query=query, topic=topic, page=page_number(request.GET.get("page"))
        ),
        "figures": queries.figures(at=now()),
        "query": query,
        "topic": topic,
        "topics": list(words.TOPICS.items()),
        "mailboxes": queries.list_mailboxes(),
    }
    return render(request, "voice/letters.html", context)


def letter(request: HttpRequest, number: str) -> HttpResponse:
    """Show a published letter; the writer of one that is not public is led to her own page."""
    try:
        found = queries.public_letter(number)
    except LetterNotFound:
        if _is_own(request, number):
            return redirect("cases:track", number=number)
        raise
    return render(request, "voice/letter.html", {"letter": found, "is_own": _is_own(request, number)})


def _is_own(request: HttpRequest, number: str) -> bool:
    try:
        case = cases.find_by_number(number)
        cases.party_actor(request, case)
    except cases_errors.CaseNotFound:
        return False
    return case.kind == "letter"
