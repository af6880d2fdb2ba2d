"""Words that mean the same, in a pack: ``synonyms.yaml``, groups by language."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from tongban.base.actor import Actor
from tongban.base.bringing import bring
from tongban.base.packs import Pack, section
from tongban.kernel.search.models import SynonymGroup
from tongban.kernel.search.operations.index import put_synonyms

__all__ = ["load_synonyms"]


@section("synonyms", order=60)
def load_synonyms(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Keep every group; its key is the pack, the language and its first word."""
    if not pack.has("synonyms.yaml"):
        return
    said = pack.yaml("synonyms.yaml")["synonyms"]
    groups = {f"{pack.key}:{lang}:{terms[0]}": terms for lang, rows in said.items() for terms in rows}

    def put(key: str) -> None:
        put_synonyms(key=key, terms=groups[key])

    bring(pack, "synonyms", groups, standing=_standing, put=put, at=at)


def _standing(keys: Collection[str]) -> dict[str, list[str]]:
    return {group.key: group.terms for group in SynonymGroup.objects.filter(pk__in=keys)}
