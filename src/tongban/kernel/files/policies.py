"""Who may read a file: whoever may read what it is used for. What nobody registered for, nobody reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.registry import Registry
from tongban.kernel.files.models import File

__all__ = ["About", "CanRead", "can_read", "people_in", "register_file_policy"]

CanRead = Callable[[Actor, Ref], bool]
About = Callable[[Ref], Iterable[str]]

_policies: Registry[CanRead] = Registry("file policies")
_about: Registry[About] = Registry("whom files are about")


def register_file_policy(ref_kind: str, can_read: CanRead, *, about: About | None = None) -> None:
    """Say who may read the files of that kind of owner. Called once a kind, in ``AppConfig.ready()``.

    ``about`` returns identity numbers and credit codes of those whose papers these are: an official's look is shown to them.
    """
    _policies.register(ref_kind, can_read)
    if about is not None:
        _about.register(ref_kind, about)


def can_read(actor: Actor, file: File) -> bool:
    """True when one present use of the file lets the actor read it; False for a file without uses or policies."""
    for use in file.uses.filter(removed_at__isnull=True):
        policy = _policies.find(use.ref_kind)
        if policy is not None and policy(actor, Ref(use.ref_kind, use.ref_id)):
            return True
    return False


def people_in(file: File) -> list[str]:
    """Return the numbers of those whose papers the file is, by its present uses; none when no owner of a use says so."""
    found: set[str] = set()
    for use in file.uses.filter(removed_at__isnull=True):
        about = _about.find(use.ref_kind)
        if about is not None:
            found.update(about(Ref(use.ref_kind, use.ref_id)))
    return sorted(found)
