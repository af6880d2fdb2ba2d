"""Registers and their data from a pack."""

import pytest

from tongban.base import packs
from tongban.kernel.ledger.models import Act
from tongban.kernel.registers import service as registers

from .conftest import AT

pytestmark = pytest.mark.django_db
FILES = {
    "pack.yaml": "key: test\nname: {zh: 试验}\n",
    "registers.yaml": (
        "registers:\n"
        "- key: divisions\n"
        "  name: {zh: 区划}\n"
        "  source: {zh: 区划库}\n"
        "  key_field: code\n"
        "  data: divisions.csv\n"
        "  fields:\n"
        "  - {key: code, label: {zh: 代码}, type: code}\n"
        "  - {key: since, label: {zh: 设立}, type: date}\n"
    ),
    "divisions.csv": "code,since,note\n532399101000,1984-01-01,城关镇\n532399102000,,云岭镇\n",
}


def test_a_pack_brings_registers_with_their_data_and_again_changes_nothing(tmp_path, as_owner):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    def install():
        with as_owner():
            for name in ("registers", "records"):
                packs.install(tmp_path, at=AT, only=name)

    install()
    acts = Act.objects.count()
    install()

    (view,) = registers.list_registers()
    assert (view.key, view.source.zh, view.count) == ("divisions", "区划库", 2)
    assert registers.get_record("divisions", "532399101000").values["since"].year == 1984
    assert Act.objects.count() == acts
