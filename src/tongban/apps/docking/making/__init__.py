"""From an act of the ledger to the records of the standard's tables. ``RULES`` is the whole mapping (docs/reference/docking.md).

A maker reads the thing as it is now, through the doors of the kernel and what its owner tells (``base.exchange``),
and returns drafts of records. It decides nothing about a case: what our side knows is written down as the standard
wants it, and what it does not know stays empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tongban.apps.docking.making.items import make_item
from tongban.apps.docking.making.letters import make_letter
from tongban.apps.docking.making.licences import (
    make_acceptance,
    make_application,
    make_completion,
    make_move,
    make_payment,
    make_rating,
    make_special,
    make_step,
    make_warning,
)
from tongban.apps.docking.making.pieces import Draft
from tongban.kernel.cases import service as kernel_cases
from tongban.kernel.ledger import service as ledger

__all__ = ["RULES", "Draft", "Rule", "case_ref", "cases_of", "make", "rules_for", "verbs"]

Cases = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """An act of this verb (on a case of this kind, when it says one) becomes a record of this table."""

    verb: str
    table: str
    make: Callable[[ledger.ActRow, Any], Draft | None]
    kind: str = ""

    @property
    def begins(self) -> bool:
        """Whether it is the first that is told of a case, or stands for itself."""
        return self.kind != "licence" or self.verb == "cases.submit"


def verbs() -> frozenset[str]:
    """Return the verbs of the acts that become records."""
    return frozenset(rule.verb for rule in RULES)


def rules_for(act: ledger.ActRow, wanted: Callable[[str], bool]) -> list[Rule]:
    """Return the rules by which an act becomes records, of the tables that are wanted."""
    return [rule for rule in RULES if rule.verb == act.verb and wanted(rule.table)]


def make(act: ledger.ActRow, wanted: Callable[[str], bool], cases: Cases | None = None) -> list[Draft]:
    """Return the records that an act becomes, of the tables that are wanted.

    ``cases`` are those that ``cases_of`` has read for many acts at once.
    """
    fitting = rules_for(act, wanted)
    if not fitting:
        return []
    ref = case_ref(act)
    case = (cases if cases is not None else cases_of([act])).get(ref)
    drafts = []
    for rule in fitting:
        if rule.kind and (case is None or case.kind != rule.kind or not case.number):
            continue
        draft = rule.make(act, case)
        if draft is not None:
            drafts.append(draft)
    return drafts


def cases_of(acts: Iterable[ledger.ActRow]) -> dict[str, Any]:
    """Return the cases that acts are about, by their references. One statement."""
    refs = {case_ref(act) for act in acts} - {""}
    found = kernel_cases.find_cases([UUID(ref.partition(":")[2]) for ref in refs]) if refs else []
    return {str(case.ref): case for case in found}


def case_ref(act: ledger.ActRow) -> str:
    """Return the reference of the case that an act is about, empty when it is about none."""
    ref = act.case if act.case.startswith("case:") else str(act.subject)
    return ref if ref.startswith("case:") else ""


RULES = (
    Rule("services.put_item", "item", make_item),
    Rule("services.enforce_item", "item", make_item),
    Rule("services.restore_item", "item", make_item),
    Rule("cases.submit", "application", make_application, "licence"),
    Rule("services.receive_correction", "application", make_application, "licence"),
    Rule("services.accept", "acceptance", make_acceptance, "licence"),
    Rule("services.accept_automatically", "acceptance", make_acceptance, "licence"),
    Rule("cases.complete_task", "processing", make_step, "licence"),
    Rule("cases.return_task", "processing", make_move, "licence"),
    Rule("cases.withdraw_task", "processing", make_move, "licence"),
    Rule("cases.transfer_task", "processing", make_move, "licence"),
    Rule("cases.add_signer", "processing", make_move, "licence"),
    Rule("cases.urge_task", "processing", make_move, "licence"),
    Rule("services.pause", "special", make_special, "licence"),
    Rule("services.resume", "special", make_special, "licence"),
    Rule("cases.clocks_resumed", "special", make_special, "licence"),
    Rule("services.extend", "special", make_special, "licence"),
    Rule("cases.change_state", "completion", make_completion, "licence"),
    Rule("services.rate", "rating", make_rating, "licence"),
    Rule("fees.pay", "payment", make_payment, "licence"),
    Rule("cases.warn_soon", "supervision", make_warning, "licence"),
    Rule("cases.warn_overdue", "supervision", make_warning, "licence"),
    Rule("cases.submit", "interaction", make_letter, "letter"),
    Rule("voice.deliver_answer", "interaction", make_letter, "letter"),
    Rule("voice.decline", "interaction", make_letter, "letter"),
)
"""What becomes what. An act that stands in no rule (a step claimed, a paper served, a reading) is no record of the standard."""
