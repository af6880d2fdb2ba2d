"""What waits for who runs the machines, with case numbers and without anything that a case contains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tongban.apps.ops.figures import Part, parts
from tongban.apps.ops.operations.repair import DUTY, NOT_DROPPABLE
from tongban.base import jobs
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.messages import service as messages
from tongban.kernel.processes import service as processes

__all__ = [
    "Detail",
    "Group",
    "QueueJob",
    "Row",
    "Troubles",
    "count_troubles",
    "incident_detail",
    "resolved",
    "troubles",
]


@dataclass(frozen=True, slots=True)
class Row:
    """An incident with the number of its case; ``is_open_to`` the actor when she may see the case itself."""

    incident: processes.IncidentView
    number: str
    is_open_to: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Open incidents of one cause, oldest first."""

    rows: list[Row]

    @property
    def first(self) -> processes.IncidentView:
        """Return the oldest, which speaks for all."""
        return self.rows[0].incident

    @property
    def job_ids(self) -> list[int]:
        """Return what a retry of all would try."""
        return [row.incident.job_id for row in self.rows]

    @property
    def place(self) -> str:
        """Return the name of its form: of one incident, or of the group."""
        return f"{'g' if len(self.rows) > 1 else 'i'}{self.first.job_id}"

    @property
    def operation(self) -> str:
        """Return the operation, empty where no machine works."""
        return self.first.operation


@dataclass(frozen=True, slots=True)
class QueueJob:
    """A background job that gave up; ``why_not_drop`` says why nobody may drop it."""

    job: jobs.FailedJob
    about: str
    why_not_drop: LocalizedText | None

    @property
    def place(self) -> str:
        """Return the name of its form."""
        return f"j{self.job.id}"


@dataclass(frozen=True, slots=True)
class Detail:
    """One incident with everything that was tried."""

    row: Row
    attempts: list[processes.AttemptView]
    earlier: list[processes.IncidentView]


@dataclass(frozen=True, slots=True)
class Troubles:
    """How the parts stand; open incidents by cause; jobs, papers and messages that gave up; each with its case's number."""

    parts: list[Part]
    groups: list[Group]
    unlisted: int
    """Open incidents beyond those in the groups."""
    jobs: list[QueueJob]
    papers: list[tuple[instruments.FailedPaper, str]]
    deliveries: list[tuple[messages.FailedDelivery, str]]

    @property
    def is_calm(self) -> bool:
        """Return whether nothing waits to be put right."""
        return not (self.groups or self.jobs or self.papers or self.deliveries)


def troubles(actor: Actor) -> Troubles:
    """Gather what went wrong. Raises Forbidden for everybody who does not run the machines."""
    identity.require_duty(actor, DUTY)
    incidents = processes.open_incidents()
    papers = instruments.failed_papers()
    deliveries = messages.failed_deliveries()
    numbers = _numbers(
        [*(i.owner for i in incidents), *(p.subject for p in papers), *(d.occasion for d in deliveries)]
    )
    groups: dict[str, list[Row]] = {}
    for incident in incidents:
        groups.setdefault(incident.cause, []).append(Row(incident, numbers.get(incident.owner, "")))
    return Troubles(
        parts=parts(),
        unlisted=processes.count_open_incidents() - len(incidents),
        groups=[Group(rows) for rows in sorted(groups.values(), key=len, reverse=True)],
        jobs=[_queue_job(job) for job in jobs.failed_jobs()],
        papers=[(paper, numbers.get(paper.subject, "")) for paper in papers],
        deliveries=[(delivery, numbers.get(delivery.occasion, "")) for delivery in deliveries],
    )


def incident_detail(actor: Actor, incident_id: int) -> Detail:
    """Return one incident, open or resolved. Raises Forbidden, IncidentNotFound."""
    identity.require_duty(actor, DUTY)
    incident = processes.get_incident(incident_id)
    found = _cases([incident.owner])
    case = found.get(incident.owner)
    same_step = [
        other
        for other in processes.incidents_of(incident.instance_id)
        if other.job_id == incident.job_id and other.id != incident.id
    ]
    row = Row(incident, "")
    if case is not None:
        row = Row(incident, case.number or "", is_open_to=cases.may_see(actor, case))
    return Detail(row, processes.attempts_of(incident), same_step)


def resolved(actor: Actor) -> list[Row]:
    """Return the incidents that were resolved last, newest first. Raises Forbidden."""
    identity.require_duty(actor, DUTY)
    incidents = processes.resolved_incidents()
    numbers = _numbers([incident.owner for incident in incidents])
    return [Row(incident, numbers.get(incident.owner, "")) for incident in incidents]


def count_troubles(actor: Actor) -> int | None:
    """Return how many incidents are open, for the navigation; None for everybody else."""
    return processes.count_open_incidents() if DUTY in actor.duties else None


def _queue_job(job: jobs.FailedJob) -> QueueJob:
    about = ", ".join(f"{key} {value}" for key, value in job.args.items() if key != "timestamp")
    return QueueJob(job, about, NOT_DROPPABLE.get(job.task))


def _numbers(refs: list[Ref]) -> dict[Ref, str]:
    """Return the case numbers of those references that are cases."""
    return {ref: case.number or "" for ref, case in _cases(refs).items()}


def _cases(refs: list[Ref]) -> dict[Ref, Any]:
    return {case.ref: case for case in cases.find_cases({UUID(ref.id) for ref in refs if ref.kind == "case"})}
