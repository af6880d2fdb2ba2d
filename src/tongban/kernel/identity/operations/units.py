"""Units: founding, naming, moving, merging. What a unit was before is kept, with the document that changed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from tongban.base import published
from tongban.base.actor import Actor
from tongban.base.errors import NotFound
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.identity import rules
from tongban.kernel.identity.errors import BadUnit, UnitClosed, UnknownName
from tongban.kernel.identity.heirs import standing_things
from tongban.kernel.identity.models import FactorRule, Post, Unit, UnitVersion
from tongban.kernel.identity.operations.authority import require_duty
from tongban.kernel.identity.queries.holders import holder_ids
from tongban.kernel.ledger import service as ledger

__all__ = ["UnitFacts", "change_unit", "found_unit", "merge_unit", "move_unit", "put_unit"]

DUTY = "admin.system"


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What is known of a unit besides its place in the tree."""

    name: LocalizedText
    division_code: str
    short_name: LocalizedText = LocalizedText("")
    level: str = ""
    kind: str = ""
    prefix: str = ""
    uscc: str = ""

    def values(self) -> dict[str, Any]:
        """Return the columns; without a short name the name stands for it."""
        facts = replace(self, short_name=self.short_name or self.name)
        return {name: getattr(facts, name) for name in asdict(facts)}


@transaction.atomic
def put_unit(
    *,
    actor: Actor,
    code: str,
    name: LocalizedText,
    division_code: str,
    at: datetime,
    short_name: LocalizedText | None = None,
    parent: str | None = None,
    level: str = "",
    kind: str = "",
    prefix: str = "",
    uscc: str = "",
) -> Unit:
    """Create a unit or correct the one of this code, as a pack says. One that was merged stays as it is.

    ``parent`` is a unit's code, ``uscc`` its unified social credit code. Raises UnknownName for an unknown parent.
    """
    require_duty(actor, DUTY)
    above = None
    if parent:
        above = Unit.objects.filter(code=parent).first()
        if above is None:
            raise UnknownName(parent=parent)
    unit = Unit.objects.select_for_update().filter(code=code).first() or Unit(code=code)
    if unit.closed_at is not None:
        return unit
    facts = UnitFacts(name, division_code, short_name or LocalizedText(""), level, kind, prefix, uscc)
    values = {**facts.values(), "parent_id": above.pk if above else None}
    _change(unit, values, verb="identity.put_unit", actor=actor, at=at)
    return unit


@transaction.atomic
def found_unit(
    *, actor: Actor, facts: UnitFacts, parent_id: int | None, basis: str, at: datetime, code: str = ""
) -> Unit:
    """Found a unit under another. Without a ``code`` it gets one from the initials of its short name.

    ``basis`` is the document that orders it. Raises BadUnit with everything that is wrong, NotFound, UnitClosed.
    """
    require_duty(actor, DUTY)
    tree = _locked_tree()
    if parent_id is not None:
        _in_force(tree, parent_id)
    taken = {unit.code for unit in tree.values()}
    _refuse_faults(rules.unit_faults(facts, code=code, basis=basis, taken=taken))
    unit = Unit(code=code or rules.free_code(rules.initials((facts.short_name or facts.name).zh), taken))
    values = {**facts.values(), "parent_id": parent_id}
    _change(unit, values, verb="identity.found_unit", actor=actor, at=at, basis=basis)
    return unit


@transaction.atomic
def change_unit(*, actor: Actor, unit_id: int, facts: UnitFacts, basis: str, at: datetime) -> Unit:
    """Rename a unit or correct what is known of it. A new name is a new version: cases and papers of before keep the old one.

    Raises BadUnit, NotFound, UnitClosed.
    """
    require_duty(actor, DUTY)
    unit = _in_force(_locked_tree(), unit_id)
    _refuse_faults(rules.unit_faults(facts, basis=basis))
    _change(unit, facts.values(), verb="identity.change_unit", actor=actor, at=at, basis=basis)
    return unit


@transaction.atomic
def move_unit(*, actor: Actor, unit_id: int, parent_id: int | None, basis: str, at: datetime) -> Unit:
    """Put a unit, with everything below it, under another. Raises BadUnit also for a place below itself, NotFound, UnitClosed."""
    require_duty(actor, DUTY)
    tree = _locked_tree()
    unit = _in_force(tree, unit_id)
    faults = rules.basis_faults(basis)
    if parent_id is not None:
        _in_force(tree, parent_id)
        if rules.is_below(parent_id, unit_id, {pk: each.parent_id for pk, each in tree.items()}):
            faults.append(rules.Fault("parent", *rules.BELOW_ITSELF))
    _refuse_faults(faults)
    _change(unit, {"parent_id": parent_id}, verb="identity.move_unit", actor=actor, at=at, basis=basis)
    return unit


