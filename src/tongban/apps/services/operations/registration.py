"""What a granted application changes in the registers: a registered sole trader is an entity from this moment on.

The item says so (``result: {registers: entity}``); other items change nothing. The new entity has a credit code, stands in the
register of entities, and the applicant represents it, so the next application can be made in its name.
"""

from __future__ import annotations

from typing import Any

from tongban.apps.services.errors import HolderNotAPerson
from tongban.apps.services.queries import application as reading
from tongban.base import checks, work
from tongban.base.actor import Actor
from tongban.base.numbering import next_in_counter
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes
from tongban.kernel.registers import service as registers

__all__ = ["record_result"]

AREA = 6
"""How many digits of a division code name the county (GB/T 2260)."""
SOLE_TRADER = "92"
"""Registrar 9 (market regulation), kind 2 (sole trader): GB 32100."""


@processes.operation("services.record_result", pure_db=True)
def record_result(context: processes.OperationContext) -> dict[str, Any]:
    """Write into the registers what the decision made, where the item makes anything."""
    case = cases.locked_case(context.owner)
    if reading.item_of(case).content["result"].get("registers") != "entity":
        return {}
    answers = reading.answers_in_words(case, ("trade_name", "place", "scope", "scope_other"), at=context.at)
    applicant = next(party for party in case.parties.all() if party.role == "applicant")
    if applicant.person_id is None:
        raise HolderNotAPerson
    person = identity.get_person(applicant.person_id)
    area = case.unit.division_code[:AREA]
    # A stem of its own, so that it never meets a code that came from elsewhere.
    code = checks.new_uscc(SOLE_TRADER, area, f"MA2{next_in_counter(f'services.uscc.{area}'):05d}")
    clerk = Actor.system("services")
    entity = identity.put_entity(
        actor=clerk, uscc=code, name=answers["trade_name"], kind="individual", at=context.at
    )
    identity.give_mandate(
        actor=clerk,
        person_id=person.pk,
        entity_id=entity.pk,
        role="legal_representative",
        at=context.at,
    )
    registers.put_record(
        actor=clerk,
        register="entities",
        key=code,
        values={
            "name": answers["trade_name"],
            "kind": "individual",
            "legal_representative": person.name,
            "legal_representative_id": person.citizen_id,
            "address": answers["place"],
            "business_scope": "；".join(filter(None, (answers["scope"], answers["scope_other"]))) + "。",
            "established_on": local_date(context.at),
            "status": "存续",
            "division_code": reading.division_of(person),
        },
        source=LocalizedText.of(case.unit.name).zh,
        at=context.at,
    )
    case.facts = {**case.facts, "uscc": code}
    work.change(case, "facts")
    ledger.record(
        actor=context.actor,
        verb="services.record_result",
        subject=case.ref,
        case=str(case.ref),
        facts={"entity": code},
        at=context.at,
    )
    return {"uscc": code}
