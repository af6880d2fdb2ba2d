"""Cases of an earlier system: closed ones are history here, open ones go on; each row whole or not at all, never twice."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.county import MAIN_FIRM, PNG, County, on
from tests.support.database import as_owner
from tongban.apps.docking import service as docking
from tongban.apps.docking.models import Destination, Record
from tongban.apps.services import service as services
from tongban.base.actor import Actor
from tongban.base.errors import Conflict, SpreadsheetRefused
from tongban.base.ref import Ref
from tongban.base.spreadsheets import write_csv, write_xlsx
from tongban.base.text import LocalizedText as T
from tongban.kernel.calendars.models import Clock
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.models import Case, Origin
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.models import Person
from tongban.kernel.ledger import rows
from tongban.kernel.ledger import service as ledger
from tongban.kernel.ledger.models import Act
from tongban.main import past_cases
from tongban.main.past_cases import Report

CLOSED = {
    "原编号": "2024-SP-000117",
    "事项": "food-licence",
    "申请人": "",
    "证件号": MAIN_FIRM,
    "提交时间": "2024-03-04 09:12",
    "受理时间": "2024/3/5",
    "决定时间": "2024年3月15日",
    "办结时间": "20240318",
    "结果": "准予",
}
OPEN = {
    "原编号": "2026-SP-000942",
    "事项": "food-licence",
    "申请人": "",
    "证件号": MAIN_FIRM,
    "提交时间": "2026-05-20",
    "受理时间": "2026-05-22 15:00",
    "在办步骤": "document_review；inspect",
    "到这一步的时间": "2026-05-25 09:00",
}


def table(*rows: Mapping[str, str], encoding: str = "utf-8-sig") -> bytes:
    heads = list(dict.fromkeys(head for row in rows for head in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, heads, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def bring(county: County, *rows: Mapping[str, str], **more: Any) -> Report:
    content = more.pop("content", None) or table(*rows)
    options = {"source": "老审批系统", "actor": Actor.system("test"), "at": county.now, **more}
    return past_cases.bring(content=content, **options)


def brought(county: County, row: Mapping[str, str], **more: Any) -> Case:
    report = bring(county, named(county, row), **more)
    assert report.refused == []
    return Case.objects.get(number=report.outcomes[0].number)


def named(county: County, row: Mapping[str, str]) -> dict[str, str]:
    return {**row, "申请人": row["申请人"] or county.entity(MAIN_FIRM).name}


def why(county: County, row: Mapping[str, str], **more: Any) -> str:
    """Bring one row that must be refused, and let nothing be left of it."""
    before = (Case.objects.count(), Act.objects.count(), Person.objects.count())
    report = bring(county, named(county, row), **more)
    assert (Case.objects.count(), Act.objects.count(), Person.objects.count()) == before
    [(_, reason)] = report.refused
    assert reason.zh
    return str(reason.en)


def test_a_closed_case_is_history_that_says_where_it_comes_from(county: County) -> None:
    case = brought(county, CLOSED)
    assert (case.state, case.result, case.instance_id) == ("delivered", "granted", None)
    assert case.number is not None
    assert case.number.startswith("CX-2024-0304-")
    assert (case.accepted_at, case.closed_at) == (on("2024-03-05", 0), on("2024-03-18", 0))
    assert [change.state for change in case.changes.order_by("at", "pk")] == [
        "submitted",
        "accepted",
        "granted",
        "delivered",
    ]
    acts = ledger.acts_of(case.ref)
    assert [act.verb for act in acts] == ["cases.bring"]
    assert acts[0].facts["source"] == "老审批系统"
    assert acts[0].facts["old_number"] == "2024-SP-000117"
    assert MAIN_FIRM not in json.dumps(acts[0].facts, ensure_ascii=False)
    assert not case.clocks.exists()


def test_the_applicant_finds_it_among_the_own_and_the_unit_under_its_old_number(county: County) -> None:
    case = brought(county, CLOSED)
    actor = county.actor("citizen", entity_id=county.entity(MAIN_FIRM).pk)
    assert case in cases.list_cases_of(actor)
    chief = identity.holder_id("duty", f"{case.unit_id}:services.decide")
    assert chief in case.access.values_list("holder_id", flat=True)
    for query in ("2024-SP-000117", case.applicant_name, case.number):
        answer = county.client("window").get("/desk/search/", {"q": query}, follow=True)
        assert case.number in answer.content.decode(), query
    page = county.client("window").get(f"/desk/cases/{case.number}/")
    assert page.status_code == 200
    assert "2024-SP-000117" in page.content.decode()
    assert county.client("health1").get(f"/desk/cases/{case.number}/").status_code == 404


def test_it_is_counted_but_not_as_in_time(county: County) -> None:
    before = cases.figures(since=on("2024-01-01"), until=on("2025-01-01"))
    brought(county, CLOSED)
    after = cases.figures(since=on("2024-01-01"), until=on("2025-01-01"))
    assert (after.submitted, after.closed) == (before.submitted + 1, before.closed + 1)
    assert (after.on_time, after.late, after.untimed) == (before.on_time, before.late, 1)


def test_an_open_case_goes_on_to_its_end_with_the_limits_of_its_acceptance(county: County) -> None:
    case = brought(county, OPEN)
    assert (case.state, case.accepted_at) == ("inspection", on("2026-05-22", 15))
    assert {act.verb for act in ledger.acts_of(case.ref)} == {"cases.bring"}
    clocks = {tie.role: tie.clock for tie in case.clocks.select_related("clock")}
    assert {"statutory", "promised"} <= set(clocks)
    assert clocks["statutory"].started_at == on("2026-05-22", 15)
    if "step" in clocks:
        assert clocks["step"].started_at == on("2026-05-25", 9)
    case = county.review(case)
    assert case.state == "deciding"
    case = county.grant(case)
    county.drain(papers=True)
    assert county.again(case).state == "delivered"


def test_what_an_earlier_system_did_not_give_is_not_called_unanswered(county: County) -> None:
    def shown(row: Mapping[str, str]) -> list[str]:
        page = cases.case_page(county.actor("officer1"), str(brought(county, row).number), at=county.now)
        return [answer.key for part in page.answers.pages for answer in part.rows]

    assert shown(OPEN) == []
    assert shown({**OPEN, "原编号": "2026-SP-000943", "answer.area": "68"}) == ["area"]


def test_upper_platforms_are_told_nothing_of_a_case_that_another_system_began(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They never heard of its application under the number that it has here, and would refuse its result."""
    monkeypatch.setattr(rows, "HORIZON", "9000000000000000000")  # a test is one transaction
    Destination.objects.all().delete()
    content = {"key": "city", "name": {"zh": "市平台"}, "kind": "drop", "address": "city"}
    city = docking.put_destination(actor=Actor.system("test"), content=content, at=county.now)
    case = county.grant(county.review(brought(county, OPEN)))
    assert "cases.complete_task" in {act.verb for act in ledger.acts_of(case=case.ref)}
    while docking.follow(destination_id=city.pk, at=county.now):
        pass
    assert not Record.objects.filter(destination=city).exists()
    county.submit()
    docking.follow(destination_id=city.pk, at=county.now)
    assert [one.table for one in Record.objects.filter(destination=city)] == ["application"]


