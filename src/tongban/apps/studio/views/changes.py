"""Pages about one change: what it changes, review, day, and its end."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from tongban.apps.studio import queries
from tongban.apps.studio.copying import named
from tongban.apps.studio.editors.registry import editors
from tongban.apps.studio.errors import ChangeNotFound, NotEditable
from tongban.apps.studio.operations.changes import NewDraft, add_draft, recheck, remove_draft, set_plan
from tongban.apps.studio.policies import EDIT, require_studio
from tongban.apps.studio.readable import readable
from tongban.base.editables import Link, editable
from tongban.base.errors import Conflict, Forbidden, Invalid, TongbanError
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.kernel.cases import service as cases
from tongban.kernel.identity.service import official_only

__all__ = ["act_on_change", "add_to_change", "show_change"]

NEW_KINDS = ("form", "certificate", "paper", "process", "table", "item")
"""What can be new, in the order in which somebody who makes an item thinks of it. A message is never new."""


@official_only
@require_safe
def show_change(request: HttpRequest, number: str) -> HttpResponse:
    """Show a change with its differences and whatever this person may do with it now."""
    return _page(request, number)


@official_only
@require_POST
def act_on_change(request: HttpRequest, number: str) -> HttpResponse:
    """Do one thing with a change: submit, approve, send back, plan, withdraw, or take one thing out of it."""
    actor = request.actor  # type: ignore[attr-defined]
    change = queries.change_view(actor, number)
    try:
        _do(actor, change, request)
    except (Conflict, Forbidden, Invalid) as refusal:
        return _page(request, number, refusal=refusal)
    return redirect("studio:change", number)


def _do(actor: Any, change: queries.ChangeView, request: HttpRequest) -> None:
    asked, posted, at = request.POST.get("do", ""), request.POST, now()
    case_id = queries.case_id_of(actor, change.number)
    opinion = posted.get("opinion", "").strip()[:2000]
    if asked == "plan" or asked in ("submit", "approve"):
        day = _day(posted.get("publish_on", ""))
        unit = posted.get("reviewing", "")
        if (day, unit) != (change.publish_on, "") and "publish_on" in posted:
            set_plan(
                actor=actor,
                case_id=case_id,
                publish_on=day,
                reviewing_id=int(unit) if unit.isdecimal() and len(unit) < 12 else None,
                at=at,
            )
    if asked in ("submit", "approve", "send_back"):
        if change.task is None or not (change.can_edit if asked == "submit" else change.can_review):
            raise NotEditable
        if asked == "submit":
            recheck(case_id=case_id)
        cases.complete_task(actor=actor, task_id=change.task.id, outcome=asked, opinion=opinion, at=at)
    elif asked == "withdraw":
        cases.run_action(actor=actor, case_id=case_id, key="withdraw", data={}, at=at)
    elif asked == "remove":
        remove_draft(
            actor=actor, case_id=case_id, kind=posted.get("kind", ""), key=posted.get("key", ""), at=at
        )
    elif asked != "plan":
        raise ChangeNotFound


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(NO_DAY) from None
    return day


NO_DAY = LocalizedText("发布日期要写成 2026-03-02 这样", "Write the day like 2026-03-02")


@official_only
@require_POST
def add_to_change(request: HttpRequest, number: str) -> HttpResponse:
    """Let a change change one thing more: published (chosen by kind and key), a copy of such a one, or new."""
    actor = request.actor  # type: ignore[attr-defined]
    require_studio(actor, EDIT)
    case_id = queries.case_id_of(actor, number)
    try:
        draft = _chosen(request, queries.change_view(actor, number))
        made = add_draft(actor=actor, case_id=case_id, draft=draft, at=now())
    except (Conflict, Invalid) as refusal:
        return _page(request, number, refusal=refusal)
    return redirect("studio:editor", number, made.kind, made.key)


def _chosen(request: HttpRequest, change: queries.ChangeView) -> NewDraft:
    """Return what shall be added. A new thing without a key goes by that of the first thing of the change."""
    kind, _, key = request.POST.get("what", "").partition(":")
    new = request.POST.get("new", "").strip()[:60]
    if kind not in editors:
        raise ChangeNotFound
    entry, stem = editable(kind), change.drafts[0].key
    if not key:
        typed = {name: request.POST.get(name, "").strip()[:200] for name in ("zh", "en")}
        typed["key"] = new or queries.free_key(kind, f"{stem}-{kind}")
        return NewDraft(kind, typed["key"], named(kind, entry.blank(), typed))
    versions = entry.versions(key)
    if not versions:
        raise ChangeNotFound
    content = entry.load(key)
    if request.POST.get("do") == "copy" and kind != "message":
        fresh = new or queries.free_key(kind, f"{stem}-{key}"[:56])
        return NewDraft(kind, fresh, entry.renamed(content, {Link(kind, key): fresh}))
    return NewDraft(kind, key, content, base_version=versions[0].version)


def _page(request: HttpRequest, number: str, *, refusal: TongbanError | None = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    change = queries.change_view(actor, number)
    context = {
        "change": change,
        "drafts": [(draft, readable(draft.kind, draft.differences)) for draft in change.drafts],
        "refusal": refusal,
        "opinion": request.POST.get("opinion", ""),
        "kinds": [(kind, editable(kind).label) for kind in NEW_KINDS],
        "addable": queries.addable(actor, change) if change.can_edit else [],
        "icons": {editor.kind: editor.icon for editor in editors},
    }
    return render(request, "studio/change.html", context, status=refusal.status if refusal else 200)
