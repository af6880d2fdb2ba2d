"""A change from its draft to the published version, with everything that may go another way."""

from __future__ import annotations

from datetime import date

import pytest

from tests.support.county import County
from tongban.apps.studio import service as studio
from tongban.apps.studio.errors import DraftFaulty, DraftOvertaken, OwnChange, SomebodyElseChanges
from tongban.apps.studio.models import Change, Draft
from tongban.apps.studio.tests.conftest import Studio
from tongban.base.editables import editable
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import TaskNotYours
from tongban.kernel.forms import service as forms
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages
from tongban.kernel.processes import service as processes

FORM = "food-licence"


def _named(zh: str) -> dict[str, str]:
    return {"zh": zh, "en": "Renamed"}


def test_what_one_edits_and_another_approves_is_published(desk: Studio) -> None:
    before = forms.get_form(FORM).version
    change = desk.begin("form", FORM, name=_named("改过的名称"))
    assert desk.state(change) == "editing"
    assert forms.get_form(FORM).version == before
    desk.complete(change, "edit", "submit", "studio1")
    assert desk.state(change) == "reviewing"
    desk.complete(change, "review", "approve", "studio2")
    assert desk.state(change) == "published"
    assert forms.get_form(FORM).version == before + 1
    assert str(forms.get_form(FORM).name.zh) == "改过的名称"
    draft = Draft.objects.get(change=change)
    assert (draft.published_version, draft.is_open) == (before + 1, False)


def test_the_publishing_is_in_the_ledger_with_its_difference(desk: Studio) -> None:
    change = desk.begin("form", FORM, name=_named("改过的名称"))
    desk.complete(change, "edit", "submit", "studio1")
    desk.complete(change, "review", "approve", "studio2")
    acts = [act for act in ledger.acts_of(case=str(change.case.ref)) if act.verb == "studio.publish"]
    assert len(acts) == 1
    assert acts[0].facts["differences"] == ["changed name"]
    assert acts[0].facts["version"] == forms.get_form(FORM).version


def test_nobody_approves_a_change_of_his_own(desk: Studio, county: County) -> None:
    change = desk.begin("form", FORM, name=_named("改过的名称"))
    before = forms.get_form(FORM).version
    desk.complete(change, "edit", "submit", "studio1")
    with pytest.raises(TaskNotYours):
        desk.complete(change, "review", "approve", "studio1")
    # Also who edited it once and passed it on may not: the reviewer is among the editors then.
    Change.objects.filter(pk=change.pk).update(editors=[str(desk.reviewer.person_id)])
    with pytest.raises(OwnChange):
        desk.complete(change, "review", "approve", "studio2")
    assert desk.state(change) == "reviewing"
    assert forms.get_form(FORM).version == before


def test_it_comes_back_with_a_reason_and_goes_again(desk: Studio) -> None:
    change = desk.begin("form", FORM, name=_named("改过的名称"))
    desk.complete(change, "edit", "submit", "studio1")
    desk.complete(change, "review", "send_back", "studio2", opinion="英文没有改")
    assert desk.state(change) == "editing"
    desk.complete(change, "edit", "submit", "studio1")
    desk.complete(change, "review", "approve", "studio2")
    assert desk.state(change) == "published"


def test_whoever_must_do_something_is_told(desk: Studio, county: County) -> None:
    def told(who: str) -> list[str]:
        person = county.actor(who).person_id
        return [
            f"{row.subject.zh} | {row.body.zh}"
            for row in messages.inbox_of(person)
            if row.link.startswith("/desk/studio/")
        ]

    change = desk.begin("form", FORM, name=_named("改过的名称"))
    desk.complete(change, "edit", "submit", "studio1", opinion="名称不对")
    assert [line for line in told("studio2") if "待您审核" in line and "李树敏：名称不对" in line]
    assert told("studio1") == []
    desk.complete(change, "review", "send_back", "studio2", opinion="英文没有改")
    assert [line for line in told("studio1") if "审核退回" in line and "张海清：英文没有改" in line]
    desk.complete(change, "edit", "submit", "studio1")
    desk.complete(change, "review", "approve", "studio2")
    assert [line for line in told("studio1") if line.startswith("已发布")]
    assert len(told("studio2")) == 2


def test_it_waits_for_its_day(desk: Studio, county: County) -> None:
    before = forms.get_form(FORM).version
    change = desk.begin("form", FORM, name=_named("下周的名称"))
    studio.set_plan(actor=desk.editor, case_id=change.pk, publish_on=date(2026, 6, 8), at=county.now)
    desk.complete(change, "edit", "submit", "studio1")
    desk.complete(change, "review", "approve", "studio2")
    assert desk.state(change) == "waiting"
    county.go_to("2026-06-07", 23)
    processes.fire_due_timers(at=county.now)
    assert forms.get_form(FORM).version == before
    county.go_to("2026-06-08", 1)
    processes.fire_due_timers(at=county.now)
    assert desk.state(change) == "published"
    assert forms.get_form(FORM).version == before + 1


def test_a_withdrawn_change_frees_what_it_had(desk: Studio, county: County) -> None:
    before = forms.get_form(FORM).version
    change = desk.begin("form", FORM, name=_named("不要了"))
    with pytest.raises(SomebodyElseChanges) as refused:
        desk.begin("form", FORM)
    assert refused.value.data["number"] == change.case.number
    cases.run_action(actor=desk.editor, case_id=change.pk, key="withdraw", data={}, at=county.now)
    assert desk.state(change) == "withdrawn"
    assert forms.get_form(FORM).version == before
    assert desk.begin("form", FORM).pk != change.pk


def test_nothing_faulty_goes_to_review(desk: Studio, county: County) -> None:
    change = desk.begin("form", FORM, pages=[])
    with pytest.raises(DraftFaulty) as refused:
        desk.complete(change, "edit", "submit", "studio1")
    assert refused.value.data["errors"][0]["field"].startswith("form:food-licence:")
    assert desk.state(change) == "editing"


def test_of_two_windows_the_later_one_is_told(desk: Studio, county: County) -> None:
    change = desk.begin("form", FORM)
    content = editable("form").load(FORM)

    def save(zh: str, revision: int) -> Draft:
        return studio.save_draft(
            actor=desk.editor,
            case_id=change.pk,
            kind="form",
            key=FORM,
            content={**content, "name": _named(zh)},
            revision=revision,
            at=county.now,
        )

    first = Draft.objects.get(change=change).revision
    assert save("一", first).revision == first + 1
    with pytest.raises(DraftOvertaken) as refused:
        save("二", first)
    assert refused.value.data["revision"] == first + 1
    assert Draft.objects.get(change=change).content["name"]["zh"] == "一"


def test_a_running_case_keeps_the_form_that_it_began_with(desk: Studio, county: County) -> None:
    case = county.submit()
    before = forms.form_of(case.entry)
    change = desk.begin("form", FORM, name=_named("改过的名称"))
    desk.complete(change, "edit", "submit", "studio1")
    desk.complete(change, "review", "approve", "studio2")
    case.entry.refresh_from_db()
    assert forms.form_of(case.entry) == before


def test_it_works_without_any_pack(desk: Studio) -> None:
    desk.begin("form", FORM)
    assert processes.get_definition("studio-change").version == 1