def test_one_that_waits_for_acceptance_is_late_by_the_day_of_receipt(county: County) -> None:
    row = {**OPEN, "受理时间": "", "在办步骤": "receive", "到这一步的时间": ""}
    case = brought(county, row)
    clock = case.clocks.get(role="acceptance").clock
    assert (case.state, clock.started_at) == ("received", on("2026-05-20", 0))
    assert county.accept(case).accepted_at == county.now


def test_one_that_waits_for_the_applicant_is_corrected_here(county: County) -> None:
    row = {**OPEN, "受理时间": "", "在办步骤": "correct", "到这一步的时间": "2026-05-25"}
    case = brought(county, {**row, "answer.phone": "13812345678"})
    assert case.state == "correction"
    assert case.entry is not None
    assert (case.entry.closed_at, case.entry.data) == (None, {"phone": "13812345678"})


def test_again_changes_nothing_and_the_same_number_of_another_system_is_another_case(county: County) -> None:
    rows = [named(county, CLOSED), named(county, OPEN)]
    first = bring(county, *rows)
    assert (first.closed, first.open, first.known, first.refused) == (1, 1, 0, [])
    clocks = Clock.objects.count()
    again = bring(county, *rows)
    assert (again.closed, again.open, again.known, again.refused) == (0, 0, 2, [])
    assert (Origin.objects.count(), Clock.objects.count()) == (2, clocks)
    assert bring(county, rows[0], source="不动产系统").closed == 1


