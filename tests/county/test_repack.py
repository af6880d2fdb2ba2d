"""A pack is installed again: what it changed itself comes, what people changed stays and is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.county import PACK, County
from tongban.apps.docking.models import Destination
from tongban.apps.hall.models import Opening, Point
from tongban.apps.services.models import Guidance
from tongban.apps.voice.models import Mailbox
from tongban.base.actor import Actor
from tongban.base.editables import editable
from tongban.base.packs import Pack, sections
from tongban.base.text import LocalizedText
from tongban.design.models import SiteProfile
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.models import Account, Holding, LegalEntity, Mandate, Person, Post, Unit
from tongban.kernel.search.models import SynonymGroup

SYSTEM = Actor.system("test")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The county's pack, to be edited."""
    return Path(shutil.copytree(PACK, tmp_path / "pack", ignore=shutil.ignore_patterns("sources")))


def load(folder: Path, county: County, *names: str) -> dict[str, list[str]]:
    """Load sections of a pack; return what was left."""
    pack = Pack(folder)
    for name in names:
        sections.get(name).load(pack, actor=Actor.system("pack"), at=county.now)
    return pack.left


@dataclass(frozen=True)
class Kind:
    """A kind of content: one word of it in a file of the pack, how it reads in the county, how people change it there."""

    name: str
    section: str
    file: str
    word: str
    read: Callable[[], str]
    change: Callable[[County, str], Any]

    def other(self, number: int) -> str:
        """Return another word for the same place."""
        return f"{self.word[:-1]}{number}" if self.word[-1].isdigit() else f"{self.word}{number}"


def in_studio(kind: str, section: str, key: str, file: str, word: str, field: str = "name") -> Kind:
    """A kind that the studio changes."""
    entry = editable

    def change(county: County, words: str) -> None:
        content = entry(kind).load(key)
        content[field] = {**content[field], "zh": words}
        entry(kind).publish(content=content, actor=SYSTEM, at=county.now)

    return Kind(kind, section, file, word, lambda: str(entry(kind).load(key)[field]["zh"]), change)


def in_a_row(
    name: str, section: str, file: str, word: str, model: Any, field: str = "name", **which: Any
) -> Kind:
    """A kind whose words stand in one column."""

    def read() -> str:
        value = getattr(model.objects.get(**which), field)
        return str(value.zh if isinstance(value, LocalizedText) else value)

    def change(county: County, words: str) -> None:
        row = model.objects.get(**which)
        before = getattr(row, field)
        setattr(row, field, replace(before, zh=words) if isinstance(before, LocalizedText) else words)
        row.save()

    return Kind(name, section, file, word, read, change)


def rename_unit(county: County, name: str) -> None:
    unit = Unit.objects.get(code="scjg")
    kept = {
        key: getattr(unit, key) for key in ("division_code", "short_name", "level", "kind", "prefix", "uscc")
    }
    facts = identity.UnitFacts(name=replace(unit.name, zh=name), **kept)
    identity.change_unit(actor=SYSTEM, unit_id=unit.pk, facts=facts, basis="文件", at=county.now)


def rename_post(county: County, name: str) -> None:
    post = Post.objects.get(code="scjg-window")
    identity.change_post(
        actor=SYSTEM, post_id=post.pk, name=replace(post.name, zh=name), duties=post.duties, at=county.now
    )


def change_lead(county: County, words: str) -> None:
    row = Guidance.objects.get(key="open-snack-bar")
    row.content["lead"]["zh"] = words
    row.save()


