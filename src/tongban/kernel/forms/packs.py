"""The forms of a pack: every ``form.yaml`` and every YAML file in a folder named ``tasks`` or ``forms``."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from pathlib import Path

from tongban.base.actor import Actor
from tongban.base.bringing import bring
from tongban.base.errors import Invalid
from tongban.base.packs import Pack, PackError, section
from tongban.kernel.forms.models import FormDef
from tongban.kernel.forms.operations.publish import put_form

__all__ = ["bring_forms", "form_files", "load_forms"]

PATTERNS = ("**/form.yaml", "**/tasks/*.yaml", "**/forms/*.yaml")


def form_files(pack: Pack) -> list[Path]:
    """Return the files that hold forms."""
    return sorted({path for pattern in PATTERNS for path in pack.files(pattern)})


@section("forms", order=40)
def load_forms(pack: Pack, *, actor: Actor, at: datetime) -> int:
    """Publish every form of the pack, unless the office has changed it; return how many there are."""
    files = form_files(pack)
    bring_forms(pack, files, actor=actor, at=at)
    return len(files)


def bring_forms(
    pack: Pack, files: Iterable[Path], *, actor: Actor, at: datetime, valid_from: date | None = None
) -> None:
    """Publish the forms in these files of a pack, unless the office has changed them. Raises PackError."""
    names, contents = {}, {}
    for path in files:
        name = path.relative_to(pack.path)
        content = pack.yaml(name)
        if not isinstance(content, dict) or "key" not in content:
            raise PackError(f"{name}: there is no key")
        names[content["key"]], contents[content["key"]] = name, content

    def put(key: str) -> None:
        try:
            put_form(actor=actor, content=contents[key], at=at, valid_from=valid_from)
        except Invalid as error:
            raise PackError(f"{names[key]}: {error}") from error

    bring(pack, "form", contents, standing=_standing, put=put, at=at)


def _standing(keys: Collection[str]) -> dict[str, str]:
    newest = FormDef.objects.filter(key__in=keys).order_by("key", "-version").distinct("key")
    return dict(newest.values_list("key", "digest"))
