"""The people and the organisation of a pack, loaded twice."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tongban.base import packs
from tongban.base.packs import PackError
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.models import Account, Holding, Mandate, Person, Unit
from tongban.kernel.ledger.models import Act

from .conftest import AT

pytestmark = pytest.mark.django_db
LI, WANG, FIRM = "532399198511040283", "53239919900620451X", "91532399MA0002010R"
FILES = {
    "pack.yaml": "key: test\nname: {zh: 试验}\n",
    "people.csv": f"citizen_id,name,sex,phone\n{LI},李秀英,女,19900000001\n{WANG},王敏,女,\n",
    "entities.csv": f"uscc,name,kind,address\n{FIRM},米线店,individual,文昌路\n",
    "mandates.csv": f"uscc,citizen_id,role,valid_from,valid_to\n{FIRM},{LI},agent,2026-01-01,2026-02-28\n",
    "units.yaml": (
        "units:\n"
        "- {code: xzf, name: {zh: 县政府}, division_code: '532399000000', level: 4, kind: government}\n"
        "- {code: scjg, parent: xzf, name: {zh: 市监局}, division_code: '532399000000', prefix: 澄市监}\n"
    ),
    "posts.yaml": "posts:\n- {code: scjg-window, unit: scjg, name: {zh: 窗口}, duties: [services.window]}\n",
    "accounts.yaml": (
        "accounts:\n"
        f"- {{username: li, password: demo, person: '{LI}', email: li@example.cn, listed: true, order: 1,"
        " role: {zh: 群众}, note: {zh: 开店的}, posts: []}\n"
        f"- {{username: window, password: '', person: '{WANG}', posts: [scjg-window]}}\n"
    ),
}
SECTIONS = ("people", "entities", "mandates", "units", "posts", "accounts")


@pytest.fixture
def install(tmp_path, at):
    """Write the pack, with changed files when given, and load identity's sections."""

    def run(**changed):
        files = FILES | {name.replace("_", "."): text for name, text in changed.items()}
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        for name in SECTIONS:
            packs.install(tmp_path, at=AT, only=name)

    return run


def test_everybody_is_there_with_posts_and_mandates(install):
    install()

    li, window = Account.objects.get(username="li"), Account.objects.get(username="window")
    assert (li.kind, li.demo_note.zh, li.person.phone, li.person.email) == (
        "citizen",
        "开店的",
        "19900000001",
        "li@example.cn",
    )
    assert li.check_password("demo")
    assert (window.kind, window.demo_role, window.has_usable_password()) == ("official", None, False)
    assert [post.name.zh for post in identity.posts_of(window, AT)] == ["窗口"]
    assert Unit.objects.get(code="scjg").parent.code == "xzf"
    assert identity.demo_accounts() == [li]


def test_the_last_day_of_a_mandate_still_counts(install):
    install()

    mandate = Mandate.objects.get()
    last_moment = mandate.valid_to - timedelta(seconds=1)
    assert last_moment.astimezone(ZoneInfo("Asia/Shanghai")).isoformat() == "2026-02-28T23:59:59+08:00"
    assert identity.representatives_of(mandate.entity_id, last_moment) == [mandate.person_id]
    assert identity.representatives_of(mandate.entity_id, mandate.valid_to) == []


def test_loading_again_changes_nothing(install):
    install()
    acts = Act.objects.count()

    install()

    assert Act.objects.count() == acts
    assert (Person.objects.count(), Holding.objects.count(), Mandate.objects.count()) == (2, 1, 1)


def test_a_changed_name_is_corrected(install):
    install()
    install(people_csv=FILES["people.csv"].replace("李秀英", "李秀瑛"))

    person = Person.objects.get(citizen_id=LI)
    assert person.name == "李秀瑛"
    assert person.email == "li@example.cn"


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("posts_yaml", "unit: scjg", "unit: nowhere", "unknown unit"),
        ("accounts_yaml", "posts: [scjg-window]", "posts: [throne]", "unknown posts"),
        ("accounts_yaml", WANG, "110105194912310020", "nobody in people"),
        ("mandates_csv", LI, "110105194912310020", "unknown person"),
    ],
)
def test_what_leads_nowhere_is_named(install, name, old, new, says):
    with pytest.raises(PackError, match=says):
        install(**{name: FILES[name.replace("_", ".")].replace(old, new)})
