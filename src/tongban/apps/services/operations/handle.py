"""What the steps of a licence process mean in law. The process names these operations; each runs in its transaction.

Every paper is issued last in its operation, because its number is a counter row (lock order: case, ..., clock, counter).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongban.apps.services.errors import SignInNeeded
from tongban.apps.services.events import ACCEPTED, GRANTED
from tongban.apps.services.operations.apply import (
    require_complete,
    require_signature,
    start_acceptance_clock,
)
from tongban.apps.services.operations.notices import notify, serve_paper
from tongban.apps.services.operations.parties import require_checked
from tongban.apps.services.queries import application as reading
from tongban.base import outbox, work
from tongban.base.text import LocalizedText
from tongban.kernel.cases import service as cases
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = [
    "accept_application",
    "accept_automatically",
    "begin_handling",
    "deliver_result",
    "grant_application",
    "not_accept_application",
    "receive_correction",
    "refuse_application",
    "request_correction",
]

REMEDIES = LocalizedText(
    zh="如不服本决定，可以自收到之日起60日内向{review}申请行政复议，或者自收到之日起6个月内依法向{court}提起行政诉讼。",
    en="You may apply to {review} for administrative review within 60 days of receiving this decision, "
    "or bring an administrative action in {court} within 6 months of receiving it.",
)
"""Administrative Review Law art. 20, Administrative Litigation Law art. 46."""


@processes.operation("services.request_correction", pure_db=True)
def request_correction(context: processes.OperationContext) -> dict[str, Any]:
    """Ask once for everything that is missing (Administrative Licensing Law art. 32(1)(4)): the correction notice.

    The acceptance clock stops: the notice was given in time or not, and the clock keeps which.
    """
    case = cases.locked_case(context.owner)
    item = reading.item_of(case)
    case.facts = {**case.facts, "corrections": case.facts.get("corrections", 0) + 1}
    work.change(case, "facts")
    case.entry = forms.reopen_entry(entry_id=reading.entry_id_of(case), at=context.at)
    cases.stop_case_clocks(case=case, at=context.at, roles=("acceptance",))
    data = _data(context, "receive")
    _record(context, "services.request_correction", case)
    notify(case=case, template="licence.correction", at=context.at)
    serve_paper(
        case=case,
        actor=context.actor,
        template="correction-notice",
        data={**reading.paper_facts(case, item), "corrections": _correction_lines(item, data)},
        at=context.at,
    )
    return {"corrections": case.facts["corrections"], "correction": data}


@processes.operation("services.receive_correction", pure_db=True)
def receive_correction(context: processes.OperationContext) -> dict[str, Any]:
    """Take in what the applicant corrected; the five days in which acceptance must be decided begin anew.

    Raises SignInNeeded, and NotYetComplete whichever way the applicant's step was completed: what is incomplete is not received.
    """
    if context.actor.is_stranger or context.actor.account_id is None:
        raise SignInNeeded  # the query code opens the view of an application, not its handing in
    case = cases.locked_case(context.owner)
    item = reading.item_of(case)
    require_complete(case, item, at=context.at)
    signed = require_signature(case, item, at=context.at)
    case.entry = forms.close_entry(entry_id=reading.entry_id_of(case), at=context.at)
    start_acceptance_clock(case=case, at=context.at)
    _record(context, "services.receive_correction", case, signed)
    return {"received_at": context.at.isoformat()}


@processes.operation("services.accept", pure_db=True)
def accept_application(context: processes.OperationContext) -> dict[str, Any]:
    """Accept: the clocks start from this day, and the acceptance notice is served. Raises ConsentUnchecked."""
    require_checked(cases.locked_case(context.owner))
    return _accept(context, accepted_at=context.at, automatic=False)


@processes.operation("services.accept_automatically", pure_db=True)
def accept_automatically(context: processes.OperationContext) -> dict[str, Any]:
    """Five working days have passed without a correction notice: accepted from the day of receipt (art. 32(1)(4)).

    The statutory clock therefore starts on the day the materials were received, not today.
    """
    received_at = datetime.fromisoformat(context.vars["received_at"])
    return _accept(context, accepted_at=received_at, automatic=True)


def _accept(context: processes.OperationContext, *, accepted_at: datetime, automatic: bool) -> dict[str, Any]:
    case = cases.locked_case(context.owner)
    item = reading.item_of(case)
    started = begin_handling(
        case=case, item=item, accepted_at=accepted_at, automatic=automatic, at=context.at
    )
    _record(context, "services.accept_automatically" if automatic else "services.accept", case)
    if not automatic:
        outbox.announce(ACCEPTED, case.ref, at=context.at)
    notify(case=case, template="licence.accepted", at=context.at)
    serve_paper(
        case=case,
        actor=context.actor,
        template="acceptance-notice",
        data={
            **reading.paper_facts(case, item),
            "accepted_on": accepted_at.isoformat(),
            "automatic": automatic,
            "due": reading.due_dates(started),
        },
        at=context.at,
    )
    return {"accepted_at": accepted_at.isoformat()}


def begin_handling(
    *, case: Any, item: Any, accepted_at: datetime, automatic: bool, at: datetime
) -> list[Any]:
    """Let a (locked) case be accepted as of a moment: its limits run from there, and who decides sees it. Returns the clocks."""
    case.accepted_at = accepted_at
    terms = item.terms
    case.facts = {
        **case.facts,
        "accepted_automatically": automatic,
        "extension": terms.extension.as_json() if terms.extension else None,
    }
    work.change(case, "accepted_at", "facts")
    cases.stop_case_clocks(case=case, at=at, roles=("acceptance", "correction"))
    # The head of the organ answers for the time limit and may extend it (art. 42), so the head sees the case from here on.
    decides = identity.holder_id("duty", f"{case.unit_id}:services.decide")
    cases.give_access(case=case, holder_id=decides, right="view", at=at)
    started = []
    for role, label in (
        ("statutory", LocalizedText(zh="法定办结时限", en="Statutory time limit")),
        ("promised", LocalizedText(zh="承诺办结时限", en="Promised time limit")),
    ):
        limit = item.limit(role)
        clock = cases.start_case_clock(
            case=case,
            role=role,
            label=label,
            limit=limit.value,
            started_at=accepted_at,
            legal_source=limit.source,
            confidence=limit.confidence,
            start_event=LocalizedText(zh="受理", en="acceptance"),
            terms=terms,
            at=at,
        )
        started.append(clock)
    # Who decides may look from now on and extend the limit (art. 42), not only when the decision is due.
    cases.give_access(case=case, holder_id=decides, right="handle", at=at)
    return started


@processes.operation("services.not_accept", pure_db=True)
def not_accept_application(context: processes.OperationContext) -> None:
    """Refuse acceptance with the reason and where to go instead (art. 32(1)(1) and (2)); with remedies."""
    case = cases.locked_case(context.owner)
    item = reading.item_of(case)
    cases.stop_case_clocks(case=case, at=context.at)
    cases.set_state(case=case, state="not_accepted", result="not_accepted", at=context.at)
    data = _data(context, "receive")
    _record(context, "services.not_accept", case)
    notify(case=case, template="licence.not_accepted", at=context.at)
    serve_paper(
        case=case,
        actor=context.actor,
        template="non-acceptance-notice",
        data={
            **reading.paper_facts(case, item),
            "reason": data.get("reason", ""),
            "where_to_go": data.get("where_to_go", ""),
            "remedies": remedies(item).as_json(),
        },
        at=context.at,
    )


@processes.operation("services.grant", pure_db=True)
def grant_application(context: processes.OperationContext) -> dict[str, Any]:
    """Grant: the decision is made, the decision clocks stop, the clock of delivery starts (art. 42, 44)."""
    require_checked(cases.locked_case(context.owner))
    case = _decide(context, "granted")
    item = reading.item_of(case)
    limit = item.limit("delivery")
    cases.start_case_clock(
        case=case,
        role="delivery",
        label=LocalizedText(zh="发证送达", en="Issue and deliver the certificate"),
        limit=limit.value,
        started_at=context.at,
        legal_source=limit.source,
        confidence=limit.confidence,
        start_event=LocalizedText(zh="作出决定", en="the decision"),
        at=context.at,
    )
    _record(context, "services.grant", case)
    outbox.announce(GRANTED, case.ref, at=context.at)
    notify(case=case, template="licence.granted", at=context.at)
    paper = serve_paper(
        case=case,
        actor=context.actor,
        template=item.paper("grant-decision"),
        data={
            **reading.paper_facts(case, item),
            "decided_on": context.at.isoformat(),
            "law": item.law.as_json(),
            "lines": (case.facts.get("calculation") or {}).get("lines"),
            "remarks": _decision(context).get("remarks"),
            "rights": item.content.get("rights"),
        },
        at=context.at,
    )
    return {
        "certificate_type": item.certificate_type,
        "decision": {"name": paper.title.as_json(), "number": paper.number},
    }


@processes.operation("services.refuse", pure_db=True)
def refuse_application(context: processes.OperationContext) -> None:
    """Refuse, with reasons and with the right to review and action (art. 38); without them the paper would be void."""
    case = _decide(context, "refused")
    item = reading.item_of(case)
    cases.set_state(case=case, state="refused", at=context.at)
    data = _decision(context)
    _record(context, "services.refuse", case)
    notify(case=case, template="licence.refused", at=context.at)
    serve_paper(
        case=case,
        actor=context.actor,
        template=item.paper("refusal-decision"),
        data={
            **reading.paper_facts(case, item),
            "decided_on": context.at.isoformat(),
            "reasons": data.get("reasons", "") or (context.task.opinion if context.task else ""),
            "legal_basis": data.get("legal_basis", ""),
            "remedies": remedies(item).as_json(),
        },
        at=context.at,
    )


@processes.operation("services.deliver", pure_db=True)
def deliver_result(context: processes.OperationContext) -> None:
    """Deliver the certificate: it is in the applicant's certificates, the delivery clock stops, the case is done."""
    case = cases.locked_case(context.owner)
    item = reading.item_of(case)
    cases.stop_case_clocks(case=case, at=context.at)
    cases.set_state(case=case, state="delivered", at=context.at)
    _record(context, "services.deliver", case)
    outbox.announce("services.delivered", case.ref, at=context.at)
    decision = context.vars.get("decision")
    notify(case=case, template="licence.delivered", at=context.at)
    serve_paper(
        case=case,
        actor=context.actor,
        template="service-record",
        data={
            **reading.paper_facts(case, item),
            "delivered_on": context.at.isoformat(),
            "certificate_number": context.vars.get("certificate_number", ""),
            "papers": [decision] if decision and not item.certificate_type else None,
        },
        at=context.at,
    )


