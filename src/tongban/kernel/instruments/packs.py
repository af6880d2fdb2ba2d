"""The papers of a pack: ``papers/*.yaml``, each with its typst source beside it."""

from __future__ import annotations

from datetime import datetime

from tongban.base.actor import Actor
from tongban.base.packs import Pack, section
from tongban.base.text import LocalizedText
from tongban.kernel.instruments.operations.templates import put_template
from tongban.kernel.instruments.rules import DEFAULT_NUMBER

__all__ = ["load_papers"]


@section("papers", order=40)
def load_papers(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Keep every template, those of single items (``items/*/papers``) too."""
    for path in [*pack.files("papers/*.yaml"), *pack.files("items/*/papers/*.yaml")]:
        content = pack.yaml(path)
        put_template(
            key=content["key"],
            name=LocalizedText.of(content["name"]),
            kind_word=content["kind"],
            number_format=content.get("number_format", DEFAULT_NUMBER),
            fields=content.get("fields", []),
            source=pack.text(path.with_name(content["source"])),
            legal_source=LocalizedText.of(content.get("legal_source")),
            at=at,
        )