FOOD = "items/food-licence"
CITIZEN = "532399198510271020"
KINDS = [
    in_studio("item", "items", "food-licence", f"{FOOD}/item.yaml", "食品经营许可（新办）"),
    in_studio("form", "forms", "food-licence", f"{FOOD}/form.yaml", "食品经营许可申请"),
    in_studio("certificate", "certificates", "food-licence", f"{FOOD}/certificate.yaml", "食品经营许可证"),
    in_studio("paper", "papers", "letter-answer", "papers/letter-answer.yaml", "信件答复函"),
    in_studio("table", "tables", "open-snack-bar", "tables/open-snack-bar.yaml", "按面积分流"),
    in_studio("message", "messages", "letter.answered", "messages.yaml", "来信有答复了：{title}", "subject"),
    Kind(
        "unit",
        "units",
        "units.yaml",
        "澄溪县市场监督管理局",
        lambda: Unit.objects.get(code="scjg").name.zh,
        rename_unit,
    ),
    Kind(
        "post",
        "posts",
        "posts.yaml",
        "市场监管综合窗口工作人员（政务服务大厅 6 号窗口）",
        lambda: Post.objects.get(code="scjg-window").name.zh,
        rename_post,
    ),
    in_a_row("person", "people", "people.csv", "19900000001", Person, "phone", citizen_id=CITIZEN),
    in_a_row(
        "account", "accounts", "accounts.yaml", "群众　李秀英", Account, "demo_role", username="citizen"
    ),
    in_a_row("destination", "docking", "docking.yaml", "省政务服务平台（演示）", Destination, key="province"),
    in_a_row("mailbox", "mailboxes", "letters/mailbox.yaml", "县长信箱", Mailbox, key="county-head"),
    in_a_row("hall", "hall", "hall.yaml", "澄溪县政务服务大厅", Point, key="county-hall"),
    Kind(
        "hours",
        "hall",
        "hall.yaml",
        "12:00",
        lambda: f"{Opening.objects.get(point__key='county-hall', weekday=5).closes:%H:%M}",
        lambda county, closes: Opening.objects.filter(point__key="county-hall", weekday=5).update(
            closes=closes
        ),
    ),
    Kind(
        "guidance",
        "guidance",
        "guidance/open-snack-bar.yaml",
        "回答一个问题，告诉您该办哪一个、怎么办。",
        lambda: Guidance.objects.get(key="open-snack-bar").content["lead"]["zh"],
        change_lead,
    ),
    Kind(
        "synonyms",
        "synonyms",
        "synonyms.yaml",
        "面包店",
        lambda: SynonymGroup.objects.get(pk="chengxi:zh:奶茶店").terms[5],
        lambda county, word: SynonymGroup.objects.filter(pk="chengxi:zh:奶茶店").update(
            terms=["奶茶店", "饮品店", "咖啡店", "甜品店", "蛋糕店", word]
        ),
    ),
    Kind(
        "site",
        "site",
        "pack.yaml",
        "12345",
        lambda: SiteProfile.objects.get().values["hotline"],
        lambda county, word: SiteProfile.objects.update(
            values={**SiteProfile.objects.get().values, "hotline": word}
        ),
    ),
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_pack_brings_what_it_changed_and_leaves_what_people_changed(
    county: County, folder: Path, kind: Kind
) -> None:
    file = folder / kind.file
    text = file.read_text(encoding="utf-8")

    def pack_says(word: str) -> dict[str, list[str]]:
        last = kind.name == "hours"  # Saturday's is the last but one place where the hall closes at that time
        at = text.index("days: [5]") if last else 0
        file.write_text(text[:at] + text[at:].replace(kind.word, word, 1), encoding="utf-8")
        return load(folder, county, kind.section)

    before = kind.read()
    theirs, ours, later = (before.replace(kind.word, kind.other(number)) for number in (1, 2, 3))

    assert (pack_says(kind.other(1)), kind.read()) == ({}, theirs)
    kind.change(county, ours)
    for number in (1, 3):
        assert (list(pack_says(kind.other(number))), kind.read()) == ([kind.name], ours)
    kind.change(county, theirs)  # as the pack left it: the pack may go on
    assert (pack_says(kind.other(3)), kind.read()) == ({}, later)


def test_nothing_is_left_where_nobody_changed_anything(county: County) -> None:
    names = [each.name for each in sorted(sections, key=lambda each: each.order) if each.order < 80]
    assert load(PACK, county, *(name for name in names if name not in ("registers", "records"))) == {}


def test_who_left_a_post_stays_away_and_a_password_stays_as_it_was_chosen(
    county: County, folder: Path
) -> None:
    account = county.account("citizen")
    account.set_password("my own words")
    account.save()
    clerk = Holding.objects.filter(post__code="scjg-window", until=None).get()
    identity.end_holding(actor=SYSTEM, holding_id=clerk.pk, at=county.now)
    file = folder / "accounts.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("password: demo", "password: other"), "utf-8")

    left = load(folder, county, "people", "units", "posts", "accounts")

    assert list(left) == ["appointment"]
    assert [key.split()[1] for key in left["appointment"]] == ["scjg-window"]
    assert not Holding.objects.filter(post__code="scjg-window", until=None).exists()
    assert county.account("citizen").check_password("my own words")


def test_a_merged_unit_and_a_mandate_that_ended_stay_so(county: County) -> None:
    bureau, into = Unit.objects.get(code="zjj"), Unit.objects.get(code="scjg")
    identity.merge_unit(actor=SYSTEM, unit_id=bureau.pk, into_id=into.pk, basis="文件", at=county.now)
    mandate = Mandate.objects.filter(valid_to=None).first()
    assert mandate is not None
    identity.end_mandate(actor=SYSTEM, mandate_id=mandate.pk, at=county.now)
    LegalEntity.objects.filter(pk=mandate.entity_id).update(name="改名以后")
    posts = Post.objects.count()

    left = load(PACK, county, "entities", "mandates", "units", "posts", "accounts")

    assert {"entity", "mandate", "unit"} <= set(left)
    assert "zjj" in left["unit"]
    assert Unit.objects.get(code="zjj").successor_id == into.pk
    assert Post.objects.count() == posts
    assert not Mandate.objects.filter(
        entity_id=mandate.entity_id, person_id=mandate.person_id, role=mandate.role, valid_to=None
    ).exists()
    assert LegalEntity.objects.get(pk=mandate.entity_id).name == "改名以后"


def test_a_pack_may_have_its_own_words_for_what_the_program_brings(county: County, folder: Path) -> None:
    (folder / "papers/acceptance-notice.yaml").write_text(
        "key: acceptance-notice\nname: {zh: 本县受理通知书}\nkind: 受\nsource: letter-answer.typ\n",
        encoding="utf-8",
    )
    assert load(folder, county, "papers") == {}
    assert editable("paper").load("acceptance-notice")["name"]["zh"] == "本县受理通知书"