def test_a_preview_writes_nothing(county: County) -> None:
    before = (Case.objects.count(), Act.objects.count())
    report = bring(county, named(county, CLOSED), named(county, OPEN), preview=True)
    assert (report.closed, report.open, report.refused) == (1, 1, [])
    assert (Case.objects.count(), Act.objects.count()) == before


def test_a_person_of_whom_nobody_knew_is_recorded_without_an_account(county: County) -> None:
    row = {**CLOSED, "申请人": "欧阳试", "证件号": "11010519491231002X"}
    case = brought(county, row)
    person = identity.get_person("11010519491231002X")
    assert case.parties.get().person_id == person.pk
    assert not identity.has_account(person.pk)
    text = json.dumps(
        list(Act.objects.filter(case=str(case.ref)).values("facts", "fields")), ensure_ascii=False
    )
    assert "11010519491231002X" not in text
    assert "欧阳试" not in text


def test_files_come_from_their_directory_and_from_nowhere_else(county: County, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "plan.png").write_bytes(PNG)
    (tmp_path / "secret.png").write_bytes(PNG)
    (tmp_path / "files" / "link.png").symlink_to(tmp_path / "secret.png")
    row = {**OPEN, "材料文件": "layout_plan=plan.png"}
    case = brought(county, row, files=tmp_path / "files")
    item = services.get_item("food-licence")
    given = {view.key: len(view.files) for view in services.materials_of(case, item)}
    assert given["layout_plan"] == 1
    page = county.client("window").get(f"/desk/cases/{case.number}/").content.decode()
    assert "材料在原系统，没有一起导入" in page
    assert "没有上传" not in page
    other = {**row, "原编号": "2026-SP-000943"}
    for name in ("../secret.png", "link.png", "none.png", "..\\secret.png", ".hidden"):
        said = why(county, {**other, "材料文件": f"layout_plan={name}"}, files=tmp_path / "files")
        assert "there is no file" in said
    assert "no material" in why(county, {**other, "材料文件": "x=plan.png"}, files=tmp_path / "files")
    assert "no directory" in why(county, other)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"事项": "nothing"}, "no item nothing"),
        ({"证件号": "92532399MA10000098"}, "Number of the applicant"),
        (
            {"申请人": "别家面馆", "结果": "", "决定时间": "", "办结时间": "", "步骤": "document_review"},
            "is called",
        ),
        ({"受理时间": "2024-03-03"}, "order must be"),
        ({"办结时间": "2031-01-01"}, "in the future"),
        ({"提交时间": "三月四日"}, "submitted is no date"),
        ({"提交时间": "2024-02-30"}, "submitted is no date"),
        ({"结果": "同意"}, "no result"),
        ({"结果": ""}, "no result"),
        ({"受理时间": ""}, "needs the time of acceptance"),
        ({"决定时间": ""}, "needs the time"),
        ({"步骤": "decide"}, "has no open step"),
        ({"单位代码": "nowhere"}, "no unit nowhere"),
        ({"原编号": "11010519491231002X"}, "no ID number"),
        ({"原编号": ""}, "number is empty"),
        ({"原编号": "=HYPERLINK(1)"}, "no formula"),
        ({"申请人": "=cmd|' /C calc'!A0"}, "no name"),
        ({"申请人": "面" * 3000}, "too long"),
        ({"answer.nothing": "1"}, "no field nothing"),
        ({"answer.phone": "12"}, "Mobile number"),
        ({"材料文件": "layout_plan=plan.png"}, "no directory"),
    ],
)
def test_what_cannot_be_is_refused_whole(county: County, change: dict[str, str], said: str) -> None:
    assert said.lower() in why(county, {**CLOSED, **change}).lower()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"在办步骤": ""}, "no open step"),
        ({"在办步骤": "nowhere"}, "no such step"),
        ({"受理时间": ""}, "does not fit the open step"),
        ({"在办步骤": "receive"}, "does not fit the open step"),
        ({"决定时间": "2026-05-26"}, "no result"),
        ({"在办步骤": "decide；decide"}, "named twice"),
        ({"在办步骤": "document_review"}, ""),
    ],
)
def test_an_open_case_goes_on_only_where_it_can_stand(
    county: County, change: dict[str, str], said: str
) -> None:
    assert said in why(county, {**OPEN, **change})


