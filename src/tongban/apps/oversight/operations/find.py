"""Looking at what happened by the declared rules. Nothing is written here.

Two things are looked at: the acts of the ledger (a limit ran out, somebody refused, a clock was stopped, money was charged), and
the steps that nobody took. A rule names the acts and the check; the checks are few and stand below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.apps.oversight.operations.put_rule import rules_in_force
from tongban.apps.oversight.rules import Rule, is_listed, missing_words
from tongban.base import exchange
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases import service as cases
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["Finding", "find_in_act", "find_in_task", "untaken_rules"]

STEP = "step"
OWN_KIND = "oversight-card"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: in which case, on what occasion (each once), which unit answers, who had it in hands, and in words."""

    rule: Rule
    case: Any
    occasion: str
    unit_id: int
    person_id: UUID | None
    says: LocalizedText


def find_in_act(act: ledger.ActRow, *, at: datetime) -> list[Finding]:
    """Return what the rules find in an act of the ledger."""
    rules = [rule for rule in rules_in_force() if rule.is_active and act.verb in rule.acts]
    if not rules:
        return []
    case = _case_of(act)
    if case is None:
        return []
    return [
        found for rule in rules if _is_about(rule, case) for found in CHECKS[rule.check](rule, act, case, at)
    ]


def untaken_rules() -> list[Rule]:
    """Return the rules about steps that nobody took, the shortest limit first."""
    return [rule for rule in rules_in_force() if rule.is_active and rule.check == "untaken"]


def find_in_task(rule: Rule, task: processes.TaskView, *, at: datetime) -> Finding | None:
    """Return the finding that nobody took an official's step within the limit of the rule, None when somebody did."""
    taken = task.claimed_at or task.completed_at
    end = calendars.add_limit(task.opened_at, rule.limit)
    if (
        task.owner.kind != "case"
        or (task.state != "open" and taken is None)
        or (taken is not None and taken <= end)
    ):
        return None
    [case] = cases.find_cases([UUID(task.owner.id)])
    needed = processes.needed_duty(task.id)
    if needed is None or not _is_about(rule, case):
        return None
    return Finding(rule, case, f"task:{task.id}", needed[1], task.claimed_by, _say(rule, step=task.name))


def _case_of(act: ledger.ActRow) -> Any | None:
    ref = act.case or str(act.subject)
    kind, _, key = ref.partition(":")
    found = cases.find_cases([UUID(key)]) if kind == "case" else []
    return found[0] if found and found[0].number else None


def _is_about(rule: Rule, case: Any) -> bool:
    """Cards are no cases that cards are given for, nor is what an office does for itself."""
    return cases.kind_of(case).is_public and (not rule.kinds or case.kind in rule.kinds)


def _clock(rule: Rule, act: ledger.ActRow, case: Any, at: datetime) -> Iterator[Finding]:
    """A limit of one of the roles is over."""
    role, clock_id = act.facts.get("role"), act.facts.get("clock_id")
    if role not in rule.roles:
        return
    if rule.alone and any(
        clock.mark == "red" and clock.state == "running" and clock.key != STEP
        for clock in calendars.clocks_of(case.ref, at=at)
    ):
        return
    task = _task_of(case, clock_id if role == STEP else None)
    needed = processes.needed_duty(task.id) if task is not None else None
    due = act.facts.get("due") or ""
    yield Finding(
        rule,
        case,
        f"clock:{clock_id}:{due}",
        needed[1] if needed is not None and role == STEP else case.unit_id,
        task.claimed_by if task is not None else None,
        _say(rule, clock=LocalizedText.of(act.facts["clock"]), due=due),
    )


def _task_of(case: Any, clock_id: int | None) -> processes.TaskView | None:
    """Return the open step that the clock belongs to; without a clock the only open one, if there is just one."""
    tasks = processes.tasks_of(case.instance_id) if case.instance_id else []
    found = [
        task for task in tasks if task.state == "open" and (clock_id is None or task.clock_id == clock_id)
    ]
    return found[0] if len(found) == 1 else None


def _paper(rule: Rule, act: ledger.ActRow, case: Any, at: datetime) -> Iterator[Finding]:
    """The act must have been told in one of the papers, served, with all that it has to say."""
    said = [
        words
        for paper, words in instruments.said_in_papers(case.ref)
        if paper.template in rule.papers and paper.issued_at >= act.at and paper.services
    ]
    if not any(not missing_words(words, rule.words) for words in said):
        yield _of_act(rule, act, case)


def _pause(rule: Rule, act: ledger.ActRow, case: Any, at: datetime) -> Iterator[Finding]:
    """The paper that the act names, or one issued with it, must have been served."""
    number = act.facts.get("paper")
    told = [
        paper
        for paper in instruments.papers_of(case.ref)
        if (paper.number == number if number else paper.issued_at == act.at) and paper.services
    ]
    if not told:
        yield _of_act(rule, act, case)


def _charge(rule: Rule, act: ledger.ActRow, case: Any, at: datetime) -> Iterator[Finding]:
    """What was charged must stand on the charge list that the item published."""
    item = exchange.facts_of(Ref.to("case-item", case.pk))
    fee = act.facts.get("fee")
    if fee is not None and item is not None and not is_listed(fee, item):
        yield _of_act(rule, act, case, fee=LocalizedText.of(fee))


def _of_act(rule: Rule, act: ledger.ActRow, case: Any, **words: Any) -> Finding:
    return Finding(
        rule, case, f"act:{act.id}", act.unit_id or case.unit_id, act.person_id, _say(rule, **words)
    )


def _say(rule: Rule, **words: Any) -> LocalizedText:
    return rule.says.format(**words)


Check = Callable[[Rule, ledger.ActRow, Any, datetime], Iterator[Finding]]
CHECKS: Mapping[str, Check] = {"clock": _clock, "paper": _paper, "pause": _pause, "charge": _charge}
