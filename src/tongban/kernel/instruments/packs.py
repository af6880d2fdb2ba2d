"""The papers of a pack: ``papers/*.yaml``, each with its typst source beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from tongban.base.actor import Actor
from tongban.base.bringing import bring
from tongban.base.packs import Pack, section
from tongban.base.text import LocalizedText
from tongban.kernel.instruments.models import PaperTemplate
from tongban.kernel.instruments.operations.templates import put_template
from tongban.kernel.instruments.rules import DEFAULT_NUMBER

__all__ = ["bring_papers", "load_papers"]


@section("papers", order=40)
def load_papers(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Keep every template, those of single items (``items/*/papers``) too."""
    bring_papers(pack, [*pack.files("papers/*.yaml"), *pack.files("items/*/papers/*.yaml")], at=at)


def bring_papers(pack: Pack, files: Iterable[Path], *, at: datetime) -> None:
    """Keep the templates in these files of a pack, unless the office has changed them."""
    said = {}
    for path in files:
        content = pack.yaml(path)
        said[content["key"]] = {**content, "source": pack.text(path.with_name(content["source"]))}

    def put(key: str) -> None:
        content = said[key]
        put_template(
            key=key,
            name=LocalizedText.of(content["name"]),
            kind_word=content["kind"],
            number_format=content.get("number_format", DEFAULT_NUMBER),
            fields=content.get("fields", []),
            source=content["source"],
            legal_source=LocalizedText.of(content.get("legal_source")),
            at=at,
        )

    bring(pack, "paper", said, standing=_standing, put=put, at=at)


def _standing(keys: Collection[str]) -> dict[str, Any]:
    names = ("name", "kind_word", "number_format", "fields", "source", "legal_source")
    current = PaperTemplate.objects.filter(key__in=keys, is_current=True)
    return {row.key: [getattr(row, name) for name in names] for row in current}
