"""What a process may name: booking the time that the applicant chose in a step of hers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tongban.apps.hall.errors import PersonNeeded, SlotNotOffered
from tongban.apps.hall.models import Service
from tongban.apps.hall.operations.book import book
from tongban.apps.hall.schedule import offered
from tongban.apps.hall.words import moment_text
from tongban.base.time import LOCAL
from tongban.kernel.cases import service as cases
from tongban.kernel.forms import service as forms
from tongban.kernel.processes import service as processes

__all__ = ["book_in_process", "times_to_choose"]


def times_to_choose(request: forms.OptionRequest) -> list[forms.Option]:
    """Give the free times of a service (``hall.times:<point>/<service>``) as the options of a form."""
    point, _, key = request.argument.partition("/")
    service = Service.objects.select_related("point").filter(point__key=point, key=key).first()
    if service is None:
        return []
    free = [place.starts_at for day in offered(service, at=request.at) for place in day.places if place.free]
    return [forms.Option(moment.isoformat(timespec="minutes"), moment_text(moment)) for moment in free]


@processes.operation("hall.book", pure_db=True)
def book_in_process(context: processes.OperationContext) -> dict[str, Any]:
    """Book what the step before chose: its answer ``slot`` (a time), for the service of the item (``hall.yaml``).

    The five days in which a paper application must be answered do not run here: people apply when they stand at the window
    together, so the clock of receipt stops. Raises what ``book`` raises, and then the step is not done.
    """
    case = cases.locked_case(context.owner)
    rows = Service.objects.select_related("point", "unit").filter(by_appointment=True, point__is_active=True)
    service = rows.filter(item=context.vars.get("item") or "-").order_by("point__order").first()
    said = context.vars.get("data", {}).get(context.task.node if context.task else "", {}).get("slot", "")
    if service is None:
        raise SlotNotOffered
    if context.actor.is_system:
        raise PersonNeeded
    try:
        starts_at = datetime.fromisoformat(str(said)).astimezone(LOCAL)
    except ValueError:
        raise SlotNotOffered from None
    made = book(actor=context.actor, service=service, starts_at=starts_at, at=context.at, case=case)
    cases.stop_case_clocks(case=case, at=context.at, roles=("acceptance",))
    return {"appointment": str(made.pk)}
