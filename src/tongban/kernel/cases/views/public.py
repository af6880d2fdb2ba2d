"""The citizen's side of a case: progress by number and query code or signed in, and the steps that are hers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tongban.base.errors import Conflict, Invalid
from tongban.base.time import now
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound, WrongCode
from tongban.kernel.cases.operations.work import form_of
from tongban.kernel.cases.policies import is_party_task
from tongban.kernel.cases.views.official import action_page, posted_data, read_errors, sheets, summary
from tongban.kernel.forms import service as forms
from tongban.kernel.processes import service as processes

__all__ = ["party_action", "party_task", "progress_search", "track"]


def progress_search(request: HttpRequest) -> HttpResponse:
    """Ask for number and query code; one POST leads to the progress page. The code never stands in an address."""
    context: dict[str, Any] = {"number": request.GET.get("number", ""), "errors": []}
    if request.method == "POST":
        context["number"] = request.POST.get("number", "").strip()
        try:
            case = cases.case_by_code(request, context["number"], request.POST.get("code", ""))
        except WrongCode as wrong:
            context["errors"] = [{"field": "number", "message": wrong.title}]
            return render(request, "cases/progress_search.html", context, status=404)
        cases.remember_code(request, case)
        return redirect("cases:track", number=case.number)
    return render(request, "cases/progress_search.html", context)


def track(request: HttpRequest, number: str) -> HttpResponse:
    """Show the progress of a case to its party or to who showed the code; everybody else is asked for the code.

    Also when there is no such case: a stranger does not learn which numbers were given.
    """
    try:
        case = _case(number)
        actor = cases.party_actor(request, case)
    except CaseNotFound:
        return redirect(f"{reverse('cases:progress')}?{urlencode({'number': number})}")
    kind = cases.kind_of(case)
    actions = [
        (action, refusal)
        for action in kind.actions
        if action.for_party and (refusal := action.refusal(actor, case)) is not False
    ]
    context = {
        "progress": cases.progress_of(case, at=now()),
        "case": case,
        "kind": kind,
        "links": cases.links_of_party(case, actor),
        "actions": [action for action, refusal in actions if refusal is None],
        "party_template": kind.extra.get("party_template", ""),
        "party": kind.extra["party_context"](case, actor, now()) if "party_context" in kind.extra else {},
    }
    return render(request, "cases/track.html", context)


def party_task(request: HttpRequest, number: str, task_id: int) -> HttpResponse:
    """Let a party complete a step of the process that is hers (satisfied, reopen)."""
    case = _case(number)
    actor = cases.party_actor(request, case)
    task = processes.get_task(task_id)
    if task.owner != case.ref or not is_party_task(case, task.holder_id):
        raise CaseNotFound
    outcome = request.POST.get("outcome") or request.GET.get("outcome", "")
    row = next((o for o in task.outcomes if o.key == outcome and o.allowed), None)
    if row is None:
        return redirect("cases:track", number=number)
    key = form_of(task, outcome)
    form = forms.get_form(key) if key else None
    data: dict[str, Any] = {}
    errors: list[Any] = []
    if request.method == "POST":
        if form is not None:
            data = posted_data(form, request)
        try:
            cases.complete_task(
                actor=actor,
                task_id=task_id,
                outcome=outcome,
                opinion=request.POST.get("opinion", "").strip(),
                data=data,
                at=now(),
            )
        except Invalid as invalid:
            errors = read_errors(invalid)
        except Conflict:
            return redirect("cases:track", number=number)
        else:
            return redirect("cases:track", number=number)
    context = {
        "case": case,
        "heading": row.label,
        "outcome": outcome,
        "sheets": (shown := sheets(form, data, errors, actor=actor, case=case)),
        "errors": summary(shown, errors),
        "asks_opinion": row.opinion != "none",
        "opinion_required": row.opinion == "required",
        "back": reverse("cases:track", args=[number]),
    }
    return render(request, "cases/party_task.html", context, status=422 if errors else 200)


def party_action(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """Let a party do something beside the process (withdraw)."""
    case = _case(number)
    request.actor = cases.party_actor(request, case)  # type: ignore[attr-defined]
    return action_page(request, number, key, face="public", done=reverse("cases:track", args=[number]))


def _case(number: str) -> Any:
    return cases.find_by_number(number)
