"""The tree of units: looking at it, founding, changing, moving."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from tongban.apps.admin.merging import merge_plan
from tongban.apps.admin.policies import ANY, SECURITY, SYSTEM, for_duties, may
from tongban.base.errors import Conflict, Invalid, NotFound
from tongban.base.text import LocalizedText as T
from tongban.base.time import now
from tongban.design.sheets import Sheet, fault, typed
from tongban.kernel.identity import service as identity

__all__ = ["change", "found", "list_units", "merge", "move", "show"]

FACTS = ("name_zh", "name_en", "short_zh", "short_en", "kind", "level", "division_code", "prefix", "uscc")
KINDS = (
    ("government", T("人民政府", "Government")),
    ("office", T("办公室", "Office")),
    ("department", T("工作部门", "Department")),
    ("institution", T("事业单位", "Public institution")),
    ("town", T("乡镇、街道", "Township")),
    ("hall", T("政务服务大厅", "Service hall")),
    ("section", T("内设机构", "Section of a unit")),
    ("village", T("村、社区", "Village or community")),
)
CHANGES = {
    "found": T("设立", "Founded"),
    "rename": T("更名", "Renamed"),
    "move": T("调整隶属", "Moved"),
}


@for_duties(ANY)
@require_safe
def list_units(request: HttpRequest) -> HttpResponse:
    """Show the tree of units, or those in whose name a word stands."""
    query = request.GET.get("q", "").strip()[:40]
    with_closed = request.GET.get("closed") == "1"
    rows = identity.unit_tree(now(), with_closed=with_closed)
    if query:
        low = query.lower()
        rows = [
            row
            for row in rows
            if query in row.unit.name.zh or low in f"{row.unit.name.en} {row.unit.code}".lower()
        ]
    context = {
        "rows": [(row, min(row.depth, 5) if not query else 0) for row in rows],
        "query": query,
        "with_closed": with_closed,
        "may_found": may(request.actor, SYSTEM),  # type: ignore[attr-defined]
    }
    return render(request, "admin/units.html", context)


@for_duties(ANY)
@require_safe
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show a unit: where it stands, its posts and who holds them, what it was before."""
    page = identity.unit_page(code, now())
    actor = request.actor  # type: ignore[attr-defined]
    context = {
        "page": page,
        "kind": dict(KINDS).get(page.unit.kind, T(page.unit.kind)),
        "posts": [(post, [identity.duty_label(duty) for duty in post.duties]) for post in page.posts],
        "versions": [(row, CHANGES[row.change]) for row in page.versions],
        "is_open": page.unit.closed_at is None,
        "is_system": may(actor, SYSTEM),
        "is_security": may(actor, SECURITY),
    }
    return render(request, "admin/unit.html", context)


@for_duties(SYSTEM)
@require_http_methods(["GET", "HEAD", "POST"])
def found(request: HttpRequest) -> HttpResponse:
    """Found a unit."""
    under = _unit_or_none(request.GET.get("under", ""))
    values: dict[str, Any] = dict.fromkeys((*FACTS, "code", "basis"), "")
    values |= {"parent": str(under.pk) if under else "", "level": under.level if under else ""}
    values |= {"division_code": under.division_code if under else "", "kind": "department"}
    sheet = Sheet(values)
    if request.method == "POST":
        sheet = Sheet(typed(request, *FACTS, "code", "parent", "basis"))
        try:
            unit = identity.found_unit(
                actor=request.actor,  # type: ignore[attr-defined]
                facts=_facts(sheet),
                parent_id=_parent(sheet),
                code=sheet.values["code"],
                basis=sheet.values["basis"],
                at=now(),
            )
            return redirect("admin:unit", unit.code)
        except (Invalid, Conflict) as refusal:
            sheet.refuse(refusal)
    context = {"sheet": sheet, "kinds": KINDS, "parents": _parents(), "unit": None, "under": under}
    return render(request, "admin/unit_form.html", context, status=sheet.status)


