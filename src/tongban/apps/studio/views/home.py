"""Pages about what can be edited: the start page, the list of a kind, the versions of a thing and their differences."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.apps.studio import queries
from tongban.apps.studio.copying import named, plan_copy, read_plan
from tongban.apps.studio.editors.registry import editors
from tongban.apps.studio.errors import ChangeNotFound
from tongban.apps.studio.operations.changes import NewDraft, open_change
from tongban.apps.studio.policies import EDIT, require_studio
from tongban.apps.studio.readable import readable
from tongban.apps.studio.rules import differences
from tongban.base.editables import Link, editable, find
from tongban.base.errors import Conflict, Invalid
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.kernel.identity.service import official_only

__all__ = [
    "compare_versions",
    "copy_thing",
    "list_kind",
    "new_thing",
    "show_home",
    "show_thing",
    "start_change",
]


@official_only
@require_safe
def show_home(request: HttpRequest) -> HttpResponse:
    """Show what can be edited, what is in hand, what waits for review and what was published."""
    actor = request.actor  # type: ignore[attr-defined]
    require_studio(actor)
    context = {
        "kinds": queries.kinds_of(),
        "editing": queries.changes_of(actor, states=["submitted", "editing"]),
        "reviewing": queries.changes_of(actor, states=["reviewing"]),
        "waiting": queries.changes_of(actor, states=["waiting"]),
        "published": queries.recently_published(),
        "can_edit": EDIT in actor.duties,
    }
    return render(request, "studio/home.html", context)


@official_only
@require_safe
def list_kind(request: HttpRequest, kind: str) -> HttpResponse:
    """Show everything of one kind, with the open changes."""
    actor = request.actor  # type: ignore[attr-defined]
    words = request.GET.get("words", "")[:100]
    rows = queries.list_kind(actor, kind, words=words)
    context = {"entry": editable(kind), "rows": rows, "words": words, "can_edit": EDIT in actor.duties}
    return render(request, "studio/kind.html", context)


@official_only
@require_safe
def show_thing(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Show the versions of a thing, and what each changed."""
    actor = request.actor  # type: ignore[attr-defined]
    entry, versions, made, open_change_number = queries.history_of(actor, kind, key)
    newest = entry.load_version(key, versions[0].version)
    context = {
        "entry": entry,
        "key": key,
        "title": queries.title_of(kind, newest, key),
        "versions": [(each, made.get(each.version, "")) for each in versions],
        "open_change": open_change_number,
        "can_edit": EDIT in actor.duties,
        "links": _links(entry, newest),
    }
    return render(request, "studio/thing.html", context)


def _links(entry: Any, content: Any) -> list[tuple[LocalizedText, Link, bool]]:
    """Return what a thing names, with whether it can be edited here."""
    found = []
    for link in entry.links(content):
        other = find(link.kind)
        if other is not None:
            found.append((other.label, link, link.kind in editors and bool(other.versions(link.key))))
    return found


@official_only
@require_safe
def compare_versions(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Show how two versions differ, in words."""
    actor = request.actor  # type: ignore[attr-defined]
    entry, versions, _, _ = queries.history_of(actor, kind, key)
    numbers = [each.version for each in versions]
    new = _number(request.GET.get("to"), numbers, numbers[0])
    old = _number(request.GET.get("from"), numbers, next((n for n in numbers if n < new), new))
    before, after = entry.load_version(key, old), entry.load_version(key, new)
    context = {
        "entry": entry,
        "key": key,
        "title": queries.title_of(kind, after, key),
        "versions": versions,
        "old": old,
        "new": new,
        "differences": readable(kind, differences(before, after)),
    }
    return render(request, "studio/compare.html", context)


def _number(asked: str | None, known: list[int], default: int) -> int:
    return int(asked) if asked and asked.isdecimal() and len(asked) < 7 and int(asked) in known else default


@official_only
@require_POST
def start_change(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Begin a change of a thing, from its newest version or (to go back) from an older one."""
    actor = request.actor  # type: ignore[attr-defined]
    require_studio(actor, EDIT)
    entry, versions, _, number = queries.history_of(actor, kind, key)
    if number:
        return redirect("studio:change", number)
    newest = versions[0].version
    version = _number(request.POST.get("version"), [each.version for each in versions], newest)
    draft = NewDraft(kind, key, entry.load_version(key, version), base_version=newest)
    change = open_change(actor=actor, drafts=[draft], at=now())
    return redirect(reverse("studio:editor", args=[change.case.number, kind, key]))


@official_only
@require_http_methods(["GET", "HEAD", "POST"])
def new_thing(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for key and name of something new, and begin the change that makes it."""
    actor = request.actor  # type: ignore[attr-defined]
    require_studio(actor, EDIT)
    entry = find(kind)
    if entry is None or kind not in editors or kind == "message":
        raise ChangeNotFound
    typed = {name: request.POST.get(name, "").strip()[:200] for name in ("key", "zh", "en")}
    errors: list[Any] = []
    if request.method == "POST":
        try:
            if not typed["zh"]:
                raise Invalid(errors=[{"field": "zh", "message": NAME_MISSING.as_json()}])
            content = named(kind, entry.blank(), typed)
            draft = NewDraft(kind, typed["key"], content)
            change = open_change(actor=actor, drafts=[draft], at=now())
            return redirect(reverse("studio:editor", args=[change.case.number, kind, typed["key"]]))
        except (Invalid, Conflict) as refusal:
            errors = refusal.data.get("errors") or [{"field": "key", "message": refusal.title}]
    context = {
        "entry": entry,
        "typed": typed,
        "errors": errors,
        "at": {e["field"]: e["message"] for e in errors},
    }
    return render(request, "studio/new.html", context, status=422 if errors else 200)


NAME_MISSING = LocalizedText("请写名称", "Please write a name")


@official_only
@require_http_methods(["GET", "HEAD", "POST"])
def copy_thing(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Show what a copy takes along, under which keys, and begin the change that makes it."""
    actor = request.actor  # type: ignore[attr-defined]
    require_studio(actor, EDIT)
    queries.history_of(actor, kind, key)
    new_key = (request.POST.get("key") or f"{key}-copy").strip()[:60]
    plan = plan_copy(kind, key, new_key=new_key)
    typed = {name: request.POST.get(name, "").strip()[:200] for name in ("zh", "en")}
    errors: list[Any] = []
    if request.method == "POST" and request.POST.get("do") == "copy":
        try:
            change = open_change(actor=actor, drafts=read_plan(plan, request.POST, names=typed), at=now())
            return redirect("studio:change", change.case.number)
        except (Invalid, Conflict) as refusal:
            errors = refusal.data.get("errors") or [{"field": "key", "message": refusal.title}]
    entry = editable(kind)
    context = {
        "entry": entry,
        "key": key,
        "title": queries.title_of(kind, entry.load(key), key),
        "new_key": new_key,
        "typed": typed,
        "plan": plan,
        "errors": errors,
    }
    return render(request, "studio/copy.html", context, status=422 if errors else 200)
