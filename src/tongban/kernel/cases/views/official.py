"""The case page of an official, in three parts: what it is, where it is, what I can do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tongban.base.errors import Conflict, Forbidden, Invalid
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.cases.operations.read import unmask
from tongban.kernel.cases.operations.work import find_action, form_of, visible_task
from tongban.kernel.cases.queries import case_diagram
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import service as processes

__all__ = [
    "action_page",
    "claim",
    "complete",
    "do_action",
    "outcome_page",
    "posted_data",
    "read_errors",
    "release",
    "sheets",
    "show_case",
    "show_diagram",
    "summary",
    "unmask_case",
]

DONE = "cases:done"
"""Session key: what was just done in which case, to be said on its page."""

UNMASKED = LocalizedText(
    zh="正在看全名和证件号，已记账", en="Full names and numbers shown; this is on record"
)


@identity.official_only
def show_case(request: HttpRequest, number: str) -> HttpResponse:
    """Show a case. Whoever comes from the list of what was copied to them has read it then."""
    if "copied" in request.GET:
        case = cases.get_case(request.actor, number)  # type: ignore[attr-defined]
        cases.mark_read(actor=request.actor, case_id=case.pk, at=now())  # type: ignore[attr-defined]
    return _page(request, number)


@identity.official_only
@require_safe
def show_diagram(request: HttpRequest, number: str) -> JsonResponse:
    """Answer what the viewer of the process diagram shows."""
    answer = JsonResponse(case_diagram(request.actor, number))  # type: ignore[attr-defined]
    answer["Cache-Control"] = "no-store"
    return answer


@identity.official_only
@require_POST
def unmask_case(request: HttpRequest, number: str) -> HttpResponse:
    """Show the case once with full names and numbers; the reason given is written to the ledger first."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        return _page(
            request, number, unmask_error=LocalizedText(zh="请写明查看事由", en="Please give the reason")
        )
    case = cases.get_case(request.actor, number)  # type: ignore[attr-defined]
    unmask(actor=request.actor, case=case, reason=reason, at=now())  # type: ignore[attr-defined]
    return _page(request, number, unmasked=True)


@identity.official_only
@require_POST
def claim(request: HttpRequest, task_id: int) -> HttpResponse:
    """Take a task out of the pool; an opinion that was begun is kept."""
    number = _number_of(request, task_id)
    _keep_opinion(request, task_id)
    cases.claim_task(actor=request.actor, task_id=task_id, at=now())  # type: ignore[attr-defined]
    return redirect("cases:case", number=number)


@identity.official_only
@require_POST
def release(request: HttpRequest, task_id: int) -> HttpResponse:
    """Give a task back to the pool."""
    number = _number_of(request, task_id)
    _keep_opinion(request, task_id)
    cases.release_task(actor=request.actor, task_id=task_id, at=now())  # type: ignore[attr-defined]
    return redirect("cases:case", number=number)


@identity.official_only
@require_POST
def complete(request: HttpRequest, task_id: int) -> HttpResponse:
    """Complete a task with an outcome that asks for no form; one that does is sent to its page with the opinion kept."""
    outcome = request.POST.get("outcome", "")
    task, case = visible_task(request.actor, task_id)  # type: ignore[attr-defined]
    number = case.number or ""
    opinion = _keep_opinion(request, task_id)
    if form_of(task, outcome):
        return redirect("cases:outcome", task_id=task_id, outcome=outcome)
    try:
        cases.complete_task(
            actor=request.actor,  # type: ignore[attr-defined]
            task_id=task_id,
            outcome=outcome,
            opinion=opinion,
            at=now(),
        )
    except (Conflict, Forbidden, Invalid) as refusal:
        return _page(request, number, refusal=refusal)
    return _done(request, task, outcome, number)


@identity.official_only
def outcome_page(request: HttpRequest, task_id: int, outcome: str) -> HttpResponse:
    """Ask what an outcome needs to know (what is missing, the inspection record, the reasons), then complete the task."""
    actor = request.actor  # type: ignore[attr-defined]
    task, found = visible_task(actor, task_id)
    case = cases.get_case(actor, found.number or "")
    number = case.number or ""
    row = next((o for o in task.outcomes if o.key == outcome), None)
    key = form_of(task, outcome)
    if row is None or not key:
        raise CaseNotFound
    form = forms.get_form(key)
    begin = cases.kind_of(case).extra.get("outcome_data")
    data: dict[str, Any] = dict(task.data) or (begin(case, task, outcome) if begin else {})
    errors: list[forms.FieldError] = []
    opinion = request.session.get(_opinion_key(task_id), "")
    refusal: Exception | None = None
    if request.method == "POST":
        opinion = _keep_opinion(request, task_id)
        data = posted_data(form, request)
        try:
            cases.complete_task(
                actor=actor, task_id=task_id, outcome=outcome, opinion=opinion, data=data, at=now()
            )
        except Invalid as invalid:
            errors = read_errors(invalid)
        except (Conflict, Forbidden) as conflict:
            refusal = conflict
        else:
            return _done(request, task, outcome, number)
    context = {
        "case": case,
        "name": cases.called(case)[0],
        "kind": cases.kind_of(case),
        "heading": row.label,
        "step": task.name,
        "sheets": (shown := sheets(form, data, errors, actor=actor, case=case)),
        "errors": summary(shown, errors),
        "opinion": opinion,
        "asks_opinion": row.opinion != "none",
        "opinion_required": row.opinion == "required",
        "refusal": refusal,
        "style": row.style,
    }
    return render(request, "cases/outcome.html", context, status=422 if errors else 200)