@for_duties(SYSTEM)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Rename a unit or correct what is known of it."""
    unit = _open_unit(code)
    kinds = list(KINDS) if unit.kind in dict(KINDS) else [*KINDS, (unit.kind, unit.kind)]
    sheet = Sheet(
        {
            "name_zh": unit.name.zh,
            "name_en": unit.name.en,
            "short_zh": unit.short_name.zh,
            "short_en": unit.short_name.en,
            "basis": "",
            **{name: getattr(unit, name) for name in ("kind", "level", "division_code", "prefix", "uscc")},
        }
    )
    if request.method == "POST":
        sheet = Sheet(typed(request, *FACTS, "basis"))
        try:
            identity.change_unit(
                actor=request.actor,  # type: ignore[attr-defined]
                unit_id=unit.pk,
                facts=_facts(sheet),
                basis=sheet.values["basis"],
                at=now(),
            )
            return redirect("admin:unit", code)
        except (Invalid, Conflict) as refusal:
            sheet.refuse(refusal)
    return render(
        request, "admin/unit_form.html", {"sheet": sheet, "kinds": kinds, "unit": unit}, status=sheet.status
    )


@for_duties(SYSTEM)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, code: str) -> HttpResponse:
    """Put a unit with everything below it under another."""
    unit = _open_unit(code)
    sheet = Sheet({"parent": str(unit.parent_id or ""), "basis": ""})
    if request.method == "POST":
        sheet = Sheet(typed(request, "parent", "basis"))
        try:
            identity.move_unit(
                actor=request.actor,  # type: ignore[attr-defined]
                unit_id=unit.pk,
                parent_id=_parent(sheet),
                basis=sheet.values["basis"],
                at=now(),
            )
            return redirect("admin:unit", code)
        except (Invalid, Conflict) as refusal:
            sheet.refuse(refusal)
    context = {"sheet": sheet, "unit": unit, "parents": _parents(besides=[unit.pk])}
    return render(request, "admin/unit_move.html", context, status=sheet.status)


@for_duties(SYSTEM)
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, code: str) -> HttpResponse:
    """Merge a unit into another, after a look at what will go over."""
    at = now()
    unit = _open_unit(code)
    sheet = Sheet({"into": request.GET.get("into", ""), "basis": ""})
    if request.method == "POST":
        sheet = Sheet(typed(request, "into", "basis"))
        try:
            into = identity.merge_unit(
                actor=request.actor,  # type: ignore[attr-defined]
                unit_id=unit.pk,
                into_id=_chosen(sheet),
                basis=sheet.values["basis"],
                at=at,
            )
            return redirect("admin:unit", into.code)
        except (Invalid, Conflict) as refusal:
            sheet.refuse(refusal)
    plan = merge_plan(unit, sheet.values["into"], at) if sheet.values["into"] else None
    choices = identity.unit_choices(besides=[unit.pk])
    context = {"sheet": sheet, "unit": unit, "choices": choices, "plan": plan}
    return render(request, "admin/unit_merge.html", context, status=sheet.status)


def _chosen(sheet: Sheet) -> int:
    chosen = sheet.values["into"]
    if not (chosen.isdecimal() and len(chosen) < 19):
        raise fault("into", "请选并入哪个机构", "Choose the unit to merge into")
    return int(chosen)


def _facts(sheet: Sheet) -> identity.UnitFacts:
    values = sheet.values
    return identity.UnitFacts(
        name=T(values["name_zh"], values["name_en"]),
        short_name=T(values["short_zh"], values["short_en"]),
        division_code=values["division_code"],
        level=values["level"][:20],
        kind=values["kind"][:40],
        prefix=values["prefix"][:20],
        uscc=values["uscc"].upper(),
    )


def _parent(sheet: Sheet) -> int | None:
    chosen = sheet.values["parent"]
    if chosen and not (chosen.isdecimal() and len(chosen) < 19):
        raise fault("parent", "请选上级机构", "Choose the unit above")
    return int(chosen) if chosen else None


def _parents(besides: Any = ()) -> list[tuple[str, Any]]:
    return [("", T("（没有上级，最上面）", "(none, at the top)")), *identity.unit_choices(besides=besides)]


def _unit_or_none(code: str) -> Any:
    try:
        return identity.get_unit(code)
    except NotFound:
        return None


def _open_unit(code: str) -> Any:
    """Return a unit that can still be changed. Raises NotFound."""
    unit = identity.get_unit(code)
    if unit.closed_at is not None:
        raise NotFound
    return unit
