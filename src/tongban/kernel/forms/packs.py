"""The forms of a pack: every ``form.yaml`` and every YAML file in a folder named ``tasks`` or ``forms``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tongban.base.actor import Actor
from tongban.base.errors import Invalid
from tongban.base.packs import Pack, PackError, section
from tongban.kernel.forms.operations.publish import put_form

__all__ = ["form_files", "load_forms"]

PATTERNS = ("**/form.yaml", "**/tasks/*.yaml", "**/forms/*.yaml")


def form_files(pack: Pack) -> list[Path]:
    """Return the files that hold forms."""
    return sorted({path for pattern in PATTERNS for path in pack.files(pattern)})


@section("forms", order=40)
def load_forms(pack: Pack, *, actor: Actor, at: datetime) -> int:
    """Publish every form of the pack; return how many there are. Loading again makes no new versions."""
    files = form_files(pack)
    for path in files:
        name = path.relative_to(pack.path)
        try:
            put_form(actor=actor, content=pack.yaml(name), at=at)
        except Invalid as error:
            raise PackError(f"{name}: {error}") from error
    return len(files)
