"""What may be done beside the process: withdraw an application, extend its time limit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.apps.services import rules
from tongban.apps.services.errors import ApplicationNotFound
from tongban.apps.services.events import WITHDRAWN
from tongban.apps.services.operations.notices import notify, serve_paper
from tongban.apps.services.queries import application as reading
from tongban.base import outbox, work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.cases import service as cases
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

THE_HEAD = LocalizedText(zh="本机关负责人", en="the head of the organ")

__all__ = ["extend_limit", "refusal_to_extend", "refusal_to_withdraw", "withdraw_application"]


def refusal_to_withdraw(actor: Actor, case: Any) -> LocalizedText | bool | None:
    """Say why this actor may not withdraw now: None when he may, False when it isn't his to ask."""
    if not cases.is_party(actor, case) or case.submitted_at is None:
        return False
    if actor.account_id is None:  # the code opens the view; it may stand on a slip that somebody else holds
        return LocalizedText(
            zh="撤回要由申请人登录以后办理", en="Only the applicant can withdraw, after signing in"
        )
    if case.state not in rules.WITHDRAWABLE:
        return LocalizedText(
            zh="已经作出决定，不能再撤回", en="A decision has been made, so it can no longer be withdrawn"
        )
    return None


@work.unit()
def withdraw_application(*, actor: Actor, case_id: UUID, data: Mapping[str, Any], at: datetime) -> None:
    """Withdraw an application before the decision: the process ends, the clocks stop, a confirmation is served."""
    case = cases.locked_case(Ref.to("case", case_id))
    item = reading.item_of(case)
    if case.instance_id is None:
        raise ApplicationNotFound
    processes.terminate(
        instance_id=case.instance_id, actor=actor, reason=str(data.get("reason") or "withdrawn"), at=at
    )
    cases.stop_case_clocks(case=case, at=at)
    cases.set_state(case=case, state="withdrawn", result="withdrawn", at=at)
    ledger.record(
        actor=actor,
        verb="services.withdraw",
        subject=case.ref,
        case=str(case.ref),
        payload=dict(data),
        at=at,
    )
    outbox.announce(WITHDRAWN, case.ref, at=at)
    notify(case=case, template="licence.withdrawn", at=at)
    serve_paper(
        case=case,
        actor=actor,
        template="withdrawal-confirmation",
        data={
            **reading.paper_facts(case, item),
            "withdrawn_on": at.isoformat(),
            "reason": data.get("reason", ""),
        },
        at=at,
    )


def refusal_to_extend(actor: Actor, case: Any) -> LocalizedText | bool | None:
    """Say why this actor may not extend now: only the authority that the item names, as often as it says, only between
    acceptance and decision. The operation decides by the terms of the clocks themselves.
    """
    if not actor.is_official:
        return False
    if case.state not in rules.EXTENDABLE:
        if case.accepted_at is None:
            return LocalizedText(
                zh="受理以后才有办理时限，现在不能延长",
                en="There is no time limit to extend before acceptance",
            )
        return LocalizedText(
            zh="已经作出决定，不能再延长", en="A decision has been made; it cannot be extended"
        )
    rule = case.facts.get("extension", {"duty": "services.decide", "times": 1})
    if rule is None:
        return LocalizedText(
            zh="这个事项的时限不能延长", en="The time limit of this service cannot be extended"
        )
    if int(case.facts.get("extended") or 0) >= rule["times"]:
        if rule["times"] == 1:
            return LocalizedText(zh="已经延长过一次，不能再延长", en="It was extended once already")
        return LocalizedText(zh="延长的次数已经用完", en="It was extended as often as the rules allow")
    if rule["duty"] not in actor.duties:
        return LocalizedText(
            zh="延长办理时限要由{authority}批准", en="Only {authority} may extend the time limit"
        ).format(authority=LocalizedText.of(rule.get("authority") or THE_HEAD))
    return None


@work.unit()
def extend_limit(*, actor: Actor, case_id: UUID, data: Mapping[str, Any], at: datetime) -> None:
    """Extend the limits by the item's extension, decided by the authority it names, and tell the applicant why in writing."""
    case = cases.locked_case(Ref.to("case", case_id))
    item = reading.item_of(case)
    limit = item.limit("extension").value
    cases.extend_case_clocks(
        actor=actor,
        case=case,
        limit=limit,
        reason=LocalizedText.of(str(data.get("reason", ""))),
        writes_act=False,
        at=at,
    )
    case.facts = {**case.facts, "extended": int(case.facts.get("extended") or 0) + 1}
    work.change(case, "facts")
    ledger.record(
        actor=actor,
        verb="services.extend",
        subject=case.ref,
        case=str(case.ref),
        payload=dict(data),
        facts={"limit": limit},
        at=at,
    )
    notify(case=case, template="licence.extended", at=at)
    progress = cases.progress_of(case, at=at)
    paper = serve_paper(
        case=case,
        actor=actor,
        template="extension-notice",
        data={
            **reading.paper_facts(case, item),
            "reason": data.get("reason", ""),
            "extension": limit,
            "due": reading.due_dates(progress.clocks),
        },
        at=at,
    )
    cases.note_extension_paper(case=case, paper=paper, at=at)
