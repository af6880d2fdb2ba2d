"""How an application that asks for materials reaches what people keep, without knowing who keeps it.

The vault (个人/企业材料库) registers itself here; whoever collects materials for a case asks for what fits, lets the applicant
choose with one click, and shows the official what the choice is worth. Without a vault nothing is offered and nothing breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.registry import Registry
from tongban.base.text import LocalizedText

__all__ = [
    "MaterialKind",
    "Offer",
    "Source",
    "Vault",
    "Wanted",
    "find_vault",
    "kinds_of_material",
    "register_kinds",
    "register_vault",
]


@dataclass(frozen=True, slots=True)
class MaterialKind:
    """A kind of material that some service asks for. ``is_own``: applicants make it themselves, nobody issues it."""

    key: str
    name: LocalizedText
    is_own: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A material that a case asks for; ``certificate`` is the name of the certificate that would do (empty for none)."""

    key: str
    name: LocalizedText
    certificate: LocalizedText
    is_own: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """Something kept that fits. What cannot be used now is shown with the reason (``why_not``)."""

    id: str
    name: LocalizedText
    grade: str
    source: LocalizedText
    valid_to: date | None
    why_not: LocalizedText

    @property
    def is_usable(self) -> bool:
        """True when nothing speaks against it."""
        return not self.why_not


@dataclass(frozen=True, slots=True)
class Source:
    """What a file in a case is worth: its grade (A to D), where it comes from, and whether there is something to look at."""

    grade: str
    label: LocalizedText
    text: LocalizedText
    alarm: bool = False


class Vault(Protocol):
    """What people keep. ``owner`` is ``person:<id>`` or ``entity:<id>``."""

    def offers(
        self, *, actor: Actor, owner: Ref, wanted: Sequence[Wanted], at: datetime
    ) -> Mapping[str, list[Offer]]:
        """Return by the key of the wanted material what fits; nothing for whoever is not the owner."""
        ...

    def take(
        self, *, actor: Actor, owner: Ref, offer_id: str, wanted: Wanted, case: Ref, role: str, at: datetime
    ) -> UUID:
        """Use something kept for a case, in this role of its files; returns the file. Raises NotFound, Conflict."""
        ...

    def sources(self, *, case: Ref, files: Mapping[UUID, bool], at: datetime) -> Mapping[UUID, Source]:
        """Return what the files of a case are worth; the value says whether the applicant made it himself."""
        ...


_vaults: Registry[Vault] = Registry("vaults")
_kinds: Registry[Callable[[], Sequence[MaterialKind]]] = Registry("kinds of material")


def register_vault(vault: Vault) -> None:
    """Make the vault known. Called once, in ``AppConfig.ready()``."""
    _vaults.register("vault", vault)


def find_vault() -> Vault | None:
    """Return the vault of this installation, None when it has none."""
    return _vaults.find("vault")


def register_kinds(source: str, kinds: Callable[[], Sequence[MaterialKind]]) -> None:
    """Say which kinds of material an application asks for, so that people can keep them under the same names."""
    _kinds.register(source, kinds)


def kinds_of_material() -> list[MaterialKind]:
    """Return every kind that somebody asks for, each key once."""
    found: dict[str, MaterialKind] = {}
    for kinds in _kinds:
        for kind in kinds():
            found.setdefault(kind.key, kind)
    return list(found.values())
