"""Posts: what their holders may do, who holds them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from tongban.apps.admin.operations.leave import leave_post
from tongban.apps.admin.policies import ANY, SECURITY, for_duties, may
from tongban.base.errors import Conflict, Invalid, NotFound
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date, now
from tongban.design.sheets import Sheet, day_begins, fault, last_day, typed
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import service as processes

__all__ = ["abolish", "appoint", "change", "end", "found", "show"]


@for_duties(ANY)
@require_safe
def show(request: HttpRequest, post_id: int) -> HttpResponse:
    """Show a post."""
    row = identity.get_post(post_id, now())
    context = {
        "row": row,
        "duties": [identity.Duty(key, identity.duty_label(key)) for key in row.duties],
        "is_security": may(request.actor, SECURITY) and row.post.closed_at is None,  # type: ignore[attr-defined]
    }
    return render(request, "admin/post.html", context)


@for_duties(SECURITY)
@require_http_methods(["GET", "HEAD", "POST"])
def found(request: HttpRequest, code: str) -> HttpResponse:
    """Found a post in a unit."""
    unit = identity.get_unit(code)
    sheet = Sheet({"name_zh": "", "name_en": "", "duties": []})
    if request.method == "POST":
        sheet = Sheet(_typed(request))
        try:
            post = identity.found_post(
                actor=request.actor,  # type: ignore[attr-defined]
                unit_id=unit.pk,
                name=_name(sheet),
                duties=_duties(sheet),
                at=now(),
            )
            return redirect("admin:post", post.pk)
        except (Invalid, Conflict) as refusal:
            sheet.refuse(refusal)
    return _form(request, sheet, unit=unit)


@for_duties(SECURITY)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, post_id: int) -> HttpResponse:
    """Rename a post or change what its holders may do."""
    row = _standing(post_id)
    name = row.post.name
    sheet = Sheet({"name_zh": name.zh, "name_en": name.en, "duties": list(row.duties)})
    if request.method == "POST":
        sheet = Sheet(_typed(request))
        try:
            identity.change_post(
                actor=request.actor,  # type: ignore[attr-defined]
                post_id=post_id,
                name=_name(sheet),
                duties=_duties(sheet, row.duties),
                at=now(),
            )
            return redirect("admin:post", post_id)
        except (Invalid, Conflict) as refusal:
            sheet.refuse(refusal)
    return _form(request, sheet, unit=row.post.unit, row=row)


@for_duties(SECURITY)
@require_http_methods(["GET", "HEAD", "POST"])
def abolish(request: HttpRequest, post_id: int) -> HttpResponse:
    """Abolish a post that nobody holds."""
    row = _standing(post_id)
    sheet = Sheet({"reason": ""})
    if request.method == "POST":
        sheet = Sheet(typed(request, "reason"))
        try:
            _need_reason(sheet)
            identity.abolish_post(
                actor=request.actor,  # type: ignore[attr-defined]
                post_id=post_id,
                reason=sheet.values["reason"],
                at=now(),
            )
            return redirect("admin:unit", row.post.unit.code)
        except (Invalid, Conflict) as refusal:
            sheet.refuse(refusal)
    return render(request, "admin/post_abolish.html", {"row": row, "sheet": sheet}, status=sheet.status)


@for_duties(SECURITY)
@require_http_methods(["GET", "HEAD", "POST"])
def appoint(request: HttpRequest, post_id: int) -> HttpResponse:
    """Find an official by name and let her hold the post from a day, perhaps to a day."""
    row = _standing(post_id)
    at = now()
    sheet = Sheet({"q": "", "person": "", "since": local_date(at).isoformat(), "until": ""})
    if request.method == "POST":
        sheet = Sheet(typed(request, "q", "person", "since", "until"))
        try:
            if "find" not in request.POST:
                identity.appoint(
                    actor=request.actor,  # type: ignore[attr-defined]
                    person_id=_person(sheet),
                    post_id=post_id,
                    since=day_begins(sheet.values["since"], "since", at=at),
                    until=last_day(sheet.values["until"], "until"),
                    at=at,
                )
                return redirect("admin:post", post_id)
        except (Invalid, Conflict) as refusal:
            sheet.refuse(refusal, "until" if isinstance(refusal, Invalid) else "")
    people = identity.list_officials(
        at=at, query=sheet.values["q"], limit=FOUND if sheet.values["q"] else FIRST
    )
    context = {
        "row": row,
        "sheet": sheet,
        "people": [
            {"value": str(each.person_id), "label": each.name, "hint": each.posts_text or NO_POST}
            for each in people
        ],
    }
    return render(request, "admin/appoint.html", context, status=sheet.status)


FIRST, FOUND = 10, 40
"""How many people are offered before and after somebody was looked for."""
NO_POST = T("还没有岗位", "No post yet")


@for_duties(SECURITY)
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, holding_id: int) -> HttpResponse:
    """End an appointment at once, with the reason; hand over before what the person has in hands."""
    at = now()
    actor = request.actor  # type: ignore[attr-defined]
    holding = identity.get_holding(holding_id, at)
    sheet = Sheet({"reason": "", "to": request.GET.get("to", "")})
    if request.method == "POST":
        sheet = Sheet(typed(request, "reason", "to"))
        try:
            _need_reason(sheet)
            leave_post(
                actor=actor,
                holding_id=holding_id,
                to=sheet.values["to"],
                reason=sheet.values["reason"],
                at=at,
            )
            return redirect("admin:post", holding.post_id)
        except (Invalid, Conflict) as refusal:
            sheet.refuse(refusal)
    key, plan = f"{holding.post_id}:{holding.person_id}", None
    if sheet.values["to"] and holding.is_running(at):
        try:
            plan = cases.preview_hand_over(actor=actor, person=key, to=sheet.values["to"], at=at)
        except Invalid as refusal:
            sheet.refuse(refusal)
    heirs = identity.colleagues(at=at, besides=[holding.person_id], query=request.GET.get("q", "")[:40])
    heirs.sort(key=lambda each: each.unit_name.zh != holding.unit_name.zh)
    context = {
        "holding": holding,
        "sheet": sheet,
        "plan": plan,
        "in_hands": len(processes.tasks_in_hands(holding.person_id)),
        "heirs": [("", NOBODY), *((each.key, _heir(each)) for each in heirs)],
    }
    return render(request, "admin/holding_end.html", context, status=sheet.status)


NOBODY = T("（没有要交的，不交接）", "(nothing to hand over)")


def _heir(each: identity.ColleagueView) -> T:
    words = T("{name}（{unit} {post}）", "{name} ({unit}, {post})")
    return words.format(name=each.name, unit=each.unit_name, post=each.post_name)


def _typed(request: HttpRequest) -> dict[str, Any]:
    return {**typed(request, "name_zh", "name_en"), "duties": request.POST.getlist("duties")}


def _name(sheet: Sheet) -> T:
    return T(sheet.values["name_zh"], sheet.values["name_en"])


def _duties(sheet: Sheet, besides: Any = ()) -> list[str]:
    known = {duty.key for duty in identity.duties_for_choice(besides)}
    return [key for key in sheet.values["duties"] if key in known]


def _person(sheet: Sheet) -> UUID:
    try:
        return UUID(sheet.values["person"])
    except ValueError:
        raise fault("person", "请选一个人", "Choose a person") from None


def _need_reason(sheet: Sheet) -> None:
    if not sheet.values["reason"]:
        raise fault("reason", "请写理由", "Give the reason")


def _standing(post_id: int) -> identity.PostRow:
    row = identity.get_post(post_id, now())
    if row.post.closed_at is not None:
        raise NotFound
    return row


def _form(request: HttpRequest, sheet: Sheet, *, unit: Any, row: Any = None) -> HttpResponse:
    duties = identity.duties_for_choice(row.duties if row else ())
    options = [{"value": duty.key, "label": duty.label, "hint": duty.note or duty.key} for duty in duties]
    context = {"sheet": sheet, "unit": unit, "row": row, "options": options}
    return render(request, "admin/post_form.html", context, status=sheet.status)
