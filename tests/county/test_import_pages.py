"""A table of items in the browser: one sends it, a second lets it in, what was given back can be fetched."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.county import County
from tongban.apps.services.models import CatalogueImport, Item
from tongban.apps.services.tasks import check_import, run_import
from tongban.base.spreadsheets import read_rows

TABLE = "部门,名称,事项类型,编码\n县民政局,甲事项,20,T-1\n某区司法局,乙事项,7,T-2\n县民政局,,20,T-3\n".encode(
    "gbk"
)


def send(county: County, who: str = "studio1", content: bytes = TABLE) -> Any:
    return county.client(who).post("/desk/catalogue/", {"table": SimpleUploadedFile("目录.csv", content)})


def sent(county: County) -> CatalogueImport:
    assert send(county).status_code == 302
    table = CatalogueImport.objects.get()
    check_import.func(str(table.pk))
    table.refresh_from_db()
    return table


def test_one_sends_a_second_lets_it_in(county: County) -> None:
    table = sent(county)
    address = f"/desk/catalogue/{table.pk}/"
    page = county.client("studio1").get(address).content.decode()
    assert "不是本地单位，作为导入单位" in page
    assert "审核通过，导入" not in page
    assert (table.report["new"], table.report["rejected"], Item.objects.filter(local_code="T-1").count()) == (
        2,
        1,
        0,
    )
    assert "审核通过，导入" in county.client("studio2").get(address).content.decode()

    assert county.client("studio2").post(f"{address}let-in/").status_code == 302
    run_import.func(str(table.pk))
    table.refresh_from_db()
    assert (table.state, table.done, Item.objects.filter(local_code__in=["T-1", "T-2"]).count()) == (
        "done",
        3,
        2,
    )
    rejected = county.client("studio1").get(f"{address}rejected.csv")
    assert [list(row.cells)[:2] for row in read_rows(rejected.content)][1] == ["4", "缺少事项名称"]
    run_import.func(str(table.pk))
    assert Item.objects.filter(local_code__in=["T-1", "T-2"]).count() == 2


def test_columns_and_units_can_be_chosen(county: County) -> None:
    table = sent(county)
    answer = county.client("studio1").post(
        f"/desk/catalogue/{table.pk}/",
        {
            "column-0": "unit_name", "column-1": "lead", "column-2": "type", "column-3": "name",
            "unit_name": ["某区司法局"], "unit_code": ["sfj"], "source": "省目录",
        },
    )  # fmt: skip
    assert answer.status_code == 302
    check_import.func(str(table.pk))
    table.refresh_from_db()
    assert [row["name"]["zh"] for row in table.report["sample"]] == ["T-1", "T-2", "T-3"]
    assert {unit["name"]: (unit["by"], unit["code"]) for unit in table.report["units"]} == {
        "县民政局": ("name", "mzj"), "某区司法局": ("choice", "sfj")
    }  # fmt: skip


def test_nobody_lets_his_own_table_in_and_nobody_without_the_duty_sees_it(county: County) -> None:
    assert send(county, "studio2").status_code == 302
    table = CatalogueImport.objects.get()
    check_import.func(str(table.pk))
    address = f"/desk/catalogue/{table.pk}/"
    assert county.client("studio2").post(f"{address}let-in/").status_code == 403
    assert county.client("studio1").post(f"{address}let-in/").status_code == 403, "may edit, not review"
    table.refresh_from_db()
    assert table.state == "checked"
    for who in ("window", "chief", "sysadmin"):
        assert county.client(who).get(address).status_code == 403
        assert county.client(who).get("/desk/catalogue/").status_code == 403
    assert county.client("citizen").get(address).status_code == 404
    assert send(county, "window").status_code == 403


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0 picture", b"\xd0\xcf\x11\xe0 old"])
def test_what_is_no_table_is_refused_at_once(county: County, content: bytes) -> None:
    assert send(county, content=content).status_code == 422
    assert county.client("studio1").post("/desk/catalogue/").status_code == 422
    assert not CatalogueImport.objects.exists()


def test_a_table_without_the_columns_says_so(county: County) -> None:
    assert send(county, content="甲,乙\n1,2\n".encode()).status_code == 302
    table = CatalogueImport.objects.get()
    check_import.func(str(table.pk))
    page = county.client("studio1").get(f"/desk/catalogue/{table.pk}/").content.decode()
    assert "没有找到这些列：事项名称、事项类型" in page
    assert county.client("studio2").post(f"/desk/catalogue/{table.pk}/let-in/").status_code == 409