@identity.official_only
def do_action(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """Ask what an action needs to know, then do it."""
    return action_page(request, number, key, face="desk", done=reverse("cases:case", args=[number]))


def action_page(request: HttpRequest, number: str, key: str, *, face: str, done: str) -> HttpResponse:
    """Show an action's form and do it; shared by the official's and the citizen's side."""
    actor = request.actor  # type: ignore[attr-defined]
    case = cases.get_case(actor, number)
    action = find_action(case, key)
    form = forms.get_form(action.form) if action.form else None
    data: dict[str, Any] = {}
    errors: list[Any] = []
    refusal: Any = action.refusal(actor, case)
    if refusal is False:
        raise CaseNotFound
    if request.method == "POST" and refusal is None:
        if form is not None:
            data = posted_data(form, request)
        try:
            cases.run_action(actor=actor, case_id=case.pk, key=key, data=data, at=now())
        except Invalid as invalid:
            errors = read_errors(invalid)
        except Conflict as conflict:
            refusal = conflict.detail or conflict.title
        else:
            return redirect(done)
    context = {
        "case": case,
        "name": cases.called(case)[0],
        "kind": cases.kind_of(case),
        "action": action,
        "heading": action.label,
        "sheets": (shown := sheets(form, data, errors, actor=actor, case=case)),
        "errors": summary(shown, errors),
        "refusal": refusal,
        "style": action.style,
        "back": done,
    }
    template = "cases/action.html" if face == "desk" else "cases/party_action.html"
    return render(request, template, context, status=422 if errors else 409 if refusal else 200)


def posted_data(form: Any, request: HttpRequest) -> dict[str, Any]:
    """Return the posted answers to all pages of a (short) form."""
    return {
        name: value
        for page in form.pages
        for name, value in forms.clean(form, page.key, request.POST).items()
    }


def read_errors(invalid: Invalid) -> list[forms.FieldError]:
    """Return the errors of a refusal in the shape that templates draw; one without fields hangs on the opinion."""
    rows = invalid.data.get("errors") or [
        {"field": "opinion", "message": LocalizedText.of(invalid.detail or invalid.title)}
    ]
    return [forms.FieldError(row["field"], LocalizedText.of(row["message"])) for row in rows]


def sheets(form: Any, data: dict[str, Any], errors: list[Any], *, actor: Any, case: Any) -> list[Any]:
    """Return the pages of a task's form, ready to draw one below the other."""
    if form is None:
        return []
    known = {field.key for page in form.pages for field in page.fields}
    return [
        forms.page_view(
            form,
            page.key,
            data=data,
            at=now(),
            actor=actor,
            about=case.ref,
            errors=[e for e in errors if e.field in known and form.page_of[e.field] == page.key],
        )
        for page in form.pages
    ]


def summary(shown: list[Any], errors: list[Any]) -> list[Any]:
    """Return all errors once, those of questions with the name of the question."""
    named = [error for view in shown for error in view.summary]
    fields = {error.field for error in named}
    return [*named, *(error for error in errors if error.field not in fields)]


def _opinion_key(task_id: int) -> str:
    return f"opinion:{task_id}"


def _keep_opinion(request: HttpRequest, task_id: int) -> str:
    """Keep in the session what was typed, until the step is done: no refusal and no detour loses it."""
    opinion = request.POST.get("opinion", "").strip()
    if opinion or _opinion_key(task_id) in request.session:
        request.session[_opinion_key(task_id)] = opinion
    return opinion


def _done(request: HttpRequest, task: processes.TaskView, outcome: str, number: str) -> HttpResponse:
    """Go back to the case and say there, once, what was done."""
    request.session.pop(_opinion_key(task.id), None)
    label = next((o.label for o in task.outcomes if o.key == outcome), LocalizedText(outcome))
    text = LocalizedText(zh="{step}：{outcome}", en="{step}: {outcome}").format(step=task.name, outcome=label)
    request.session[DONE] = {"number": number, "text": text.as_json()}
    return redirect("cases:case", number=number)


def _number_of(request: HttpRequest, task_id: int) -> str:
    _, case = visible_task(request.actor, task_id)  # type: ignore[attr-defined]
    return case.number or ""


def _page(
    request: HttpRequest,
    number: str,
    *,
    unmasked: bool = False,
    unmask_error: LocalizedText | None = None,
    refusal: Any = None,
) -> HttpResponse:
    page = cases.case_page(request.actor, number, at=now(), unmasked=unmasked)  # type: ignore[attr-defined]
    kept = request.session
    tasks = [replace(task, opinion=kept.get(_opinion_key(task.id), "")) for task in page.tasks]
    done = kept.pop(DONE, None) if DONE in kept else None
    context = {
        "page": replace(page, tasks=tasks),
        "case": page.case,
        "done": done["text"] if done and done["number"] == number else None,
        "unmasked": unmasked,
        "unmasked_text": UNMASKED,
        "unmask_error": unmask_error,
        "refusal": refusal,
    }
    return render(request, "cases/case.html", context, status=getattr(refusal, "status", 200))
