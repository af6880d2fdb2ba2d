"""The owner's verbs: keep, say something else about it, remove, hand out a copy."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.apps.vault import rules
from tongban.apps.vault.errors import CopyRefused, MaterialNotFound, MaterialRefused
from tongban.apps.vault.models import HandedOut, Material
from tongban.apps.vault.policies import is_owner, keys_of
from tongban.apps.vault.words import GRADES, checked_words
from tongban.base import vaults
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date
from tongban.kernel.files import service as files
from tongban.kernel.ledger import service as ledger

__all__ = ["change_material", "keep_upload", "make_copy", "remove_material"]


@transaction.atomic
def keep_upload(
    *,
    actor: Actor,
    owner: Ref,
    kind: str,
    name: str,
    is_own: bool,
    promises: bool,
    valid_to: date | None,
    upload: Any,
    at: datetime,
) -> Material:
    """Keep what the owner uploaded: grade C, or D when he made it himself and promises that it is true.

    Raises MaterialNotFound for somebody else's vault, MaterialRefused, and what ``files.store_upload`` refuses.
    """
    if not is_owner(actor, owner, at):
        raise MaterialNotFound
    known = {each.key: each for each in vaults.kinds_of_material()}
    name = rules.one_line(name) or (known[kind].name.zh if kind in known else "")
    errors = _faults(name)
    if kind and kind not in known:
        errors.append(_fault("kind", T("从列表里选一种", "Choose one from the list")))
    if is_own and not promises:
        errors.append(_fault("promises", T("自己做的材料，要承诺真实", "Promise that what you made is true")))
    if upload is None:
        errors.append(_fault("upload", T("请选文件", "Choose a file")))
    if errors:
        raise MaterialRefused(errors=errors)
    material = Material(
        owner_kind=owner.kind,
        owner_id=owner.id,
        kind=kind,
        name=name,
        is_own=is_own,
        valid_to=valid_to,
        added_at=at,
        added_by_id=actor.account_id,
    )
    material.file = files.store_upload(actor=actor, upload=upload, use=material.ref, role="material", at=at)
    material.save(force_insert=True)
    _record(material, actor, "vault.keep", at, {"kind": kind, "grade": material.grade})
    return material


@transaction.atomic
def change_material(
    *, actor: Actor, material_id: UUID, name: str, valid_to: date | None, at: datetime
) -> Material:
    """Give a material another name or last day. Another last day takes the check of an official away.

    Raises MaterialNotFound, MaterialRefused.
    """
    material = _own(actor, material_id, at)
    name = rules.one_line(name)
    if errors := _faults(name):
        raise MaterialRefused(errors=errors)
    if material.checked_at is not None and valid_to != material.valid_to:
        material.checked_at, material.checked_by, material.checked_in = None, None, ""
    material.name, material.valid_to = name, valid_to
    material.save(update_fields=["name", "valid_to", "checked_at", "checked_by", "checked_in"])
    _record(material, actor, "vault.change", at, {"grade": material.grade})
    return material


@transaction.atomic
def remove_material(*, actor: Actor, material_id: UUID, at: datetime) -> None:
    """Take a material out of the vault, with its copies. What a case used stays with the case. Raises MaterialNotFound."""
    material = _own(actor, material_id, at)
    files.remove_use(file_id=material.file_id, use=material.ref, at=at)
    for copy in material.copies.all():
        files.remove_use(file_id=copy.file_id, use=copy.ref, at=at)
    material.removed_at = at
    material.save(update_fields=["removed_at"])
    _record(material, actor, "vault.remove", at, {})


def make_copy(*, actor: Actor, material_id: UUID, purpose: str, receiver: str, at: datetime) -> HandedOut:
    """Make a copy that says on every page for whom and what for; the original is not touched.

    Raises MaterialNotFound, CopyRefused, and ``files.errors.NoWatermark`` for what cannot be drawn.
    """
    material = _find(actor, material_id, at)
    purpose, receiver = rules.one_line(purpose), rules.one_line(receiver)
    errors = [
        _fault(field, missing if not value else T("最多 30 个字", "At most 30 characters"))
        for field, value, missing in (
            ("receiver", receiver, T("写明给谁", "Say whom the copy is for")),
            ("purpose", purpose, T("写明做什么用", "Say what the copy is for")),
        )
        if not value or len(value) > rules.LONGEST_WORDS
    ]
    if errors:
        raise CopyRefused(errors=errors)
    day = local_date(at)
    copy = HandedOut(material=material, purpose=purpose, receiver=receiver, made_at=at)
    pdf = files.watermark(  # nothing is written or locked yet
        files.read_file(material.file_id),
        media_type=material.file.media_type,
        words=f"仅供{receiver}办理{purpose}使用　{day.year}年{day.month}月{day.day}日",
        line=f"材料库复制件，他用无效　{_worth(material)}",
        at=at,
    )
    with transaction.atomic():
        _own(actor, material_id, at)
        copy.file = files.store_bytes(
            name=f"{material.name}_{receiver}.pdf",
            media_type="application/pdf",
            content=pdf,
            use=copy.ref,
            role="copy",
            at=at,
        )
        copy.save(force_insert=True)
        ledger.record(
            actor=actor,
            verb="vault.copy",
            subject=material.ref,
            payload={"purpose": purpose, "receiver": receiver},
            about=keys_of(material),
            at=at,
        )
    return copy


def _worth(material: Material) -> str:
    if material.checked_by is not None:
        return f"B 级：{checked_words(material.checked_by.name, material.checked_in).zh}"
    return f"{GRADES[material.grade].zh}：{'本人制作' if material.is_own else '本人上传，机关没有核过'}"


def _find(actor: Actor, material_id: UUID, at: datetime) -> Material:
    found = (
        Material.objects.select_related("file", "checked_by")
        .filter(pk=material_id, removed_at__isnull=True)
        .first()
    )
    if found is None or not is_owner(actor, found.owner, at):
        raise MaterialNotFound
    return found


def _own(actor: Actor, material_id: UUID, at: datetime) -> Material:
    """Return a material of the actor's under its lock. Raises MaterialNotFound."""
    rows = Material.objects.select_for_update().filter(pk=material_id, removed_at__isnull=True)
    found = rows.first()
    if found is None or not is_owner(actor, found.owner, at):
        raise MaterialNotFound
    return found


def _faults(name: str) -> list[dict[str, Any]]:
    if not name:
        return [_fault("name", T("给它起个名字", "Give it a name"))]
    if len(name) > rules.LONGEST_NAME:
        return [_fault("name", T("名字最多 60 个字", "A name has at most 60 characters"))]
    return []


def _fault(field: str, message: T) -> dict[str, Any]:
    return {"field": field, "message": message.as_json()}


def _record(material: Material, actor: Actor, verb: str, at: datetime, facts: dict[str, Any]) -> None:
    ledger.record(actor=actor, verb=verb, subject=material.ref, facts=facts, about=keys_of(material), at=at)
