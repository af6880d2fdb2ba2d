"""The API of the audit."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from tongban.apps.audit.operations.search import search
from tongban.apps.audit.views import filter_of
from tongban.base.time import now
from tongban.kernel.identity.api import Bearer, api_actor
from tongban.kernel.ledger import service as ledger

__all__ = ["router"]

router = Router(tags=["audit"])


class Filter(Schema):
    """Which acts. Acts about a person are searched on the page only: an address must not carry a number."""

    account: int | None = None
    unit: int | None = None
    verb: str = ""
    case: str = ""
    since: date | None = None
    until: date | None = None
    channel: str = ""
    reads: bool = False
    before: int | None = None
    limit: int = 50


class AuditedActOut(Schema):
    """One act. ``batch`` is the batch that seals it, null when it waits; the proof is at ``/ledger/proof/<id>.json``."""

    id: int
    at: datetime
    verb: str
    label: dict[str, str]
    role: str
    who: dict[str, str]
    account: int | None
    person: UUID | None
    unit: dict[str, str]
    post: dict[str, str]
    subject: str
    case: str
    channel: str
    reason: str
    fields: list[str]
    digest: str
    batch: int | None


class AuditedActsOut(Schema):
    """A page of acts, the newest first; ``next`` is the ``before`` of the next page, null at the end."""

    acts: list[AuditedActOut]
    next: int | None


@router.get("/audit/acts", response=AuditedActsOut, auth=Bearer(), summary="Search the ledger")
def list_acts(request: HttpRequest, wanted: Query[Filter]) -> AuditedActsOut:
    """Search the ledger. Needs the duty `admin.audit`; asking for one official's acts is itself an act."""
    given = {
        name: str(value) for name, value in wanted.dict(exclude={"reads", "before", "limit"}).items() if value
    }
    chosen = filter_of({**given, "reads": "1" if wanted.reads else ""})
    limit = max(1, min(wanted.limit, 500))
    rows = search(actor=api_actor(request), wanted=chosen, before=wanted.before, limit=limit + 1, at=now())
    shown = rows[:limit]
    return AuditedActsOut(acts=[_out(row) for row in shown], next=shown[-1].id if len(rows) > limit else None)


def _out(row: ledger.ActRow) -> AuditedActOut:
    texts = {name: getattr(row, name).as_json() for name in ("label", "who", "unit", "post")}
    same = {
        name: getattr(row, name)
        for name in ("id", "at", "verb", "role", "case", "channel", "reason", "digest", "batch")
    }
    return AuditedActOut(
        **same,
        **texts,
        account=row.account_id,
        person=row.person_id,
        subject=str(row.subject),
        fields=list(row.fields),
    )
