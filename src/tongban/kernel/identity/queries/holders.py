"""Holders: the small numbers under which rights and tasks know units, posts, duties, people and entities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Model, Q

from tongban.base import published, work
from tongban.base.text import LocalizedText
from tongban.kernel.identity.heirs import unit_in_charge
from tongban.kernel.identity.models import Holder, LegalEntity, Person, Post
from tongban.kernel.identity.queries.units import all_units

__all__ = ["holder_id", "holder_ids", "holder_names", "new_code_holder"]

M = TypeVar("M", bound=Model)


def holder_ids(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return holder ids for ``(kind, key)`` pairs and create those that do not exist yet.

    Those of the organisation are kept in memory, others are one indexed query.
    """
    wanted = {(kind, str(key)) for kind, key in pairs}
    official = {pair for pair in wanted if pair[0] in OFFICIAL}
    known = _organisation.get(None) if official else {}
    found = {pair: known[pair] for pair in official if pair in known}
    found |= _find_holders(wanted - official)
    missing = wanted - set(found)
    if missing:
        Holder.objects.bulk_create([Holder(kind=k, key=v) for k, v in sorted(missing)], ignore_conflicts=True)
        published.forget()
        found |= _find_holders(missing)
    return found


def new_code_holder(case_id: object) -> int:
    """Return the id of the holder for the query code of a case that is being submitted; in one unit always the same."""
    key = str(case_id)
    return work.hold(Holder, ("code", key), lambda: work.add(work.number(Holder(kind="code", key=key)))).pk


OFFICIAL = ("unit", "post", "duty")
"""The kinds of holders that the organisation of the government has; there are some hundreds, and they stay."""


def _load_organisation(_: None) -> dict[tuple[str, str], int]:
    rows = Holder.objects.filter(kind__in=OFFICIAL).values_list("kind", "key", "pk")
    return {(kind, key): pk for kind, key, pk in rows}


_organisation = published.Kept(("identity_holder", "identity_unit"), _load_organisation)


def _find_holders(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    by_kind: dict[str, list[str]] = {}
    for kind, key in pairs:
        by_kind.setdefault(kind, []).append(key)
    if not by_kind:
        return {}
    condition = Q()
    for kind, keys in by_kind.items():
        condition |= Q(kind=kind, key__in=keys)
    rows = Holder.objects.filter(condition).values_list("kind", "key", "pk")
    return {(kind, key): pk for kind, key, pk in rows}


def holder_id(kind: str, key: object) -> int:
    """Return the holder id of a thing; a duty's key is ``"<unit id>:<duty>"``, a code's key the case's id."""
    if kind not in dict(Holder.KINDS):
        raise ValueError(f"nothing of kind {kind!r} can hold a right or a task")
    pair = (kind, str(key))
    return holder_ids([pair])[pair]


def holder_names(ids: Iterable[int]) -> dict[int, LocalizedText]:
    """Return what officials call holders: a unit, a post in its unit, a person, an entity."""
    wanted = set(ids)
    holders = {pk: pair for pair, pk in _organisation.get(None).items() if pk in wanted}
    others = wanted - set(holders)
    if others:
        rows = Holder.objects.filter(pk__in=others).values_list("pk", "kind", "key")
        holders |= {pk: (kind, key) for pk, kind, key in rows}
    keys: dict[str, list[str]] = {}
    for kind, key in holders.values():
        keys.setdefault(kind, []).append(key)
    posts = {str(p.pk): p for p in _found(Post, keys.get("post"))}
    people = {str(p.pk): p for p in _found(Person, keys.get("person"))}
    entities = {str(e.pk): e for e in _found(LegalEntity, keys.get("entity"))}
    units = all_units.get(None)

    def name(kind: str, key: str) -> LocalizedText:
        if kind == "person" and key in people:
            return LocalizedText(people[key].name)
        if kind == "entity" and key in entities:
            return LocalizedText(entities[key].name)
        if kind == "post" and key in posts:
            post = posts[key]
            return LocalizedText("{unit} {post}", "{unit}, {post}").format(
                unit=units[post.unit_id].name, post=post.name
            )
        if kind in ("unit", "duty"):
            unit = units.get(unit_in_charge(int(key.partition(":")[0])))
            if unit is not None:
                return unit.name
        if kind == "code":
            return LocalizedText("持查询码的人", "The bearer of the query code")
        return LocalizedText("（已不存在）", "(no longer exists)")

    return {pk: name(*pair) for pk, pair in holders.items()}


def _found(model: type[M], keys: list[str] | None) -> Iterable[M]:
    return model._default_manager.filter(pk__in=keys) if keys else ()
