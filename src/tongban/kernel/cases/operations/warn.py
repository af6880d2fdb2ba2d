"""Telling officials that a limit of a case comes to its end, is over, or runs again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases.kinds import kind_of
from tongban.kernel.cases.models import Case
from tongban.kernel.cases.operations.clocks import STEP
from tongban.kernel.cases.operations.follow import locked_case
from tongban.kernel.cases.policies import is_party_task
from tongban.kernel.cases.queries.lists import called
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages
from tongban.kernel.processes import service as processes

__all__ = ["WORDS", "CaseClockOwner"]

WATCH = Actor.system("clock")
OVERDUE = "overdue"
WORDS = {
    "clock.soon": (
        LocalizedText(zh="快到期：{number} {name}", en="Due soon: {number} {name}"),
        LocalizedText(
            zh="{number}（{name}）的{clock}最晚 {due}，{left}。请抓紧办理。",
            en="{clock} of {number} ({name}) ends on {due}: {left}. Please see to it.",
        ),
    ),
    "clock.overdue": (
        LocalizedText(zh="已超期：{number} {name}", en="Overdue: {number} {name}"),
        LocalizedText(
            zh="{number}（{name}）的{clock}已于 {due} 到期，还没有办结。请马上办理，并向申请人说明。",
            en="{clock} of {number} ({name}) ended on {due} and the case is not done. Please see to it now, and "
            "explain it to the applicant.",
        ),
    ),
    "clock.resumed": (
        LocalizedText(zh="恢复计时：{number} {name}", en="The clock runs again: {number} {name}"),
        LocalizedText(
            zh="{number}（{name}）告知书里写明的时间已到，{clock}恢复计时，最晚 {due}。还需要时间的，要再书面告知申请人。",
            en="The time of which the notice on {number} ({name}) told is over, so {clock} runs again and ends on {due}. "
            "Whoever needs more time has to tell the applicant in writing again.",
        ),
    ),
}


class CaseClockOwner:
    """What ``calendars`` asks of cases about their clocks."""

    def describe(self, refs: Iterable[Ref]) -> Mapping[Ref, calendars.OwnerLink]:
        """Number and item of these cases; names of people are not for the keeper of the calendar."""
        cases = Case.objects.filter(pk__in=[UUID(ref.id) for ref in refs]).only(
            "id", "number", "title", "kind"
        )
        return {
            case.ref: calendars.OwnerLink(
                case.number or "",
                case.title if kind_of(case).named_by_applicant else kind_of(case).label,
                reverse("cases:case", args=[case.number]) if case.number else "",
            )
            for case in cases
        }

    def lock(self, owner: Ref) -> None:
        """Take the lock of the case, which comes before that of a clock."""
        locked_case(owner)

    def warn(self, owner: Ref, clock: Any, horizon: str, *, at: datetime) -> None:
        """Tell the holders of the open steps and the supervisors, each once, and write down how many were told."""
        case = locked_case(owner)
        template = {OVERDUE: "clock.overdue", calendars.RESUMED: "clock.resumed"}.get(horizon, "clock.soon")
        name, _ = called(case)
        told = _people(case, clock, at=at)
        for person_id in told:
            messages.send(
                to_person=person_id,
                template=template,
                context={
                    "number": case.number or "",
                    "name": name,
                    "clock": clock.label,
                    "due": clock.due_text,
                    "left": clock.remaining_text,
                },
                occasion=case.ref,
                link=reverse("cases:case", args=[case.number]),
                at=at,
            )
        ledger.record(
            actor=WATCH,
            verb=VERBS.get(horizon, "cases.warn_soon"),
            subject=case.ref,
            case=str(case.ref),
            facts={
                "clock": clock.label.as_json(),
                "clock_id": clock.id,
                "role": clock.key,
                "horizon": horizon,
                "due": clock.due_on.isoformat() if clock.due_on else "",
                "told": len(told),
            },
            at=at,
        )


VERBS = {OVERDUE: "cases.warn_overdue", calendars.RESUMED: "cases.clocks_resumed"}


def _people(case: Case, clock: Any, *, at: datetime) -> list[UUID]:
    """Who has the step now (who claimed it, else everybody who may do it), then who supervises."""
    tasks = (
        [task for task in processes.tasks_of(case.instance_id) if task.state == "open"]
        if case.instance_id
        else []
    )
    if clock.key == STEP:
        tasks = [task for task in tasks if task.clock_id == clock.id]
    found: list[UUID] = []
    for task in tasks:
        if is_party_task(case, task.holder_id):
            continue
        found += [task.claimed_by] if task.claimed_by else identity.people_behind(task.holder_id, at)
    supervisors = kind_of(case).supervisors
    return list(dict.fromkeys([*found, *(supervisors(case, at) if supervisors else [])]))
