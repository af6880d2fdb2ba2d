"""The tree of units: founding, naming, moving; what was before is kept."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.base.errors import Forbidden, NotFound
from tongban.base.text import LocalizedText as T
from tongban.kernel.identity import rules
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.errors import BadPost, BadUnit, PostAbolished, PostHeld
from tongban.kernel.identity.models import Unit, UnitVersion
from tongban.kernel.ledger.models import Act

from .conftest import AT, SYSTEM

pytestmark = pytest.mark.django_db
BASIS = "澄编发〔2026〕3号"
LATER = AT + timedelta(days=30)


def facts(name="大数据中心", **more):
    return identity.UnitFacts(name=T(name), division_code="532399000000", **more)


def found(name="大数据中心", parent=None, at=AT, **more):
    return identity.found_unit(
        actor=SYSTEM, facts=facts(name), parent_id=parent.pk if parent else None, basis=BASIS, at=at, **more
    )


def fields(refused):
    return [error["field"] for error in refused.value.data["errors"]]


# --- rules -----------------------------------------------------------------------------------------------------------


@given(
    st.dictionaries(st.integers(0, 12), st.one_of(st.none(), st.integers(0, 12))),
    st.integers(0, 12),
    st.integers(0, 12),
)
def test_who_stands_below_whom_is_what_a_walk_upwards_finds(parents, unit, above):
    walked, at = [], unit
    while at is not None and at not in walked:
        walked.append(at)
        at = parents.get(at)

    assert rules.is_below(unit, above, parents) == (above in walked)


@given(st.sets(st.sampled_from(["sjj", "sjj-2", "sjj-3", "xzf"])))
def test_a_free_code_is_never_taken(taken):
    assert rules.free_code("sjj", taken) not in taken


@pytest.mark.parametrize(
    ("name", "code"),
    [("县市场监管局", "xscjgj"), ("12345 热线", "rx"), ("???", "unit"), ("e政务中心", "ezwzx")],
)
def test_a_code_is_made_of_initials(name, code):
    assert rules.initials(name) == code


@pytest.mark.parametrize(
    ("given_facts", "basis", "wrong"),
    [
        (facts(), BASIS, []),
        (facts(""), "", ["basis", "name_zh"]),
        (identity.UnitFacts(name=T("局"), division_code="5323"), BASIS, ["division_code"]),
        (facts(uscc="123"), BASIS, ["uscc"]),
        (facts(uscc="11532399MB0C000369"), BASIS, []),
    ],
)
def test_what_is_said_of_a_unit_is_looked_at(given_facts, basis, wrong):
    assert [fault.field for fault in rules.unit_faults(given_facts, basis=basis)] == wrong


# --- the tree --------------------------------------------------------------------------------------------------------


def test_a_unit_is_founded_under_another_with_a_code_of_its_own(bureau):
    unit = found("数据中心", bureau)
    second = found("数据中心", bureau)

    assert (unit.code, second.code, unit.parent_id) == ("sjzx", "sjzx-2", bureau.pk)
    act = Act.objects.filter(verb="identity.found_unit").latest("pk")
    assert act.reason == BASIS
    assert act.facts["new"]["name"]["zh"] == "数据中心"


def test_everything_wrong_is_said_at_once_and_nothing_is_written(bureau):
    before = Unit.objects.count()
    with pytest.raises(BadUnit) as refused:
        identity.found_unit(
            actor=SYSTEM,
            facts=identity.UnitFacts(name=T(" "), division_code="5"),
            parent_id=bureau.pk,
            code="SCJG",
            basis="",
            at=AT,
        )

    assert set(fields(refused)) == {"name_zh", "division_code", "basis", "code"}
    assert Unit.objects.count() == before


def test_a_renamed_unit_keeps_its_former_name_with_its_days(bureau):
    identity.change_unit(
        actor=SYSTEM, unit_id=bureau.pk, facts=facts("市场监管和知识产权局"), basis=BASIS, at=LATER
    )

    names = [(row.name.zh, row.since, row.until) for row in UnitVersion.objects.order_by("pk")]
    assert names == [("市场监督管理局", AT, LATER), ("市场监管和知识产权局", LATER, None)]
    act = Act.objects.latest("pk")
    assert (act.facts["old"]["name"]["zh"], act.facts["new"]["name"]["zh"]) == (
        "市场监督管理局",
        "市场监管和知识产权局",
    )


def test_nothing_new_is_no_act_and_no_version(bureau):
    before = (Act.objects.count(), UnitVersion.objects.count())
    same = identity.UnitFacts(name=bureau.name, division_code=bureau.division_code)
    identity.change_unit(actor=SYSTEM, unit_id=bureau.pk, facts=same, basis=BASIS, at=LATER)

    assert (Act.objects.count(), UnitVersion.objects.count()) == before


def test_a_unit_moves_with_everything_below_it_but_never_below_itself(bureau):
    child = found("食品科", bureau)
    grandchild = found("检验组", child)
    other = found("卫生健康局")

    moved = identity.move_unit(actor=SYSTEM, unit_id=child.pk, parent_id=other.pk, basis=BASIS, at=LATER)
    for place in (child, grandchild):
        with pytest.raises(BadUnit) as refused:
            identity.move_unit(actor=SYSTEM, unit_id=child.pk, parent_id=place.pk, basis=BASIS, at=LATER)
        assert fields(refused) == ["parent"]

    rows = {row.unit.code: row.depth for row in identity.unit_tree(LATER)}
    assert moved.parent_id == other.pk
    assert (rows[other.code], rows[child.code], rows[grandchild.code]) == (0, 1, 2)


def test_only_the_system_administrator_changes_the_tree(bureau, make_post, make_account, act_in, at):
    security = make_account("sec", "official", "许静")
    act_in(security, make_post("sec", "admin.security"))
    actor = identity.actor_for(security, at=at, channel="desk")

    with pytest.raises(Forbidden):
        identity.found_unit(actor=actor, facts=facts(), parent_id=None, basis=BASIS, at=at)
    with pytest.raises(Forbidden):
        identity.move_unit(actor=actor, unit_id=bureau.pk, parent_id=None, basis=BASIS, at=at)
    assert Unit.objects.count() == 1


# --- posts -----------------------------------------------------------------------------------------------------------


def test_a_post_is_founded_changed_and_abolished(bureau, clerk, at):
    post = identity.found_post(
        actor=SYSTEM, unit_id=bureau.pk, name=T("窗口人员"), duties=["services.window"], at=at
    )
    holding = identity.appoint(actor=SYSTEM, person_id=clerk.person_id, post_id=post.pk, at=at)
    identity.change_post(
        actor=SYSTEM, post_id=post.pk, name=T("窗口"), duties=["services.window", "services.test"], at=at
    )

    assert identity.posts_of(clerk, at)[0].duties == {"services.window", "services.test"}
    assert Act.objects.latest("pk").facts["before"] == ["services.window"]
    with pytest.raises(PostHeld):
        identity.abolish_post(actor=SYSTEM, post_id=post.pk, reason="合并", at=at)

    identity.end_holding(actor=SYSTEM, holding_id=holding.pk, at=at, reason="调动")
    identity.abolish_post(actor=SYSTEM, post_id=post.pk, reason="合并", at=at)

    assert identity.units_with_duty("services.window") == []
    with pytest.raises(PostAbolished):
        identity.appoint(actor=SYSTEM, person_id=clerk.person_id, post_id=post.pk, at=at)
    with pytest.raises(NotFound):
        identity.abolish_post(actor=SYSTEM, post_id=post.pk, reason="再来", at=at)


def test_a_post_has_a_name(bureau, at):
    with pytest.raises(BadPost):
        identity.found_post(actor=SYSTEM, unit_id=bureau.pk, name=T(" "), duties=[], at=at)