def remedies(item: Any) -> LocalizedText:
    """Return the sentence on review and action with the bodies of the item."""
    return REMEDIES.format(
        review=LocalizedText.of(item.content["remedies"]["review"]["body"]),
        court=LocalizedText.of(item.content["remedies"]["court"]["body"]),
    )


def _decide(context: processes.OperationContext, result: str) -> Any:
    case = cases.locked_case(context.owner)
    case.decided_at = context.at
    case.result = result
    work.change(case, "decided_at", "result")
    cases.set_state(case=case, state=case.state, result=result, actor=context.actor, at=context.at)
    cases.stop_case_clocks(case=case, at=context.at, roles=("statutory", "promised"))
    return case


def _correction_lines(item: Any, data: dict[str, Any]) -> list[dict[str, str]]:
    """Return the lines of the correction notice: each material named, then what is to be corrected in words."""
    names = {m["key"]: LocalizedText.of(m["name"]).as_json() for m in item.materials}
    lines = [names[key] for key in data.get("missing", []) if key in names]
    if data.get("what"):
        lines.append({"zh": data["what"], "en": data["what"]})
    return lines


def _data(context: processes.OperationContext, node: str) -> dict[str, Any]:
    """Return the answers that a person gave at a step of the process."""
    return dict(context.vars.get("data", {}).get(node, {}))


def _decision(context: processes.OperationContext) -> dict[str, Any]:
    """Return what was answered at the step that decided: a process may have several, for small and for large amounts."""
    return _data(context, context.task.node if context.task else "decide")


def _record(
    context: processes.OperationContext, verb: str, case: Any, facts: Mapping[str, Any] | None = None
) -> None:
    ledger.record(
        actor=context.actor, verb=verb, subject=case.ref, case=str(case.ref), facts=facts, at=context.at
    )
