"""Units, posts and officials from tables: everything or nothing, again without doubling, never an administrator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from tongban.base.actor import Actor
from tongban.base.time import now
from tongban.kernel.identity import service as identity
from tongban.main.commands import organisation as command
from tongban.main.organisation import Report, bring

pytestmark = pytest.mark.django_db

UNITS = """单位代码,单位名称,简称,上级代码,行政区划代码
gov,试县人民政府,县政府,,530000000000
fin,试县财政局,财政局,gov,530000000000
"""
POSTS = """unit,code,name,duties
fin,fin-clerk,财政局经办,
fin,fin-head,财政局局长,
"""
OFFICIALS = """姓名,用户名,邮箱,岗位
张三,zhangsan,z@example.org,fin/fin-clerk；fin/fin-head
李四,lisi,,fin/fin-clerk
"""


def tables(**texts: str) -> dict[str, bytes]:
    return {name: text.encode() for name, text in texts.items()}


def brought(preview: bool = False, **texts: str) -> Report:
    return bring(tables=tables(**texts), actor=Actor.system("test"), at=now(), preview=preview)


def accounts() -> Any:
    return get_user_model()._default_manager.filter(username__in=["zhangsan", "lisi"])


def test_a_county_comes_in_and_again_without_doubling() -> None:
    report = brought(units=UNITS, posts=POSTS, officials=OFFICIALS)
    assert (report.faults, report.rows) == ([], {"units": 2, "posts": 2, "officials": 2})
    assert identity.get_unit("fin").parent_id == identity.get_unit("gov").pk
    zhang = accounts().get(username="zhangsan")
    assert [post.name.zh for post in identity.posts_of(zhang, now())] == ["财政局经办", "财政局局长"]
    assert not zhang.has_usable_password()
    assert [name for name, _ in report.links] == ["zhangsan", "lisi"]
    again = brought(units=UNITS, posts=POSTS, officials=OFFICIALS)
    assert (again.faults, again.links, accounts().count()) == ([], [], 2)
    assert len(identity.posts_of(zhang, now())) == 2


def test_one_wrong_row_and_nothing_is_written() -> None:
    wrong = OFFICIALS + "王五,zhangsan,,\n赵六,zhaoliu,,fin/none\n,nobody,,\n"
    report = brought(units=UNITS, posts=POSTS, officials=wrong)
    assert [(table, number) for table, number, _ in report.faults] == [
        ("officials", 4),
        ("officials", 5),
        ("officials", 6),
    ]
    assert "somebody else" in report.faults[0][2].en
    assert "no post fin/none" in report.faults[1][2].en
    assert "name is empty" in report.faults[2][2].en
    assert (accounts().count(), report.links) == (0, [])


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"units": "code,name,division_code\nfin,财政局,53"}, "twelve digits"),
        ({"units": "code,name,division_code\nFIN !,财政局,530000000000"}, "lower-case"),
        ({"units": "code,name,division_code,parent\nfin,财政局,530000000000,nowhere"}, ""),
        ({"units": "code,name,division_code,uscc\nfin,财政局,530000000000,123"}, "credit code"),
        ({"units": "code,name\nfin,财政局"}, "header has no division_code"),
        ({"units": UNITS, "posts": "unit,code,name,duties\nfin,a,管理员,admin.system"}, "administrator"),
        ({"units": UNITS, "posts": "unit,code,name,duties\nfin,a,经办,no.such"}, "no duty no.such"),
        ({"posts": "unit,code,name\nnone,a,经办"}, "no unit none"),
        ({"units": UNITS, "officials": "name,username,citizen_id\n张三,zhangsan,123"}, ""),
    ],
)
def test_what_is_wrong_is_named_with_its_row(texts: dict[str, str], said: str) -> None:
    report = brought(**texts)
    assert len(report.faults) == 1
    assert said in report.faults[0][2].en
    assert accounts().count() == 0


def test_a_preview_writes_nothing() -> None:
    report = brought(preview=True, units=UNITS, posts=POSTS, officials=OFFICIALS)
    assert (report.faults, report.links, accounts().count()) == ([], [], 0)


def test_the_command_writes_the_links_for_its_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TONGBAN_DATABASE_ROLE", "app")
    given = []
    for name, text in (("units", UNITS), ("posts", POSTS), ("officials", OFFICIALS)):
        (tmp_path / name).write_text(text, "utf-8")
        given += [f"--{name}", str(tmp_path / name)]
    links = tmp_path / "links.csv"
    assert command.run(["import", *given, "--links", str(links)]) == 0, capsys.readouterr()
    assert capsys.readouterr().out == "units: 2, posts: 2, officials: 2\n"
    assert links.stat().st_mode & 0o077 == 0
    assert links.read_text("utf-8-sig").count("/invitation") + links.read_text("utf-8-sig").count("http") >= 2
    (tmp_path / "officials").write_text(OFFICIALS + "王五,lisi,,\n", "utf-8")
    assert command.run(["import", *given, "--links", str(tmp_path / "more.csv")]) == 1
    assert "officials:4:" in capsys.readouterr().out
    assert not (tmp_path / "more.csv").exists()


PEOPLE = "姓名,身份证号,电话\n欧阳试,11010519491231002X,13900000000\n"
ENTITIES = "统一社会信用代码,名称,类型\n91350100M000100Y43,试县试验有限公司,company\n"
MANDATES = "统一社会信用代码,姓名,身份证号,依据\n91350100M000100Y43,欧阳试,11010519491231002X,营业执照\n"


def test_people_entities_and_mandates_come_in_without_accounts_and_keep_what_is_known() -> None:
    texts = {"people": PEOPLE, "entities": ENTITIES, "mandates": MANDATES}
    report = brought(**texts)
    assert report.faults == []
    person = identity.get_person("11010519491231002X")
    assert [view.role for view in identity.entities_of(person.pk, at=now())] == ["legal_representative"]
    assert not identity.has_account(person.pk)
    again = brought(**texts | {"people": "name,citizen_id\n欧阳试,11010519491231002x\n"})
    assert again.faults == []
    assert identity.get_person("11010519491231002X").phone == "13900000000"
    assert len(identity.entities_of(person.pk, at=now())) == 1


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"people": "name,citizen_id\n欧阳试,110105194912310021"}, ""),
        ({"people": PEOPLE + "另一个,11010519491231002X,\n"}, "another name"),
        ({"entities": "uscc,name\n91350100M000100Y44,试"}, ""),
        ({"mandates": MANDATES}, "no entity"),
    ],
)
def test_wrong_people_and_entities_are_named(texts: dict[str, str], said: str) -> None:
    report = brought(**texts)
    assert len(report.faults) == 1
    assert said in report.faults[0][2].en
    assert identity.find_person("11010519491231002X") is None
