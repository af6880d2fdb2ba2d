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
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from tongban.apps.services import rules
from tongban.apps.services.errors import ProcedureNotAllowed, ProcedureTimeMissing
from tongban.apps.services.operations.notices import notify, serve_paper
from tongban.apps.services.queries import application as reading
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.calendars.errors import ClockNotPaused
from tongban.kernel.cases import service as cases
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["pause_for_procedure", "resume_procedure"]


def pause_for_procedure(reason: str, context: processes.OperationContext) -> dict[str, Any]:
    """Tell the applicant of the procedure and stop the clocks of the decision from the next day.

    Raises ProcedureNotAllowed when the item's law does not know this procedure, and ProcedureTimeMissing.
    """
    case = cases.locked_case(context.owner)
    item = reading.item_of(case)
    rule = item.pause(reason)
    if rule is None:
        raise ProcedureNotAllowed(reason=reason, allowed=[row["reason"] for row in item.pauses])
    label = rules.PROCEDURES[reason]
    asked = dict(context.task.data) if context.task else {}
    if not asked.get("expected_days"):
        raise ProcedureTimeMissing
    expected = f"{asked['expected_days']}wd"
    cases.check_pause(case=case, reason=reason, expected=expected)
    unit = identity.get_unit(rule["by"]) if rule.get("by") else case.unit
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
        template=rule["paper"],
        data={
            **reading.paper_facts(case, item),
            "reason": label.as_json(),
            "article": LocalizedText.of(rule["article"]).as_json(),
            "subjects": _as_text(context, "subjects"),
            "by": unit.name.as_json() if rule.get("by") else None,
            "expected": expected,
            "paused_from": (local_date(context.at) + timedelta(days=1)).isoformat(),
            "remarks": asked.get("remarks"),
            "note": rule.get("note"),
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
    """The procedure is over: the clocks of the decision run again from the next day, and the applicant is told."""
    case = cases.locked_case(context.owner)
    procedure = context.vars.get("procedure") or {}
    reason = str(procedure.get("reason", ""))
    with suppress(
        ClockNotPaused
    ):  # the time told was over before the procedure was, and the clocks run already
        cases.resume_case_clocks(actor=context.actor, case=case, writes_act=False, at=context.at)
    ledger.record(
        actor=context.actor,
        verb="services.resume",
        subject=case.ref,
        case=str(case.ref),
        facts={"reason": reason},
        at=context.at,
    )
    notify(
        case=case,
        template="licence.resumed",
        at=context.at,
        reason=rules.PROCEDURES.get(reason, LocalizedText(zh="特别程序", en="special procedure")),
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


for _reason in rules.PROCEDURES:
    processes.operation(f"services.pause_for_{_reason}", pure_db=True)(partial(pause_for_procedure, _reason))
