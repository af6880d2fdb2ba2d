"""Forms come with a pack; those of the packs that we ship are sound and ask nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from tongban.base.packs import Pack, PackError, sections
from tongban.kernel.forms import service
from tongban.kernel.forms.models import FormDef
from tongban.kernel.forms.packs import form_files, load_forms
from tongban.kernel.forms.tests.conftest import SYSTEM
from tongban.kernel.forms.tests.shop import AT, SHOP, shop

PACKS = sorted(path.parent for path in (Path(settings.BASE_DIR) / "packs").glob("*/pack.yaml"))


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """A pack with one form."""
    (tmp_path / "pack.yaml").write_text("{key: test, name: 试}", encoding="utf-8")
    place = tmp_path / "items" / "shop"
    place.mkdir(parents=True)
    (place / "form.yaml").write_text(yaml.safe_dump(SHOP, allow_unicode=True), encoding="utf-8")
    return Pack(tmp_path)


@pytest.mark.usefixtures("base_registers")
def test_a_pack_publishes_its_forms_and_again_makes_no_new_version(pack: Pack) -> None:
    assert "forms" in sections
    for _ in range(2):
        assert load_forms(pack, actor=SYSTEM, at=AT) == 1
    assert FormDef.objects.filter(key="test-shop").count() == 1
    assert service.get_form("test-shop").name.en == "Opening a shop"


@pytest.mark.usefixtures("base_registers")
def test_a_form_that_is_not_sound_is_named_with_its_file(pack: Pack) -> None:
    content = shop(field="area", min="one")
    (pack.path / "items" / "shop" / "form.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(PackError, match=r"items/shop/form\.yaml: .*\(area\)\.min"):
        load_forms(pack, actor=SYSTEM, at=AT)
    assert not FormDef.objects.filter(key="test-shop").exists()


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.name)
def test_the_forms_we_ship_are_sound_and_ask_nothing_twice(
    path: Path, as_owner: Callable[[], AbstractContextManager[None]], db: None
) -> None:
    shipped = Pack(path)
    with as_owner():
        for name in ("units", "registers"):
            sections.get(name).load(shipped, actor=SYSTEM, at=AT)
    builtin = FormDef.objects.count()
    published = load_forms(shipped, actor=SYSTEM, at=AT)
    assert published == len(form_files(shipped)) == FormDef.objects.count() - builtin


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.name)
def test_the_forms_we_ship_are_complete_in_english(path: Path) -> None:
    shipped = Pack(path)
    for file in form_files(shipped):
        assert list(_without_english(shipped.yaml(file.relative_to(path)))) == [], file


def _without_english(value: object, place: str = "") -> list[str]:
    if isinstance(value, dict):
        if "zh" in value:
            return [] if value.get("en") else [place]
        return [found for key, inner in value.items() for found in _without_english(inner, f"{place}.{key}")]
    if isinstance(value, list):
        return [found for n, inner in enumerate(value) for found in _without_english(inner, f"{place}[{n}]")]
    return []
