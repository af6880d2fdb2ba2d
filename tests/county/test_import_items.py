"""A foreign catalogue comes in whole: again without doubling, with what cannot be taken given back and the reason."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.support.campaign import figure, size
from tests.support.county import County
from tongban.apps.services import service as services
from tongban.apps.services.errors import ColumnsUnknown
from tongban.apps.services.models import Item, ItemVersion
from tongban.apps.services.service import Choices
from tongban.base.actor import Actor
from tongban.base.spreadsheets import read_rows, write_csv, write_xlsx
from tongban.base.text import LocalizedText
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger.models import Act
from tongban.kernel.search import service as search

CLERK = Actor(channel="command", name="import")
HEAD = ["部门", "主项名称", "事项名称", "事项类型", "事项编码", "统一社会信用代码"]
ROWS = [
    ["县民政局", "未分类", "老年人福利补贴认定", "7", "511A07001-511602000000-1-00", ""],
    ["广安区税务局", "发票管理", "发票票种核定（县级行使）", "行政许可", "511F30001", ""],
    ["广安区税务局", "发票管理", "存款账户账号报告", "20", "51203001", ""],
]


def take(county: County, *rows: list[Any], head: list[str] = HEAD, **choices: Any) -> Any:
    content = "".join(write_csv([head, *rows])).encode()
    return services.import_items(actor=CLERK, content=content, choices=Choices(**choices), at=county.now)


def test_items_come_in_with_their_codes_and_again_without_doubling(county: County) -> None:
    before, acts = Item.objects.count(), Act.objects.count()
    report = take(county, *ROWS)
    assert report.counts() == {"total": 3, "new": 3, "changed": 0, "same": 0, "kept": 0, "rejected": 0}
    item = Item.objects.get(local_code="511F30001")
    assert (item.type_code, item.name.zh, item.version, item.is_announced) == (
        "01", "发票票种核定（县级行使）", 1, True
    )  # fmt: skip
    assert item.content["main_item"]["zh"] == "发票管理"
    assert Act.objects.filter(verb="services.put_item", subject_id=item.key).count() == 1
    assert Act.objects.order_by("-pk").first().facts["units"] == ["广安区税务局"]  # type: ignore[union-attr]

    after = Act.objects.count()
    again = take(county, *ROWS)
    assert (again.new, again.changed, again.same) == (0, 0, 3)
    assert Item.objects.count() == before + 3
    assert ItemVersion.objects.filter(item=item).count() == 1
    assert Act.objects.count() == after + 1 > acts, "only that it was imported"


def test_units_are_matched_by_credit_code_then_by_name_and_listed_when_they_are_none_of_ours(
    county: County,
) -> None:
    ours = identity.get_unit("mzj")
    by_code = ["某个叫法", "", "按代码找到的单位", "20", "X-1", ours.uscc.lower()]
    report = take(county, *ROWS, by_code)
    assert {name: (found.by, found.rows) for name, found in report.units.items()} == {
        "县民政局": ("name", 1), "广安区税务局": ("new", 2), "某个叫法": ("code", 1)
    }  # fmt: skip
    assert {Item.objects.get(local_code=code).unit.code for code in (ROWS[0][4], "X-1")} == {"mzj"}
    adopted = Item.objects.get(local_code="511F30001").unit
    assert (adopted.kind, adopted.parent.code, adopted.name.zh) == ("imported", "imported", "广安区税务局")
    assert not adopted.posts.exists()


def test_bodies_that_are_none_of_ours_can_be_refused_or_said_to_be_one_of_ours(county: County) -> None:
    report = take(county, *ROWS, adopt=False)
    assert (report.new, [row.number for row in report.rejected]) == (1, [3, 4])
    assert not identity.list_units()[0].code.startswith("imported")

    report = take(county, *ROWS, adopt=False, units={"广安区税务局": "czj"})
    assert (report.new, report.same, report.rejected) == (2, 1, [])
    assert Item.objects.get(local_code="51203001").unit.code == "czj"


def test_a_preview_writes_nothing(county: County) -> None:
    before = (Item.objects.count(), Act.objects.count(), len(identity.list_units()))
    content = "".join(write_csv([HEAD, *ROWS])).encode()
    report = services.preview_import(content=content, choices=Choices())
    assert (report.new, len(report.adopted), len(report.sample)) == (3, 1, 3)
    assert (Item.objects.count(), Act.objects.count(), len(identity.list_units())) == before


def test_rows_that_cannot_be_taken_are_given_back_with_the_reason(county: County) -> None:
    wrong = [
        ["县民政局", "", "", "20", "A-1", ""],
        ["县民政局", "", "罚款", "2", "A-2", ""],
        ["县民政局", "", "不知是什么", "第七类", "A-3", ""],
        ["", "", "没有单位", "20", "A-4", ""],
        ROWS[0],
        ["县民政局", "", "编码重复的", "20", ROWS[0][4], ""],
    ]
    report = take(county, *wrong)
    assert report.new == 1
    reasons = {row.number: [reason.zh for reason in row.reasons] for row in report.rejected}
    assert reasons == {
        2: ["缺少事项名称"],
        3: ["行政处罚不是依申请办理的，属于权责清单，不是政务服务事项"],
        4: ["没有“第七类”这种事项类型"],
        5: ["缺少实施主体"],
        7: ["和第 6 行重复"],
    }
    table = list(report.rejected_table())
    assert table[0] == ["行号", "原因", *HEAD]
    assert table[1] == ["2", "缺少事项名称", *wrong[0]]


def test_a_table_as_offices_send_it(county: County) -> None:
    """A title across the first row, departments merged over their rows, codes that are numbers, a formula, dates, GBK."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (
        ["广安区政务服务事项目录", None, None, None],
        [None, None, None, None],
        ["实施主体", "事项名称*", "类型", "编码"],
        ["县民政局", "甲事项", 20, "B-1"],
        [None, "乙事项", 20.0, 1001],
        [None, "丙事项", "公共服务", 511516020000000123],
        [None, "丁事项", "公共服务", "=A1&B1"],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:D1")
    sheet.merge_cells("A4:A7")
    out = io.BytesIO()
    book.save(out)
    report = services.import_items(actor=CLERK, content=out.getvalue(), choices=Choices(), at=county.now)
    assert report.new == 2
    assert {item.name.zh for item in Item.objects.filter(local_code__in=["B-1", "1001"])} == {
        "甲事项",
        "乙事项",
    }
    assert {row.number: [r.zh for r in row.reasons] for row in report.rejected} == {
        6: ["来源编码成了数字，末几位已经丢失，请设成文本格式再导出"],
        7: ["来源编码是公式，文件里没有结果"],
    }
    gbk = "部门,名称,类型,编码\n县民政局,国标编码的表格,20,C-1\n".encode("gbk")
    assert services.import_items(actor=CLERK, content=gbk, choices=Choices(), at=county.now).new == 1


