"""Special procedures (特别程序): hearing, tender, auction, laboratory inspection, testing, quarantine, appraisal, expert review.

Their time does not count within the time limit, on two conditions (Administrative Licensing Law art. 45): the item's law
allows it, and the applicant was told in writing how long it takes. So the process names the procedure
(``services.pause_for_testing``), the notice is issued and served first, and by it the clocks of the decision stand still until
``services.resume_procedure``, or until the time told is over. Which procedure an item knows, by which article and paper, is
its data (``pauses``).

The step before the pause asks how long it takes: ``expected_days`` in working days; ``subjects`` and ``remarks`` go onto the
notice where its form has them. Steps opened during the pause have limits that run: they measure whoever works in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from tongban.apps.services.errors import ProcedureTimeMissing
from tongban.apps.services.operations.notices import notify, serve_paper
from tongban.apps.services.queries import application as reading
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.calendars import service as calendars
from tongban.kernel.calendars.errors import ClockNotPaused
from tongban.kernel.cases import service as cases
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["pause_for_procedure", "resume_procedure"]


def pause_for_procedure(reason: str, context: processes.OperationContext) -> dict[str, Any]:
    """Tell the applicant of the procedure and stop the clocks of the decision from the next day.

    Whether the law of the clocks knows this procedure is decided by ``cases.check_pause`` and nowhere else. Raises
    ProcedureTimeMissing, and what that raises: PauseNotAllowed, PauseTooLong, ClockNotRunning.
    """
    case = cases.locked_case(context.owner)
    item = reading.item_of(case)
    asked = dict(context.task.data) if context.task else {}
    if not asked.get("expected_days"):
        raise ProcedureTimeMissing
    expected = f"{asked['expected_days']}wd"
    law = cases.check_pause(case=case, reason=reason, expected=expected)[0]
    label, told = LocalizedText(*law.label), item.pause(reason)
    unit = identity.get_unit(told["by"]) if told.get("by") else case.unit
    ledger.record(
        actor=context.actor,
        verb="services.pause",
        subject=case.ref,
        case=str(case.ref),
        facts={"reason": reason, "days": asked["expected_days"]},
        at=context.at,
    )
    notify(case=case, template="licence.paused", at=context.at, reason=label)
    paper = serve_paper(
        case=case,
        actor=context.actor,
        template=law.paper,
        data={
            **reading.paper_facts(case, item),
            "reason": label.as_json(),
            "article": LocalizedText(*law.article).as_json(),
            "subjects": _as_text(context, "subjects"),
            "by": unit.name.as_json() if told.get("by") else None,
            "expected": expected,
            "paused_from": (local_date(context.at) + timedelta(days=1)).isoformat(),
            "remarks": asked.get("remarks"),
            "note": told.get("note"),
        },
        at=context.at,
    )
    cases.pause_case_clocks(
        actor=context.actor,
        case=case,
        reason=reason,
        paper_id=paper.pk,
        expected=expected,
        writes_act=False,
        at=context.at,
    )
    return {"procedure": {"reason": reason, "unit": unit.pk, "paper": paper.number}}


@processes.operation("services.resume_procedure", pure_db=True)
def resume_procedure(context: processes.OperationContext) -> dict[str, Any]:
    """The procedure is over: the clocks of the decision run again from the next day, and the applicant is told.

    Where the time told was over first, they run already.
    """
    case = cases.locked_case(context.owner)
    procedure = context.vars.get("procedure") or {}
    reason = str(procedure.get("reason", ""))
    try:
        cases.resume_case_clocks(actor=context.actor, case=case, writes_act=False, at=context.at)
    except ClockNotPaused:
        pass
    else:
        label = calendars.LICENSING_LAW_45.get(reason, ("特别程序", "special procedure"))
        notify(case=case, template="licence.resumed", at=context.at, reason=LocalizedText(*label))
    ledger.record(
        actor=context.actor,
        verb="services.resume",
        subject=case.ref,
        case=str(case.ref),
        facts={"reason": reason},
        at=context.at,
    )
    return {"procedure": None}


def _as_text(context: processes.OperationContext, name: str) -> Mapping[str, str] | None:
    """Return an answer of the step before in the words of its form, None when it was not asked or not answered."""
    task = context.task
    if task is None or not task.data.get(name):
        return None
    key = next((o.form for o in task.outcomes if o.key == task.outcome and o.form), task.form)
    field = forms.get_form(key).fields[name]
    return forms.as_text(field, task.data[name], field.options).as_json()


for _reason in calendars.LICENSING_LAW_45:
    processes.operation(f"services.pause_for_{_reason}", pure_db=True)(partial(pause_for_procedure, _reason))
