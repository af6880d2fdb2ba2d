"""Words that mean the same, in a pack: ``synonyms.yaml``, groups by language."""

from __future__ import annotations

from datetime import datetime

from tongban.base.actor import Actor
from tongban.base.packs import Pack, section
from tongban.kernel.search.operations.index import put_synonyms

__all__ = ["load_synonyms"]


@section("synonyms", order=60)
def load_synonyms(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Keep every group; its key is the pack, the language and its first word."""
    if not pack.has("synonyms.yaml"):
        return
    for language, groups in pack.yaml("synonyms.yaml")["synonyms"].items():
        for terms in groups:
            put_synonyms(key=f"{pack.key}:{language}:{terms[0]}", terms=terms)