def test_columns_can_be_named_by_header_or_number(county: County) -> None:
    head = ["甲", "乙", "丙", "丁"]
    row = ["县民政局", "自己命名的列", "20", "D-1"]
    with pytest.raises(ColumnsUnknown):
        take(county, row, head=head)
    report = take(
        county, row, head=head, mapping={"unit_name": "甲", "name": "2", "type": "丙", "local_code": "4"}
    )
    assert (report.new, Item.objects.get(local_code="D-1").name.zh) == (1, "自己命名的列")
    for wrong in ({"name": "戊"}, {"nonsense": "甲"}, {"name": "9"}):
        with pytest.raises(ColumnsUnknown):
            take(county, row, head=head, mapping={"type": "丙", **wrong})


def test_limits_and_other_elements_are_read(county: County) -> None:
    head = [*HEAD, "法定办结时限", "承诺办结时限", "服务对象", "是否收费", "咨询电话", "办件类型"]
    row = [*ROWS[1], "20个工作日", "5", "自然人、企业法人", "否", "0826-2222222", "承诺件"]
    report = take(
        county, row, [*ROWS[2], "很快", "", "", "", "", ""], head=head, source=LocalizedText("省目录 2025")
    )
    assert [r.zh for r in report.rejected[0].reasons] == ["看不懂时限“很快”"]
    item = services.get_item(Item.objects.get(local_code="511F30001").key)
    limit = item.limit("statutory")
    assert (limit.value, limit.text.zh, limit.source.zh, limit.confidence) == (
        "20wd", "20 个工作日", "省目录 2025", "S"
    )  # fmt: skip
    assert item.content["target"] == ["person", "enterprise"]
    page = county.client().get(f"/services/items/{item.key}/").content.decode()
    assert "20 个工作日" in page
    assert "0826-2222222" in page


