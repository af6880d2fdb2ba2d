"""Pages of processes: versions and drawing, and moving running cases to a corrected version."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.support.county import County
from tongban.base.actor import Actor
from tongban.kernel.ledger.models import Act
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.models import Instance

KEY = "food-licence-new"
FILE = settings.BASE_DIR / "packs" / "chengxi" / "items" / "food-licence" / "process.bpmn"


def correct(county: County) -> str:
    """Publish a version in which the first step is called otherwise; return the page of the move."""
    xml = FILE.read_text("utf-8").replace('"receive"', '"take_in"').replace("receive ==", "take_in ==")
    assert "take_in" in xml
    processes.publish(actor=Actor.system("test"), key=KEY, xml=xml, at=county.now)
    return f"/desk/processes/{KEY}/1/2/"


def test_the_administrator_sees_versions_and_the_drawing(county: County) -> None:
    county.submit()
    client = county.client("sysadmin")
    assert "食品经营许可" in client.get("/desk/processes/").content.decode()
    page = client.get(f"/desk/processes/{KEY}/").content.decode()
    assert "第 1 版" in page and "<svg" in page and "收件核对" in page
    file = client.get(f"/desk/processes/{KEY}/file/")
    assert file.content == FILE.read_bytes() and "attachment" in file["Content-Disposition"]
    assert client.get("/desk/processes/nonsense/").status_code == 404


def test_running_cases_are_moved_after_a_look_at_where_they_will_stand(county: County) -> None:
    case = county.submit()
    url = correct(county)
    client = county.client("sysadmin")
    lacking = client.get(url).content.decode()
    assert "搬不了" in lacking and case.number in lacking and 'name="step.receive"' in lacking
    looked = client.get(f"{url}?step.receive=take_in").content.decode()
    assert "可以搬" in looked and f'value="{case.instance_id}"' in looked
    body = {"step.receive": "take_in", "instance": str(case.instance_id), "reason": "步骤编号改正"}
    without_reason = client.post(url, {**body, "reason": ""})
    assert without_reason.status_code == 422
    assert client.post(url, {**body, "instance": []}).status_code == 422
    assert Instance.objects.get(pk=case.instance_id).definition.version == 1
    done = client.post(url, body, follow=True)
    assert "搬过来 1 件" in done.content.decode()
    assert Instance.objects.get(pk=case.instance_id).definition.version == 2
    act = Act.objects.get(verb="processes.migrate")
    assert act.case == f"case:{case.pk}" and act.reason == "步骤编号改正"
    task = county.task(case, "take_in")
    assert task.name.zh == "收件核对"


@pytest.mark.parametrize("who", ["window", "chief", "auditadmin"])
def test_nobody_else_comes_there(county: County, who: str) -> None:
    case = county.submit()
    url = correct(county)
    client = county.client(who)
    for page in ("/desk/processes/", f"/desk/processes/{KEY}/", f"/desk/processes/{KEY}/file/", url):
        assert client.get(page).status_code == 403
    body = {"step.receive": "take_in", "instance": str(case.instance_id), "reason": "x"}
    assert client.post(url, body).status_code == 403
    assert Instance.objects.get(pk=case.instance_id).definition.version == 1
