"""Registers and their data from a pack."""

import pytest

from tongban.base import packs, published
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.kernel.ledger.models import Act
from tongban.kernel.registers import service as registers
from tongban.kernel.registers.models import RegisterDef

from .conftest import AT

SYSTEM = Actor.system("test")
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


def test_what_people_changed_stays_when_the_pack_is_installed_again(tmp_path, as_owner):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    def install(name="registers.yaml", old="", new=""):
        file = tmp_path / name
        file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
        with as_owner():
            left = {}
            for section in ("registers", "records"):
                left |= packs.install(tmp_path, at=AT, only=section).left
        return left

    install()
    assert install("registers.yaml", "{zh: 区划}", "{zh: 行政区划}") == {}
    assert registers.list_registers()[0].name.zh == "行政区划"
    RegisterDef.objects.update(name=LocalizedText("本县区划"))
    published.forget()
    registers.put_record(
        actor=SYSTEM,
        register="divisions",
        key="532399102000",
        values={"since": "2001-01-01"},
        source="更正",
        at=AT,
    )
    left = install("divisions.csv", "1984-01-01", "1985-01-01")
    assert left == {"register": ["divisions"], "records": ["divisions (1)"]}
    assert RegisterDef.objects.get().name.zh == "本县区划"
    years = [
        registers.get_record("divisions", key).values["since"].year
        for key in ("532399101000", "532399102000")
    ]
    assert years == [1985, 2001]
