"""A table of items sent in the browser: one person sends it and says what its columns are, a second lets it in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from tongban.apps.services.errors import ImportNotReady, OwnImport
from tongban.apps.services.models import CatalogueImport
from tongban.apps.services.operations.importing import (
    Choices,
    Report,
    import_items,
    preview_import,
    read_head,
)
from tongban.apps.services.rules.importing import COLUMNS
from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.errors import NotFound, SpreadsheetRefused, TongbanError
from tongban.base.ref import Ref
from tongban.base.spreadsheets import write_csv
from tongban.base.text import LocalizedText as T
from tongban.kernel.files import service as files
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["EDIT", "REVIEW", "check_table", "choose_columns", "let_table_in", "send_table", "take_table"]

EDIT, REVIEW = "studio.edit", "studio.review"
SHOWN = 30
TOO_LARGE = T(
    "文件超过 20 MB，请在服务器上用 tongban items import 导入", "Larger than 20 MB: use tongban items import"
)


@transaction.atomic
def send_table(*, actor: Actor, upload: Any, at: datetime) -> CatalogueImport:
    """Keep a table and have it checked with the columns that are understood. Raises Forbidden, SpreadsheetRefused."""
    identity.require_duty(actor, EDIT)
    if upload is None or (upload.size or 0) > settings.MAX_UPLOAD_BYTES:
        raise SpreadsheetRefused(TOO_LARGE if upload is not None else None)
    content = upload.read(settings.MAX_UPLOAD_BYTES + 1)
    head = read_head(content)
    table = CatalogueImport(
        name=(upload.name or "table")[-120:],
        mapping={name: str(column + 1) for name, column in head.mapping.items()},
        sent_by=actor.person_id or UUID(int=0),
        sender=actor.name,
        sent_at=at,
    )
    stored = files.store_bytes(
        name=table.name,
        media_type="application/octet-stream",
        content=content,
        use=_ref(table),
        role="table",
        at=at,
    )
    table.file_id = stored.pk
    table.save(force_insert=True)
    ledger.record(
        actor=actor, verb="services.send_table", subject=_ref(table), facts={"sha256": stored.sha256}, at=at
    )
    _check_later(table)
    return table


@transaction.atomic
def choose_columns(
    *,
    actor: Actor,
    import_id: UUID,
    columns: Mapping[int, str],
    units: Mapping[str, str],
    adopt: bool,
    source: str,
) -> CatalogueImport:
    """Say which column is which element and whose the bodies are, and have the table checked again. Raises ImportNotReady."""
    identity.require_duty(actor, EDIT)
    table = _locked(import_id, {"sent", "checked", "refused"})
    chosen = {name: str(column + 1) for column, name in columns.items() if name in COLUMNS}
    table.mapping = {name: chosen.get(name, "") for name in {*table.mapping, *chosen}}
    table.units = {name: code for name, code in units.items() if code}
    table.adopt, table.source = adopt, source.strip()[:200]
    _check_later(table)
    return table


@transaction.atomic
def let_table_in(*, actor: Actor, import_id: UUID, at: datetime) -> CatalogueImport:
    """Let a checked table in: by another person than who sent it. Raises Forbidden, OwnImport, ImportNotReady."""
    identity.require_duty(actor, REVIEW)
    table = _locked(import_id, {"checked"})
    if table.sent_by in actor.persons:
        raise OwnImport
    table.state, table.done = "running", 0
    table.let_in_by, table.let_in_at = actor.name, at
    table.save()
    ledger.record(actor=actor, verb="services.let_table_in", subject=_ref(table), at=at)
    work.defer("services.run_import", import_id=str(table.pk))
    return table


def check_table(*, import_id: str) -> None:
    """Find out what a table would bring, and keep that for its page. Called by a job."""
    table = CatalogueImport.objects.filter(pk=import_id, state="checking").first()
    if table is not None:
        try:
            report = preview_import(content=files.read_file(table.file_id), choices=_choices(table))
        except TongbanError as refusal:
            _keep(table, "refused", {"refusal": _words(refusal)})
        else:
            _keep(table, "checked", _told(report), report)


def take_table(*, import_id: str, at: datetime) -> None:
    """Take a table in that was let in. Called by a job; doing it again changes nothing."""
    table = CatalogueImport.objects.filter(pk=import_id, state="running").first()
    if table is None:
        return

    def progress(done: int) -> None:
        CatalogueImport.objects.filter(pk=table.pk).update(done=done)

    actor = Actor(channel="desk", name=table.let_in_by)
    report = import_items(
        actor=actor, content=files.read_file(table.file_id), choices=_choices(table), at=at, progress=progress
    )
    _keep(table, "done", _told(report), report)


def _check_later(table: CatalogueImport) -> None:
    table.state, table.report = "checking", {}
    table.save()
    work.defer("services.check_import", import_id=str(table.pk))


def _keep(table: CatalogueImport, state: str, told: dict[str, Any], report: Report | None = None) -> None:
    table.state, table.report, table.rejected_id = state, told, None
    if report is not None and report.rejected:
        stored = files.store_bytes(
            name="rejected.csv",
            media_type="text/csv",
            content="".join(write_csv(report.rejected_table())).encode(),
            use=_ref(table),
            role="rejected",
            at=table.let_in_at or table.sent_at,
        )
        table.rejected_id = stored.pk
    table.save(update_fields=["state", "report", "rejected_id"])


def _told(report: Report) -> dict[str, Any]:
    """Return what the page shows of a report."""
    return {
        **report.counts(),
        "units": [
            {
                "name": found.name,
                "code": found.unit.code if found.unit else "",
                "by": found.by,
                "rows": found.rows,
            }
            for found in report.units.values()
        ],
        "sample": report.sample,
        "rows": [
            {"number": row.number, "reasons": [reason.as_json() for reason in row.reasons]}
            for row in report.rejected[:SHOWN]
        ],
    }


def _words(refusal: TongbanError) -> dict[str, str]:
    words = T.of(refusal.detail) if refusal.detail else refusal.title
    return words.as_json()


def _choices(table: CatalogueImport) -> Choices:
    return Choices(mapping=table.mapping, units=table.units, adopt=table.adopt, source=T(table.source))


def _locked(import_id: UUID, states: set[str]) -> CatalogueImport:
    table = CatalogueImport.objects.select_for_update().filter(pk=import_id).first()
    if table is None:
        raise NotFound
    if table.state not in states:
        raise ImportNotReady
    return table


def _ref(table: CatalogueImport) -> Ref:
    return Ref.to("catalogue_import", table.pk)