@transaction.atomic
def merge_unit(*, actor: Actor, unit_id: int, into_id: int, basis: str, at: datetime) -> Unit:
    """Merge a unit into another, which is returned: posts with their holders, units below and what stands in its name go over.

    Its open work is inherited (``heirs``); finished cases and papers keep its name. It cannot be undone: what was merged is
    founded anew. Raises BadUnit, NotFound, UnitClosed.
    """
    require_duty(actor, DUTY)
    tree = _locked_tree()
    unit, into = _in_force(tree, unit_id), _in_force(tree, into_id)
    faults = rules.basis_faults(basis)
    if rules.is_below(into_id, unit_id, {pk: each.parent_id for pk, each in tree.items()}):
        faults.append(rules.Fault("into", *rules.INTO_ITSELF))
    _refuse_faults(faults)
    for child in [each for each in tree.values() if each.parent_id == unit_id and each.closed_at is None]:
        child.parent_id = into_id
        child.save(update_fields=["parent"])
        put_version(child, "move", basis, at)
    posts = _move_posts(unit, into)
    FactorRule.objects.filter(unit=unit, ended_at=None).update(unit=into)
    moved = {each.key: each.move(unit_id, into_id) for each in standing_things()}
    unit.closed_at, unit.successor = at, into
    unit.save(update_fields=["closed_at", "successor"])
    UnitVersion.objects.filter(unit=unit, until=None).update(until=at)
    published.forget()
    ledger.record(
        actor=actor,
        verb="identity.merge_unit",
        subject=Ref.to("unit", unit.pk),
        at=at,
        reason=basis,
        facts={"code": unit.code, "into": into.code, "posts": posts, "moved": moved},
    )
    return into


def _move_posts(unit: Unit, into: Unit) -> int:
    """Put the posts of a unit into another; a code that is taken there gets the old unit's before it."""
    taken = set(Post.objects.filter(unit=into).values_list("code", flat=True))
    posts = list(Post.objects.select_for_update().filter(unit=unit).order_by("pk"))
    for post in posts:
        if post.code in taken:
            post.code = rules.free_code(f"{unit.code}-{post.code}"[:55], taken)
        taken.add(post.code)
        post.unit = into
        post.save(update_fields=["unit", "code"])
    # Who may hold a task is there before the first task is, also for what the old unit's processes still make.
    duties = {duty for post in Post.objects.filter(unit=into, closed_at=None) for duty in post.duties}
    holder_ids(
        (kind, key)
        for each in (unit, into)
        for kind, key in [("unit", str(each.pk)), *(("duty", f"{each.pk}:{duty}") for duty in duties)]
    )
    return len(posts)


def _locked_tree() -> dict[int, Unit]:
    """Lock all units, in one order for everybody: two moves at once could otherwise put each under the other."""
    return {unit.pk: unit for unit in Unit.objects.select_for_update(of=("self",)).order_by("pk")}


def _in_force(tree: Mapping[int, Unit], unit_id: int) -> Unit:
    unit = tree.get(unit_id)
    if unit is None:
        raise NotFound
    if unit.closed_at is not None:
        raise UnitClosed
    return unit


def _refuse_faults(faults: list[rules.Fault]) -> None:
    if faults:
        raise BadUnit(errors=[fault.as_error() for fault in faults])


def _change(
    unit: Unit, values: Mapping[str, Any], *, verb: str, actor: Actor, at: datetime, basis: str = ""
) -> None:
    """Write what differs: the unit, its version, the act. Nothing differs: nothing is written."""
    is_new = unit._state.adding
    before = {key: getattr(unit, key) for key in values}
    changed = {key for key in values if is_new or before[key] != values[key]}
    if not changed:
        return
    for key in changed:
        setattr(unit, key, values[key])
    unit.name_sort = rules.pinyin_key(unit.name.zh)
    unit.save()
    published.forget()
    if is_new or changed & {"name", "short_name", "parent_id"}:
        word = "found" if is_new else "move" if "parent_id" in changed else "rename"
        put_version(unit, word, basis, at)
    ledger.record(
        actor=actor,
        verb=verb,
        subject=Ref.to("unit", unit.pk),
        at=at,
        reason=basis,
        payload={key: values[key] for key in changed},
        facts={"code": unit.code, **_difference(before, values, changed, is_new=is_new)},
    )


def _difference(
    before: Mapping[str, Any], after: Mapping[str, Any], changed: set[str], *, is_new: bool
) -> Any:
    """Return what the act says of the change. A unit's names are no personal data."""

    def plain(value: Any) -> Any:
        return value.as_json() if isinstance(value, LocalizedText) else value

    new = {key: plain(after[key]) for key in sorted(changed)}
    return (
        {"new": new} if is_new else {"old": {key: plain(before[key]) for key in sorted(changed)}, "new": new}
    )


def put_version(unit: Unit, change: str, basis: str, at: datetime) -> None:
    """End the version that was open and begin one of how the unit is now."""
    UnitVersion.objects.filter(unit=unit, until=None).update(until=at)
    UnitVersion.objects.create(
        unit=unit,
        name=unit.name,
        short_name=unit.short_name,
        parent_id=unit.parent_id,
        change=change,
        basis=basis,
        since=at,
    )