def test_outside_the_demo_limits_without_a_source_are_given_back(county: County, settings: Any) -> None:
    settings.TONGBAN_ENV = "production"
    head = [*HEAD, "法定办结时限"]
    assert len(take(county, [*ROWS[1], "20个工作日"], head=head).rejected) == 1
    assert take(county, [*ROWS[1], "20个工作日"], head=head, source=LocalizedText("省目录")).new == 1


def test_an_item_that_can_be_applied_for_is_left_alone_by_a_later_import(county: County) -> None:
    take(county, ROWS[0])
    key = Item.objects.get(local_code=ROWS[0][4]).key
    built = dict(services.get_item("food-licence").content) | {
        "key": key, "local_code": ROWS[0][4], "handling_code": "", "basic_code": "", "implementation_code": ""
    }  # fmt: skip
    services.put_item(actor=CLERK, content=built, at=county.now)
    renamed = [*ROWS[0]]
    renamed[2] = "换了名称"
    report = take(county, renamed)
    assert (report.kept, report.changed, Item.objects.get(key=key).version) == (1, 0, 2)


def test_what_changed_at_the_source_is_a_new_version_and_what_we_added_stays(county: County) -> None:
    take(county, ROWS[0])
    item = Item.objects.get(local_code=ROWS[0][4])
    services.put_item(
        actor=CLERK, content=item.content | {"lead": {"zh": "我们写的说明", "en": ""}}, at=county.now
    )
    renamed = [*ROWS[0]]
    renamed[2] = "换了名称"
    assert take(county, renamed).changed == 1
    item.refresh_from_db()
    assert (item.version, item.name.zh, item.lead.zh) == (3, "换了名称", "我们写的说明")


def test_imported_items_are_found_by_name_pinyin_and_main_item(county: County) -> None:
    take(county, *ROWS)
    for words in ("发票票种核定", "fapiao", "发票管理"):
        assert any(hit.title.zh.startswith("发票票种") for hit in search.search(words)), words


@pytest.mark.campaign
def test_many_rows_come_in_by_batches(county: County) -> None:
    count = size(1_000, 100_000)
    rows = ([f"单位{n % 40}", "", f"第{n}个事项", "20", f"E-{n}", ""] for n in range(count))
    content = write_xlsx([HEAD, *rows])
    done: list[int] = []
    begun = time.perf_counter()
    report = services.import_items(
        actor=CLERK, content=content, choices=Choices(), at=county.now, progress=done.append
    )
    figure("rows of a foreign catalogue taken over", count, "rows")
    figure("time for them", round(time.perf_counter() - begun), "s")
    assert (report.new, len(report.adopted), done[-1]) == (count, 40, count)
    assert len(done) == count // 500


def test_the_command_takes_a_file_and_writes_what_it_gives_back(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tongban.main.commands import items

    monkeypatch.setenv("TONGBAN_DATABASE_ROLE", "app")
    monkeypatch.setenv("SUDO_USER", "lishumin")
    file = tmp_path / "catalogue.csv"
    file.write_text("".join(write_csv([HEAD, *ROWS, ["县民政局", "", "=坏行", "9999", "F-1", ""]])), "utf-8")
    assert items.run(["import", str(file), "--preview"]) == 1
    assert not Item.objects.filter(local_code="511F30001").exists()
    assert items.run(["import", str(file)]) == 1
    out = capsys.readouterr().out
    assert "广安区税务局" in out
    rejected = list(read_rows((tmp_path / "catalogue.rejected.csv").read_bytes()))
    assert [row.cells[4] for row in rejected[1:]] == ["'=坏行"], "no formula in what we give away"
    assert items.run(["import", str(tmp_path / "nothing.csv")]) == 1
