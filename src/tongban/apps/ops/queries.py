"""What waits for who runs the machines, with case numbers and without anything that a case contains."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tongban.apps.ops.health import Probe, examine
from tongban.apps.ops.operations.repair import DUTY
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.messages import service as messages
from tongban.kernel.processes import service as processes

__all__ = ["Troubles", "count_troubles", "troubles"]


@dataclass(frozen=True, slots=True)
class Troubles:
    """Probes, open incidents, papers without their PDF, messages that did not get through; each with its case's number."""

    probes: list[Probe]
    incidents: list[tuple[processes.IncidentView, str]]
    papers: list[tuple[instruments.FailedPaper, str]]
    deliveries: list[tuple[messages.FailedDelivery, str]]

    @property
    def is_calm(self) -> bool:
        """Return whether nothing waits to be put right."""
        return not (self.incidents or self.papers or self.deliveries)


def troubles(actor: Actor) -> Troubles:
    """Gather what went wrong. Raises Forbidden for everybody who does not run the machines."""
    identity.require_duty(actor, DUTY)
    incidents = processes.open_incidents()
    papers = instruments.failed_papers()
    deliveries = messages.failed_deliveries()
    numbers = _numbers(
        [*(i.owner for i in incidents), *(p.subject for p in papers), *(d.occasion for d in deliveries)]
    )
    return Troubles(
        probes=examine(),
        incidents=[(incident, numbers.get(incident.owner, "")) for incident in incidents],
        papers=[(paper, numbers.get(paper.subject, "")) for paper in papers],
        deliveries=[(delivery, numbers.get(delivery.occasion, "")) for delivery in deliveries],
    )


def count_troubles(actor: Actor) -> int | None:
    """Return how many incidents are open, for the navigation; None for everybody else."""
    return len(processes.open_incidents()) if DUTY in actor.duties else None


def _numbers(refs: list[Ref]) -> dict[Ref, str]:
    """Return the case numbers of those references that are cases."""
    ids = {UUID(ref.id) for ref in refs if ref.kind == "case"}
    return {case.ref: case.number or "" for case in cases.find_cases(ids)}
