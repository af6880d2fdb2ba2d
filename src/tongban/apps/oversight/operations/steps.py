"""What the steps of a card's process mean. The process names these operations; each runs in the move's transaction."""

from __future__ import annotations

from typing import Any

from tongban.apps.oversight import events, words
from tongban.apps.oversight.duties import SUPERVISE
from tongban.apps.oversight.models import Card
from tongban.apps.oversight.operations.give import people_of_unit, tell
from tongban.base import outbox, work
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["escalate", "hear", "press", "uphold", "withdraw"]


@processes.operation("oversight.hear", pure_db=True)
def hear(context: processes.OperationContext) -> None:
    """Write down what the unit said: a plea, or that it accepts the card and how it puts things right."""
    card = _card(context)
    card.plea = str(_data(context, "plea").get("text") or "")
    card.accepts = context.vars.get("plea") == "accept"
    card.pleaded_at, card.state = context.at, "deciding"
    work.change(card, "plea", "accepts", "pleaded_at", "state")
    _record(context, card, "oversight.plead", accepts=card.accepts)


@processes.operation("oversight.escalate", pure_db=True)
def escalate(context: processes.OperationContext) -> None:
    """Nobody answered in time: the supervising unit decides without a plea, and everybody concerned is told."""
    card = _card(context)
    card.escalated, card.state = card.escalated + 1, "deciding"
    work.change(card, "escalated", "state")
    _record(context, card, "oversight.escalate")
    unit = people_of_unit(card.unit_id, card.person_id, card.about, at=context.at)
    deciding = identity.people_with_duty(card.supervisor_id, SUPERVISE, context.at)
    tell(card, "oversight.unanswered", list(dict.fromkeys([*unit, *deciding])), at=context.at)


@processes.operation("oversight.press", pure_db=True)
def press(context: processes.OperationContext) -> None:
    """Nobody decided in time: the supervising units, also those above, are told once more."""
    card = _card(context)
    card.escalated += 1
    work.change(card, "escalated")
    _record(context, card, "oversight.press")
    told = identity.people_with_duty(card.supervisor_id, SUPERVISE, context.at)
    parent = identity.get_unit(card.supervisor_id).parent_id
    if parent is not None:
        told = [*told, *identity.people_with_duty(parent, SUPERVISE, context.at)]
    tell(card, "oversight.undecided", list(dict.fromkeys(told)), at=context.at)


@processes.operation("oversight.uphold", pure_db=True)
def uphold(context: processes.OperationContext) -> None:
    """The card stands."""
    _decide(context, "upheld")


@processes.operation("oversight.withdraw", pure_db=True)
def withdraw(context: processes.OperationContext) -> None:
    """The card is withdrawn: it counts nowhere."""
    _decide(context, "withdrawn")


def _decide(context: processes.OperationContext, decision: str) -> None:
    card = _card(context)
    card.state, card.decided_at = decision, context.at
    card.reason = str(_data(context, "decide").get("reason") or "")
    work.change(card, "state", "decided_at", "reason")
    card.case.decided_at = context.at
    work.change(card.case, "decided_at")
    cases.set_state(
        case=card.case, state=card.case.state, result=decision, actor=context.actor, at=context.at
    )
    _record(context, card, f"oversight.{'uphold' if decision == 'upheld' else 'withdraw'}")
    outbox.announce(events.DECIDED, card.case.ref, at=context.at, decision=decision)
    people = people_of_unit(card.unit_id, card.person_id, card.about, at=context.at)
    tell(
        card, "oversight.decided", people, at=context.at, decision=words.STATES[decision], reason=card.reason
    )


def _card(context: processes.OperationContext) -> Card:
    """Return the card under the lock of its case."""
    case = cases.locked_case(context.owner)
    card = work.hold(Card, case.pk, lambda: Card.objects.select_related("about").get(pk=case.pk))
    card.case = case
    return card


def _data(context: processes.OperationContext, node: str) -> dict[str, Any]:
    return dict(context.vars.get("data", {}).get(node) or {})


def _record(context: processes.OperationContext, card: Card, verb: str, **facts: Any) -> None:
    ledger.record(
        actor=context.actor,
        verb=verb,
        subject=card.case.ref,
        case=str(card.case.ref),
        facts={"card": card.case.number, **facts},
        at=context.at,
    )
