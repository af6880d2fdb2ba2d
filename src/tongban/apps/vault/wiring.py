"""What the vault makes known to the modules below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tongban.apps.vault import queries
from tongban.apps.vault.models import HandedOut, Material
from tongban.apps.vault.operations import use
from tongban.apps.vault.policies import is_owner, keys_of
from tongban.base import outbox, vaults
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText as T
from tongban.base.time import now
from tongban.design import navigation
from tongban.design.navigation import NavEntry
from tongban.kernel.files import service as files
from tongban.kernel.ledger import service as ledger

__all__ = ["register"]

VERBS = {
    "vault.keep": T("存入材料库", "Kept in the vault"),
    "vault.keep_from_case": T("办件材料存入材料库", "Paper of a case kept in the vault"),
    "vault.change": T("修改材料的名称、有效期", "Name or validity of a document changed"),
    "vault.remove": T("从材料库删除", "Removed from the vault"),
    "vault.use": T("从材料库选用", "Chosen from the vault"),
    "vault.check": T("机关核过，升为 B 级", "Checked by an authority, raised to grade B"),
    "vault.copy": T("制作带水印的复制件", "Copy with watermark made"),
}


class TheVault:
    """The vault as services see it."""

    def offers(
        self, *, actor: Actor, owner: Ref, wanted: Sequence[vaults.Wanted], at: datetime
    ) -> Mapping[str, list[vaults.Offer]]:
        """Return what fits."""
        return queries.offers(actor=actor, owner=owner, wanted=wanted, at=at)

    def take(
        self,
        *,
        actor: Actor,
        owner: Ref,
        offer_id: str,
        wanted: vaults.Wanted,
        case: Ref,
        role: str,
        at: datetime,
    ) -> UUID:
        """Use something for a case, if it is among what fits."""
        return use.take(
            actor=actor, owner=owner, offer_id=offer_id, key=wanted.key, case=case, role=role, at=at
        )

    def sources(self, *, case: Ref, files: Mapping[UUID, bool], at: datetime) -> Mapping[UUID, vaults.Source]:
        """Return what files are worth."""
        return queries.sources(case=case, files=files, at=at)


THE_VAULT = TheVault()


def register() -> None:
    """Called once by ``VaultConfig.ready``."""
    vaults.register_vault(THE_VAULT)
    for verb, label in VERBS.items():
        ledger.register_verb(verb, label)
    ledger.register_act_reader("vault-material", _owns)
    files.register_file_policy("vault-material", _owns, about=_whose)
    files.register_file_policy("vault-copy", _owns_copy)
    outbox.handler("services.accepted", "vault.keep")(use.on_accepted)
    outbox.handler("services.granted", "vault.check")(use.on_granted)
    navigation.register_account(
        NavEntry(
            key="materials",
            label=T("我的材料", "My documents"),
            url_name="vault:mine",
            icon="archive",
            order=35,
            visible=lambda actor: not actor.is_official,
        )
    )


def _owns(actor: Actor, ref: Ref) -> bool:
    found = Material.objects.filter(pk=UUID(ref.id), removed_at__isnull=True).first()
    return found is not None and is_owner(actor, found.owner, now())


def _owns_copy(actor: Actor, ref: Ref) -> bool:
    copy = HandedOut.objects.select_related("material").filter(pk=UUID(ref.id)).first()
    return copy is not None and is_owner(actor, copy.material.owner, now())


def _whose(ref: Ref) -> list[str]:
    found = Material.objects.filter(pk=UUID(ref.id)).first()
    return keys_of(found) if found is not None else []
