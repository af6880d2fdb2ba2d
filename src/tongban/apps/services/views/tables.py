"""Taking over a catalogue in the browser: send a table, say what its columns are, look, let it in, fetch what was given back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from tongban.apps.services.models import CatalogueImport
from tongban.apps.services.operations import tables
from tongban.apps.services.operations.importing import read_head
from tongban.apps.services.rules.elements import TYPES
from tongban.apps.services.rules.importing import COLUMNS
from tongban.base.errors import NotFound, SpreadsheetRefused
from tongban.base.text import LocalizedText as T
from tongban.base.time import now
from tongban.design.paging import page_number, paginate
from tongban.kernel.files import service as files
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.service import official_only

__all__ = ["let_in", "list_tables", "rejected_rows", "show_table"]

STATES = {
    "sent": T("已上传", "Sent"),
    "checking": T("正在核对", "Being checked"),
    "refused": T("读不出来", "Cannot be read"),
    "checked": T("已核对，待审核", "Checked, to be let in"),
    "running": T("正在导入", "Being taken in"),
    "done": T("已导入", "Taken in"),
}
FOUND = {
    "code": T("按信用代码对上", "by credit code"),
    "name": T("按名称对上", "by name"),
    "choice": T("您指定的", "as you said"),
    "new": T("不是本地单位，作为导入单位", "none of ours: taken up as an imported unit"),
}
FORMER = T("以前导入的单位", "taken up by an earlier import")
LEAVE_OUT = T("不用这一列", "leave this column out")


@official_only
def list_tables(request: HttpRequest) -> HttpResponse:
    """List the tables that were sent; send one (POST)."""
    actor = request.actor  # type: ignore[attr-defined]
    identity.require_duty(actor, tables.EDIT)
    error = ""
    if request.method == "POST":
        try:
            table = tables.send_table(actor=actor, upload=request.FILES.get("table"), at=now())
            return redirect("services:table", import_id=table.pk)
        except SpreadsheetRefused as refusal:
            error = str(refusal.detail or refusal.title)
    page = paginate(CatalogueImport.objects.all(), number=page_number(request.GET.get("page")))
    rows = [(table, STATES[table.state]) for table in page]
    context = {"page": page, "rows": rows, "error": error}
    return render(request, "services/tables.html", context, status=422 if error else 200)


@official_only
def show_table(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Show a table: its columns to choose, what it would bring or has brought. POST has it checked with other choices."""
    actor = request.actor  # type: ignore[attr-defined]
    table = _table(actor, import_id)
    if request.method == "POST":
        head = read_head(files.read_file(table.file_id))
        names = request.POST.getlist("unit_name")
        tables.choose_columns(
            actor=actor,
            import_id=table.pk,
            columns={index: request.POST.get(f"column-{index}", "") for index in range(len(head.header))},
            units=dict(zip(names, request.POST.getlist("unit_code"), strict=False)),
            adopt=request.POST.get("adopt") == "1",
            source=request.POST.get("source", ""),
        )
        return redirect("services:table", import_id=table.pk)
    return render(request, "services/table.html", _context(actor, table))


@official_only
@require_POST
def let_in(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Let a table in."""
    tables.let_table_in(actor=request.actor, import_id=import_id, at=now())  # type: ignore[attr-defined]
    return redirect("services:table", import_id=import_id)


@official_only
def rejected_rows(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Give the rows that were given back, with the reasons, as CSV in which no cell is a formula."""
    table = _table(request.actor, import_id)  # type: ignore[attr-defined]
    if table.rejected_id is None:
        raise NotFound
    answer = HttpResponse(files.read_file(table.rejected_id), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="rejected.csv"'
    return answer


def _table(actor: Any, import_id: UUID) -> CatalogueImport:
    identity.require_duty(actor, tables.EDIT)
    table = CatalogueImport.objects.filter(pk=import_id).first()
    if table is None:
        raise NotFound
    return table


def _context(actor: Any, table: CatalogueImport) -> dict[str, Any]:
    is_open = table.state in ("checked", "refused")
    head = read_head(files.read_file(table.file_id)) if is_open else None
    chosen = {int(column) - 1: name for name, column in table.mapping.items() if column.isdecimal()}
    options = [("", LEAVE_OUT), *((name, column.label) for name, column in COLUMNS.items())]
    columns = [
        {
            "index": index,
            "header": text,
            "chosen": chosen.get(index, ""),
            "cells": [row.cells[index] for row in head.rows[:3] if index < len(row.cells)],
        }
        for index, text in enumerate(head.header)
    ] if head is not None else []  # fmt: skip
    report = table.report
    units = [{**unit, "found": _how(unit)} for unit in report.get("units", ())]
    return {
        "table": table,
        "state": STATES[table.state],
        "is_busy": table.state in ("checking", "running"),
        "is_open": is_open,
        "columns": columns,
        "options": options,
        "refusal": T.of(report.get("refusal")),
        "report": report,
        "strangers": [unit for unit in units if unit["by"] in ("new", "choice")],
        "units": [unit for unit in units if unit["by"] in ("code", "name")],
        "unit_options": [
            ("", T("不指定", "not said")),
            *((u.code, u.name) for u in identity.list_units() if u.kind != "imported"),
        ],
        "sample": [
            {"name": T.of(row["name"]), "type": TYPES.get(row["type"], ""), "code": row.get("local_code", "")}
            for row in report.get("sample", ())
        ],
        "rejected": [
            {"number": row["number"], "reasons": [T.of(one) for one in row["reasons"]]}
            for row in report.get("rows", ())
        ],
        "may_let_in": table.state == "checked"
        and tables.REVIEW in actor.duties
        and table.sent_by not in actor.persons,
    }


def _how(unit: dict[str, Any]) -> T:
    """Say how a body in the table was matched with a unit."""
    return FORMER if unit["by"] == "name" and unit["code"].startswith("imported-") else FOUND[unit["by"]]
