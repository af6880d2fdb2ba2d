"""Merging units: the page, and a real case of the demo county that is open while its bureau is merged into another."""

import pytest

from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.models import Unit
from tongban.kernel.instruments import service as instruments
from tongban.kernel.processes import service as processes

from .conftest import AT

BASIS = "澄编发〔2026〕3号"


@pytest.mark.django_db
def test_the_page_says_what_goes_over_and_merges(world, clients):
    address = f"/desk/admin/units/scjg/merge/?into={world.data.pk}"
    look = clients["system"].get(address).content.decode()
    without = clients["system"].post("/desk/admin/units/scjg/merge/", {"into": world.data.pk, "basis": ""})
    done = clients["system"].post("/desk/admin/units/scjg/merge/", {"into": world.data.pk, "basis": BASIS})
    old = clients["audit"].get("/desk/admin/units/scjg/").content.decode()
    new = clients["audit"].get("/desk/admin/units/sjj/").content.decode()

    assert "会这样并入 数据局" in look
    assert "合并不能撤销" in look
    assert without.status_code == 422
    assert done["Location"] == "/desk/admin/units/sjj/"
    assert "并入 数据局" in old
    assert "杨雪梅" in new
    assert identity.posts_of(world.clerk, AT)[0].unit_id == world.data.pk
    assert clients["system"].get("/desk/admin/units/scjg/change/").status_code == 404
    assert clients["security"].get(address).status_code == 404


def test_an_open_case_is_decided_by_the_successor_in_its_own_name(county):
    case = county.submit()
    old, heir = Unit.objects.get(code="scjg"), Unit.objects.get(code="wjj")
    health = county.actor("healthchief")
    identity.merge_unit(
        actor=county.actor("sysadmin"), unit_id=old.pk, into_id=heir.pk, basis=BASIS, at=county.now
    )

    before = {paper.id for paper in instruments.papers_of(case.ref)}
    case = county.review(county.accept(case))
    step = county.task(case, "decide")
    assert step.holder_id not in health.holders
    assert (
        step.holder_id in county.actor("healthchief").holders
    )  # who decides in the successor may decide this
    county.do("healthchief", case, "decide", "grant", {"conditions_met": True})
    county.drain()

    case = county.again(case)
    assert case.unit_id == old.pk  # history is not rewritten
    papers = [paper for paper in instruments.papers_of(case.ref) if paper.id not in before]
    assert {paper.unit_id for paper in papers} == {heir.pk}
    assert cases.find_by_number(case.number).state == "delivered"
    assert processes.open_tasks([step.holder_id]).count() == 0
