"""The frame around all editors: one draft, its faults, saving with the revision that was read."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from tongban.apps.studio import queries
from tongban.apps.studio.checking import check_content
from tongban.apps.studio.editors.registry import Editing, editors
from tongban.apps.studio.errors import DraftOvertaken, NotEditable
from tongban.apps.studio.operations.changes import save_draft
from tongban.base.errors import Invalid
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.kernel.decisions.errors import ExpressionError
from tongban.kernel.decisions.service import check_expression
from tongban.kernel.identity.service import official_only

__all__ = ["check_draft", "content_of_draft", "edit_draft", "editor_page", "try_condition"]

MAX_BODY = 2_000_000


@official_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit_draft(request: HttpRequest, number: str, kind: str, key: str) -> HttpResponse:
    """Show a draft in the editor of its kind; save what was posted and go on where the person goes."""
    actor = request.actor  # type: ignore[attr-defined]
    editing = queries.editing_of(actor, number, kind, key)
    editor = editors.get(kind)
    overtaken: DraftOvertaken | None = None
    if request.method == "POST":
        if editor.read is None:
            raise Http404
        if not editing.can_edit:
            raise NotEditable
        content, where = editor.read(request.POST, editing)
        revision = _revision(request.POST.get("revision"))
        try:
            save_draft(
                actor=actor,
                case_id=queries.case_id_of(actor, number),
                kind=kind,
                key=key,
                content=content,
                revision=revision,
                at=now(),
            )
        except DraftOvertaken as refusal:
            # Nothing typed is lost: the page is drawn again with what was typed, beside the newer revision.
            overtaken = refusal
            editing = _with(editing, content)
        else:
            return redirect(f"{editing.url}{where}")
    context = {
        "editing": editing,
        "overtaken": overtaken,
        "errors": sum(1 for fault in editing.faults if fault.is_error),
        "warnings": sum(1 for fault in editing.faults if not fault.is_error),
        "loose": [fault for fault in editing.faults if not fault.path],
        "others": [
            (k, key_, title, editors.get(k).icon) for k, key_, title in editing.beside if k in editors
        ],
        "icon": editor.icon,
        **editor.context(request, editing),
    }
    return render(request, editor.template, context, status=409 if overtaken else 200)


def _with(editing: Editing, content: Any) -> Editing:
    from dataclasses import replace

    return replace(editing, content=content)


def _revision(text: Any) -> int:
    text = str(text or "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0


@official_only
@require_http_methods(["GET", "HEAD", "POST"])
def content_of_draft(request: HttpRequest, number: str, kind: str, key: str) -> HttpResponse:
    """Load or save a draft as JSON, for editors that work by script."""
    actor = request.actor  # type: ignore[attr-defined]
    editing = queries.editing_of(actor, number, kind, key)
    if request.method != "POST":
        return JsonResponse(
            {
                "kind": kind,
                "key": key,
                "content": editing.content,
                "revision": editing.revision,
                "can_edit": editing.can_edit,
                "faults": [fault.as_json() for fault in editing.faults],
            }
        )
    body = _body(request)
    draft = save_draft(
        actor=actor,
        case_id=queries.case_id_of(actor, number),
        kind=kind,
        key=key,
        content=body["content"],
        revision=_revision(body.get("revision")),
        at=now(),
    )
    return JsonResponse({"revision": draft.revision, "faults": draft.faults})


@official_only
@require_POST
def check_draft(request: HttpRequest, number: str, kind: str, key: str) -> HttpResponse:
    """Check a content without saving it."""
    actor = request.actor  # type: ignore[attr-defined]
    editing = queries.editing_of(actor, number, kind, key)
    faults = check_content(kind, key, _body(request)["content"], beside=editing.near)
    return JsonResponse({"faults": [fault.as_json() for fault in faults]})


def _body(request: HttpRequest) -> dict[str, Any]:
    if request.content_type != "application/json" or len(request.body) > MAX_BODY:
        raise Invalid(UNREADABLE)
    try:
        body = json.loads(request.body)
    except ValueError:
        raise Invalid(UNREADABLE) from None
    if not isinstance(body, dict) or not isinstance(body.get("content"), dict):
        raise Invalid(UNREADABLE)
    return body


UNREADABLE = LocalizedText("内容读不出来", "The content cannot be read")


@official_only
@require_http_methods(["GET", "HEAD", "POST"])
def editor_page(request: HttpRequest, number: str, kind: str, key: str, page: str) -> HttpResponse:
    """Show one of the further pages of an editor: a preview."""
    editing = queries.editing_of(request.actor, number, kind, key)  # type: ignore[attr-defined]
    view = editors.get(kind).pages.get(page)
    if view is None:
        raise Http404
    return view(request, editing)


@official_only
@require_POST
def try_condition(request: HttpRequest) -> HttpResponse:
    """Say whether a condition can be read, while it is typed; nothing is kept. The condition is the last value posted."""
    queries.require_studio(request.actor)  # type: ignore[attr-defined]
    name = request.POST.get("_condition", "")
    expression = request.POST.get(name, "").strip()[:2000]
    problem: object = ""
    if expression:
        try:
            check_expression(expression)
        except ExpressionError as error:
            problem = error.detail or error.title
    context = {"problem": problem, "expression": expression}
    return render(request, "studio/parts/condition.html", context)