def test_refused_rows_come_back_as_a_table_that_can_be_sent_again(county: County) -> None:
    bad = {**named(county, CLOSED), "结果": "同意", "备注": "=1+1"}
    report = bring(county, bad, {**named(county, OPEN), "备注": "-"})
    assert (report.open, len(report.refused)) == (1, 1)
    text = "".join(write_csv(past_cases.rejected(report)))
    assert "\n=1+1" not in text
    assert ",=1+1" not in text
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert (rows[0]["line"], rows[0]["原编号"]) == ("2", CLOSED["原编号"])
    assert "没有这个结果" in rows[0]["reason_zh"]
    again = bring(county, content=text.replace("同意", "准予").encode())
    assert (again.closed, again.refused) == (1, [])


def test_old_encodings_other_tables_and_hostile_ones(county: County) -> None:
    row = named(county, CLOSED)
    assert bring(county, content=table(row, encoding="gb18030")).closed == 1
    other = {**row, "原编号": "2"}
    assert bring(county, content=write_xlsx([list(other), list(other.values())])).closed == 1
    with pytest.raises(SpreadsheetRefused):
        bring(county, content=b"\x00\x01\x02")
    lacking = bring(county, content=table({"原编号": "3"}))
    assert "header has no" in lacking.refused[0][1].en
    twice = bring(county, {**row, "原编号": "4"}, {**row, "原编号": "4"})
    assert (twice.closed, len(twice.refused)) == (1, 1)
    with pytest.raises(SpreadsheetRefused):
        bring(county, content=b"number,item,name,id,submitted\n" + b"x" * 200_000)


def test_the_ledger_agrees_with_what_came_and_nobody_brings_by_hand(county: County) -> None:
    case = brought(county, CLOSED)
    brought(county, OPEN)
    with as_owner():
        report = ledger.verify(data=True)
    assert [fault for fault in report.faults if fault.kind in {"data", "unrecorded", "gone"}] == []
    with pytest.raises(Conflict):
        cases.bring_case(
            actor=county.actor("window"),
            kind="licence",
            title=T("x"),
            subject=Ref.to("item", "food-licence"),
            unit_id=case.unit_id,
            parties=[],
            past=cases.Past("s", "1", county.now, [("submitted", county.now - timedelta(days=1))]),
            at=county.now,
        )


def test_the_layout_is_a_table_that_comes_in(county: County, capsys: Any, monkeypatch: Any) -> None:
    from tongban.main.commands import cases as command
    from tongban.main.commands import session

    monkeypatch.setattr(session, "start", lambda: None)
    assert command.run(["layout"]) == 0
    report = bring(county, content=capsys.readouterr().out.encode(), preview=True)
    assert [row for row, _ in report.refused] == []
    assert command.run(["layout", "--explain"]) == 0
    assert "* number" in capsys.readouterr().out
