"""Names sort as people expect, and texts speak both languages."""

import pytest
from django.utils.translation import override

from tongban.base.text import LocalizedText
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.models import Person, Unit

from .conftest import AT, SYSTEM


def test_names_sort_by_pinyin_not_by_code_point():
    names = ["张伟", "李秀英", "阿依古丽", "王敏", "Bob", "李娜"]

    assert sorted(names, key=identity.pinyin_key) == ["阿依古丽", "Bob", "李娜", "李秀英", "王敏", "张伟"]


def test_homophones_keep_an_order_of_their_own():
    assert identity.pinyin_key("李娜") != identity.pinyin_key("李那")


@pytest.mark.django_db
def test_people_come_in_chinese_order_also_after_a_correction():
    for name in ("张伟", "王敏", "李秀英"):
        identity.put_person(actor=SYSTEM, name=name, at=AT)
    wang = Person.objects.get(name="王敏")
    identity.put_person(actor=SYSTEM, person_id=wang.pk, name="安敏", at=AT)

    assert [person.name for person in Person.objects.all()] == ["安敏", "李秀英", "张伟"]


@pytest.mark.django_db
def test_a_unit_has_its_name_in_both_languages_and_its_place_in_the_tree(bureau):
    identity.put_unit(
        actor=SYSTEM,
        code="scjg-food",
        name=LocalizedText("食品安全监管科"),
        parent="scjg",
        division_code="532399000000",
        at=AT,
    )

    unit = identity.get_unit("scjg-food")
    assert unit.parent == bureau
    with override("en"):
        assert str(bureau.name) == "Market Regulation Bureau"
        assert str(unit.name) == "食品安全监管科"
    with override("zh-hans"):
        assert str(identity.get_unit(bureau.pk).name) == "市场监督管理局"
    assert [u.code for u in Unit.objects.with_tree_fields().filter(parent__isnull=True)] == ["scjg"]


@pytest.mark.django_db
def test_holders_have_names_for_the_desk(bureau, window, clerk, firm):
    ids = {
        kind: identity.holder_id(kind, key)
        for kind, key in {
            "person": clerk.person_id,
            "entity": firm.pk,
            "post": window.pk,
            "unit": bureau.pk,
            "duty": f"{bureau.pk}:services.window",
            "code": "a case",
        }.items()
    }

    names = identity.holder_names(ids.values())

    assert {kind: names[pk].zh for kind, pk in ids.items()} == {
        "person": "王敏",
        "entity": "澄溪米线店",
        "post": "市场监督管理局 window",
        "unit": "市场监督管理局",
        "duty": "市场监督管理局",
        "code": "持查询码的人",
    }
    assert identity.holder_id("unit", bureau.pk) == ids["unit"]
    with pytest.raises(ValueError, match="kind"):
        identity.holder_id("planet", 1)
