"""Public notice before a decision (公示): the site shows, masked, what was applied for; neighbours may object.

The item says what is shown (``publicity: {fields: [...]}``, fields of its form) and for how long (``limits.publicity``, with its
legal source), which the timer of the process takes over; without it the process says how long. When it
is over the notice is no longer shown: what remains is that it was, from when and until when.
"""

from __future__ import annotations

from typing import Any

from tongban.apps.services.models import PublicNotice
from tongban.apps.services.operations.notices import notify
from tongban.apps.services.queries import application as reading
from tongban.base.time import local_date
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases import service as cases
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["end_notice", "publish_notice"]

DAYS = "7d"
"""Where the item says nothing: as long as the timer of the processes that publish. The last day moves with a holiday like it."""


@processes.operation("services.publish_notice", pure_db=True)
def publish_notice(context: processes.OperationContext) -> dict[str, Any]:
    """Show the application on the public site, masked, and tell the applicant until when."""
    case = cases.locked_case(context.owner)
    item = reading.item_of(case)
    lines = reading.masked_lines(case, item.content["publicity"]["fields"], at=context.at)
    lines += (case.facts.get("calculation") or {}).get("lines", [])
    limit = (context.vars.get("limits") or {}).get(
        "publicity"
    ) or DAYS  # as it was when the case was submitted
    until = local_date(calendars.add_limit(context.at, limit, region=case.unit.division_code))
    PublicNotice.objects.create(
        case=case, item_key=item.key, unit_id=case.unit_id, lines=lines, published_at=context.at, until=until
    )
    _record(context, "services.publish_notice", case)
    notify(case=case, template="licence.publicised", at=context.at, until=until.isoformat())
    return {"notice": {"from": local_date(context.at).isoformat(), "until": until.isoformat()}}


@processes.operation("services.end_notice", pure_db=True)
def end_notice(context: processes.OperationContext) -> None:
    """Take the notice off the site."""
    case = cases.locked_case(context.owner)
    PublicNotice.objects.filter(case=case, ended_at=None).update(ended_at=context.at)
    _record(context, "services.end_notice", case)


def _record(context: processes.OperationContext, verb: str, case: Any) -> None:
    ledger.record(actor=context.actor, verb=verb, subject=case.ref, case=str(case.ref), at=context.at)
