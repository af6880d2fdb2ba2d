"""Beginning and ending an instance, and putting its variables right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.ledger.service import record
from tongban.kernel.processes.errors import DefinitionNotFound, ReasonRequired
from tongban.kernel.processes.models import Instance
from tongban.kernel.processes.operations.move import Move, case_of, lock_instance
from tongban.kernel.processes.operations.publish import current_definition
from tongban.kernel.processes.results import Advance

__all__ = ["set_vars", "start_instance", "terminate"]


def start_instance(
    *,
    definition_key: str,
    owner: Ref,
    vars: Mapping[str, Any],  # noqa: A002 (the word of the domain)
    actor: Actor,
    at: datetime,
) -> Advance:
    """Start an instance of the current version. ``vars`` are JSON. Raises DefinitionNotFound.

    The caller holds the owner's lock, as for every operation here that a person's act leads to.
    """
    with work.unit():
        definition_id = current_definition(definition_key)
        if definition_id is None:
            raise DefinitionNotFound(key=definition_key)
        instance = Instance(
            definition_id=definition_id,
            owner_kind=owner.kind,
            owner_id=owner.id,
            vars={"data": {}, "by": {}, **vars},
            started_at=at,
        )
        work.add(instance)
        move = Move(instance, actor=actor, at=at)
        move.start()
        return move.finish()


def set_vars(*, instance_id: UUID, values: Mapping[str, Any], at: datetime) -> None:
    """Merge ``values`` into the variables of an active instance. Raises InstanceNotFound, InstanceEnded."""
    with work.unit():
        instance = lock_instance(instance_id)
        instance.vars.update(values)
        instance.revision += 1
        work.change(instance, "vars", "revision")


def terminate(*, instance_id: UUID, actor: Actor, reason: str, at: datetime) -> Advance:
    """End an instance before its time: open tasks, timers and jobs are cancelled.

    Raises ReasonRequired, InstanceNotFound, InstanceEnded. Who may do so is for the owner to decide.
    """
    if not reason.strip():
        raise ReasonRequired
    with work.unit():
        instance = lock_instance(instance_id)
        move = Move(instance, actor=actor, at=at)
        move.cancel()
        advance = move.finish()
        record(
            actor=actor,
            verb="processes.terminate",
            subject=Ref.to("instance", instance_id),
            case=case_of(instance),
            reason=reason,
            at=at,
        )
    return advance
