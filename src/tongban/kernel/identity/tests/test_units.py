"""The tree of units: founding, naming, moving; what was before is kept."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.base.errors import Forbidden, NotFound
from tongban.base.text import LocalizedText as T
from tongban.kernel.identity import rules
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.errors import BadPost, BadUnit, PostAbolished, PostHeld, UnitClosed
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


# --- merging ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def merged(bureau, make_post, clerk, make_account, act_in, at):
    """The bureau, with a window clerk and a unit below, goes into a new one that has a window of its own."""
    old_window = make_post("window", "services.window")
    act_in(clerk, old_window)
    below = found("食品科", bureau)
    heir = found("综合监管局")
    new_window = identity.put_post(
        actor=SYSTEM, unit_id=heir.pk, code="window", name=T("窗口"), duties=["services.window"], at=at
    )
    colleague = make_account("colleague", "official", "赵强")
    act_in(colleague, new_window)
    step = identity.holder_id("duty", f"{bureau.pk}:services.window")
    own = identity.holder_id("post", old_window.pk)

    def merge(**more):
        values = {"actor": SYSTEM, "unit_id": bureau.pk, "into_id": heir.pk, "basis": BASIS, "at": LATER}
        return identity.merge_unit(**(values | more))

    return {
        "old": bureau,
        "heir": heir,
        "below": below,
        "step": step,
        "own": own,
        "colleague": colleague,
        "merge": merge,
    }


def test_open_work_of_a_merged_unit_goes_to_its_successor(merged, clerk):
    step, old, heir = merged["step"], merged["old"], merged["heir"]
    before = identity.actor_for(merged["colleague"], at=AT, channel="desk").holders
    merged["merge"]()
    newcomer = identity.actor_for(merged["colleague"], at=LATER, channel="desk")
    who_came = identity.actor_for(clerk, at=LATER, channel="desk")

    assert step not in before
    assert step in newcomer.holders
    assert {step, merged["own"]} <= who_came.holders
    assert who_came.unit_id == heir.pk
    both = {clerk.person_id, merged["colleague"].person_id}
    assert set(identity.people_behind(step, LATER)) == both
    assert set(identity.people_with_duty(old.pk, "services.window", LATER)) == both
    assert {
        c.person_id for c in identity.colleagues(at=LATER, unit_id=old.pk, duty="services.window")
    } == both
    assert identity.holds(merged["colleague"].person_id, step, LATER)
    assert str(identity.holder_names([step])[step]) == "综合监管局"
    assert identity.unit_in_charge(old.pk) == heir.pk


def test_a_merged_unit_keeps_its_name_and_changes_no_more(merged):
    merged["merge"]()
    old = Unit.objects.get(pk=merged["old"].pk)
    page = identity.unit_page(old.code, LATER)

    assert (old.successor_id, old.closed_at) == (merged["heir"].pk, LATER)
    assert page.posts == ()
    assert page.versions[0].until == LATER
    assert Unit.objects.get(pk=merged["below"].pk).parent_id == merged["heir"].pk
    assert old.code not in {unit.code for unit in identity.list_units()}
    codes = {row.post.code for row in identity.unit_page(merged["heir"].code, LATER).posts}
    assert codes == {"window", "scjg-window"}
    act = Act.objects.filter(verb="identity.merge_unit").get()
    assert (act.reason, act.facts["into"], act.facts["posts"]) == (BASIS, merged["heir"].code, 1)
    for change in (
        lambda: identity.move_unit(actor=SYSTEM, unit_id=old.pk, parent_id=None, basis=BASIS, at=LATER),
        lambda: identity.merge_unit(
            actor=SYSTEM, unit_id=old.pk, into_id=merged["heir"].pk, basis=BASIS, at=LATER
        ),
        lambda: identity.found_post(actor=SYSTEM, unit_id=old.pk, name=T("岗"), duties=[], at=LATER),
    ):
        with pytest.raises(UnitClosed):
            change()


def test_a_chain_of_mergers_leads_to_the_last(merged):
    merged["merge"]()
    last = found("大监管局", at=LATER)
    identity.merge_unit(actor=SYSTEM, unit_id=merged["heir"].pk, into_id=last.pk, basis=BASIS, at=LATER)

    assert identity.unit_in_charge(merged["old"].pk) == last.pk
    assert identity.predecessors_of(last.pk) == sorted([merged["old"].pk, merged["heir"].pk])
    assert merged["step"] in identity.actor_for(merged["colleague"], at=LATER, channel="desk").holders


def test_a_unit_is_not_merged_into_itself_or_below_or_without_a_basis(merged):
    for into in (merged["old"], merged["below"]):
        with pytest.raises(BadUnit) as refused:
            merged["merge"](into_id=into.pk, basis="")
        assert fields(refused) == ["basis", "into"]
    assert not Unit.objects.exclude(closed_at=None).exists()


def test_a_rule_about_the_second_factor_follows_the_unit(merged, clerk):
    identity.put_factor_rule(actor=SYSTEM, duty="", unit_id=merged["old"].pk, reason="等保", at=AT)
    merged["merge"]()

    assert identity.list_factor_rules()[0].unit_name.zh == "综合监管局"


def test_a_pack_loaded_again_does_not_bring_a_merged_unit_back(merged):
    merged["merge"]()
    again = identity.put_unit(
        actor=SYSTEM, code="scjg", name=T("市场监督管理局"), division_code="532399000000", at=LATER
    )
    assert again.closed_at == LATER
