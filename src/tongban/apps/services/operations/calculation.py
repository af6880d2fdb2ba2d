"""What the office works out by decision tables: the amount of a benefit, the fee of a permit.

The item names the table (``calculation: {table}``, ``fee: {table}``); the answers are its inputs. Where an official verifies
first, ``calculation: {table, found: [...]}`` names the inputs that the step before answers: what was found counts, not what was
stated. Result, reason and version of the table stay with the case, so the officer, the applicant and an auditor read the same.
"""

from __future__ import annotations

from typing import Any

from tongban.apps.services.operations.notices import notify, serve_paper
from tongban.apps.services.queries import application as reading
from tongban.base import work
from tongban.base.text import LocalizedText
from tongban.kernel.cases import service as cases
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["calculate", "charge"]


@processes.operation("services.calculate", pure_db=True)
def calculate(context: processes.OperationContext) -> dict[str, Any]:
    """Work out what the item's table grants; nothing for an item without a table."""
    case = cases.locked_case(context.owner)
    asked = reading.item_of(case).content.get("calculation")
    if not asked:
        return {}
    said = dict(context.task.data) if context.task else {}
    found = {key: said[key] for key in asked.get("found", ()) if key in said}
    return {"calculation": _keep(context, case, "calculation", asked["table"], found)["result"]}


@processes.operation("services.charge", pure_db=True)
def charge(context: processes.OperationContext) -> dict[str, Any]:
    """Work out the fee; where something is due, the applicant is told how much, why and how to pay.

    The process goes on to the payment only while ``charge.due`` is more than nothing.
    """
    case = cases.locked_case(context.owner)
    item = reading.item_of(case)
    fee = item.content["fee"]
    if not fee["charged"] or not fee.get("table"):
        return {"charge": {"due": 0}}
    found = _keep(context, case, "charge", fee["table"])
    due = found["result"]["due"]
    if due > 0:
        notify(case=case, template="licence.to_pay", at=context.at, amount=f"{due:.2f}")
        serve_paper(
            case=case,
            actor=context.actor,
            template="payment-notice",
            data={
                **reading.paper_facts(case, item),
                "due": f"{due:.2f}",
                "lines": found["lines"],
                "because": found["because"],
                "law": LocalizedText.of(fee["basis"]).as_json(),
                "how": LocalizedText.of(fee["how"]).as_json(),
            },
            at=context.at,
        )
    return {"charge": {"due": due}}


def _keep(
    context: processes.OperationContext, case: Any, key: str, table: str, given: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Ask the table and keep its answer with the case. The act names table and version, never what was answered."""
    found = reading.work_out(case, table, at=context.at, found=given)
    case.facts = {**case.facts, key: found}
    work.change(case, "facts")
    ledger.record(
        actor=context.actor,
        verb=f"services.{'calculate' if key == 'calculation' else key}",
        subject=case.ref,
        case=str(case.ref),
        facts={"table": found["table"], "version": found["version"]},
        at=context.at,
    )
    return found
