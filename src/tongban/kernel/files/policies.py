"""Who may read a file: whoever may read what it is used for. What nobody registered for, nobody reads."""

from __future__ import annotations

from collections.abc import Callable

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.registry import Registry
from tongban.kernel.files.models import File

__all__ = ["CanRead", "can_read", "register_file_policy"]

CanRead = Callable[[Actor, Ref], bool]

_policies: Registry[CanRead] = Registry("file policies")


def register_file_policy(ref_kind: str, can_read: CanRead) -> None:
    """Say who may read the files of that kind of owner. Called once a kind, in ``AppConfig.ready()``."""
    _policies.register(ref_kind, can_read)


def can_read(actor: Actor, file: File) -> bool:
    """True when one present use of the file lets the actor read it; False for a file without uses or policies."""
    for use in file.uses.filter(removed_at__isnull=True):
        policy = _policies.find(use.ref_kind)
        if policy is not None and policy(actor, Ref(use.ref_kind, use.ref_id)):
            return True
    return False
