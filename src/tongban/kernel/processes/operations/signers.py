"""Added signers (加签): colleagues who are asked for an opinion on a step, before, beside or after the one who does it.

A signer is a task of its own with the token of the main task: it is answered like any task and moves no token by itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.kernel.processes.errors import ReasonRequired
from tongban.kernel.processes.models import Instance, Task
from tongban.kernel.processes.operations import office
from tongban.kernel.processes.operations.leaving import leave, lock_task
from tongban.kernel.processes.results import Advance, TaskView, task_view
from tongban.kernel.processes.standing import why_not

__all__ = ["DISAGREE", "add_signer", "answered", "names_of", "open_planned"]

PLACES = (Task.BEFORE, Task.BESIDE, Task.AFTER)
AGREE, DISAGREE = "agree", "disagree"
OUTCOMES = (
    (AGREE, LocalizedText(zh="同意", en="Agree"), "primary", "optional"),
    (DISAGREE, LocalizedText(zh="不同意", en="Disagree"), "danger", "required"),
)
NAME = LocalizedText(zh="{step}（加签）", en="{step} (opinion asked)")


def add_signer(
    *,
    actor: Actor,
    task_id: int,
    place: str,
    holder_id: int,
    person_id: UUID,
    person_name: str,
    reason: str,
    at: datetime,
) -> TaskView:
    """Ask a colleague for an opinion on a step. ``place`` is "before", "beside" or "after"; ``reason`` is the question.

    Before: the step rests until the signer has answered. Beside: it can be worked on, and completed once the signer has
    answered. After: the signer is asked when the step is done, and the case goes on when all have agreed; one who
    disagrees sends it back to the step. Raises ReasonRequired, MoveRefused (``sign``), TaskNotFound.
    """
    if place not in PLACES:
        raise ValueError(f"a signer stands before, beside or after, not {place!r}")
    if not reason.strip():
        raise ReasonRequired
    with transaction.atomic():
        instance, task = lock_task(task_id)
        situation = office.situation_of(instance)
        why = situation.may_sign(actor, task)
        if why is None and person_id in actor.persons:
            why = why_not("yourself")
        if why is None and any(each.claimed_by == person_id for each in situation.signers(task)):
            why = why_not("asked-already", who=person_name)
        if why is not None:
            office.refuse("sign", why)
        acting = actor.acting_for(task.holder_id, task.claimed_by)
        signer = Task.objects.create(
            instance=instance,
            token=task.token,
            node=task.node,
            within=task.within,
            name=NAME.format(step=task.name),
            outcomes=_outcomes(),
            holder_id=holder_id,
            owner_kind=task.owner_kind,
            owner_id=task.owner_id,
            state=Task.PLANNED if place == Task.AFTER else Task.OPEN,
            opened_at=at,
            claimed_by=person_id,
            claimed_name=person_name,
            claimed_at=at,
            role=place,
            main=task,
            asked_by=acting.person_id,
            asked_name=acting.signs_as,
            note=reason.strip(),
        )
        _note_waiting(task)
    return task_view(signer, instance.vars)


def answered(instance: Instance, signer: Task, *, actor: Actor, at: datetime) -> Advance:
    """Heed an answer (the signer's row is done): the main step may go on, or, when one after it disagrees, comes back."""
    main = Task.objects.select_for_update().get(signers=signer)
    if signer.role == Task.AFTER and signer.outcome == DISAGREE:
        return office.do_again(instance, main, actor=actor, reason=signer.opinion, at=at)
    _note_waiting(main)
    if signer.role == Task.AFTER and not main.waits_for:
        return leave(instance, main, actor=actor, at=at)
    return Advance(instance.pk, completed=task_view(signer))


def open_planned(instance: Instance, main: Task, *, actor: Actor, at: datetime) -> Advance:
    """The main step is done: ask those who sign after it."""
    planned = list(main.signers.filter(state=Task.PLANNED).order_by("pk"))
    for signer in planned:
        signer.state, signer.opened_at = Task.OPEN, at
        signer.save(update_fields=["state", "opened_at"])
    opened = tuple(task_view(signer, instance.vars) for signer in planned)
    return Advance(instance.pk, completed=task_view(main), opened=opened)


def names_of(task: Task) -> str:
    """Return the names of those who have not answered yet."""
    return "、".join(
        task.signers.filter(state=Task.OPEN).order_by("pk").values_list("claimed_name", flat=True)
    )


def _note_waiting(main: Task) -> None:
    """Keep with the main task what kind of signer it waits for, the most pressing first."""
    open_roles = set(main.signers.filter(state__in=[Task.OPEN, Task.PLANNED]).values_list("role", flat=True))
    main.waits_for = next((place for place in PLACES if place in open_roles), "")
    main.save(update_fields=["waits_for"])


def _outcomes() -> list[dict[str, Any]]:
    return [
        {"key": key, "label": label.as_json(), "style": style, "opinion": opinion, "form": "", "when": ""}
        for key, label, style, opinion in OUTCOMES
    ]
