"""Who may read an act in full. Everybody may see its hashes; what it says, only who may see what it is about."""

from __future__ import annotations

from collections.abc import Callable

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.registry import Registry
from tongban.kernel.ledger.blinding import blind
from tongban.kernel.ledger.sealing import Row

__all__ = ["AUDIT", "keys_of_actor", "may_read", "register_act_reader", "register_actor_keys"]

AUDIT = "admin.audit"
"""The duty of the audit administrator, who reads every act."""

Reader = Callable[[Actor, Ref], bool]
ActorKeys = Callable[[Actor], list[str]]
_readers: Registry[Reader] = Registry("readers of acts")
_actor_keys: list[ActorKeys] = []


def register_act_reader(kind: str, reader: Reader) -> None:
    """Say who may read acts on things of ``kind`` ("case"): ``reader(actor, ref)``."""
    _readers.register(kind, reader)


def register_actor_keys(keys: ActorKeys) -> None:
    """Tell the ledger which numbers an actor may ask about: the own one, or that of the entity one acts for.
    ``identity`` does.
    """
    _actor_keys[:] = [keys]


def keys_of_actor(actor: Actor) -> list[str]:
    """Return the numbers under which acts may be about this actor."""
    return _actor_keys[0](actor) if _actor_keys else []


def may_read(actor: Actor, act: Row) -> bool:
    """Tell whether ``actor`` may read the act: the audit administrator, who may see its case or subject, and whom it is about."""
    if AUDIT in actor.duties:
        return True
    refs = {act.case, f"{act.subject_kind}:{act.subject_id}"} - {"", ":"}
    for ref in map(Ref.parse, refs):
        reader = _readers.find(ref.kind)
        if reader is not None and reader(actor, ref):
            return True
    return bool(act.about) and any(blind(key) in map(bytes, act.about) for key in keys_of_actor(actor))
