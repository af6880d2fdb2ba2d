"""Items that an upper platform hands down."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tongban.apps.docking.errors import ItemsUnreadable
from tongban.apps.docking.operations.take_items import look, take
from tongban.apps.docking.reading import Unreadable, read_items
from tongban.apps.services.models import Item
from tongban.kernel.ledger import service as ledger

ROW = {
    "事项名称": "公共场所卫生许可延续",
    "事项类型代码": "01",
    "基本编码": "000123013000",
    "实施编码": "11532399MB0C0003694000123013000",
    "实施主体": "澄溪县市场监督管理局",
    "实施主体代码": "11532399MB0C000369",
    "法定办结时限": "20",
    "法定办结时限单位": "工作日",
    "承诺办结时限": "3",
    "承诺办结时限单位": "工作日",
    "是否收费": "0",
}


def lay(w: Any, name: str, content: Any) -> None:
    place = w.root / "items"
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def test_a_list_is_looked_at_then_taken_in_once(county: Any, wire: Any) -> None:
    w = wire()
    before = Item.objects.count()
    lay(
        w,
        "a.json",
        {"records": [ROW, {**ROW, "实施主体代码": "11532399MB0C000360"}, {"事项名称": "没有别的"}]},
    )
    actor = county.actor("sysadmin")
    seen = look(actor=actor, destination=w.it, name="a.json", at=county.now)
    assert (seen.total, seen.added, [place for place, _, _ in seen.rejected]) == (3, 1, [2, 3])
    assert "实施主体代码" in seen.rejected[0][2].zh
    assert Item.objects.count() == before, "looking changes nothing"
    done = take(actor=actor, destination=w.it, name="a.json", at=county.now)
    assert (done.added, done.changed, done.same) == (1, 0, 0)
    made = Item.objects.get(local_code=ROW["实施编码"])
    assert made.name.zh == ROW["事项名称"]
    assert made.limit("promised").value == "3wd"
    assert made.is_announced
    assert [path.name for path in (w.root / "items" / "done").iterdir()] == ["20260601100000-a.json"]
    lay(w, "b.json", [ROW])
    again = take(actor=actor, destination=w.it, name="b.json", at=county.now)
    assert (again.added, again.changed, again.same) == (0, 0, 1)
    assert len(ledger.search_acts(ledger.ActFilter(verb="docking.take_items"))) == 2


def test_what_we_send_can_be_read_in_json_and_xml_under_either_name(county: Any) -> None:
    from tongban.apps.docking.rendering import Envelope, Style, render

    record = {"name": "饮用水<卫生>许可", "implementation_code": "1" * 31, "type_code": "01"}
    envelope = Envelope("item", "a" * 40, 1, "20260601", "sha256:0")
    for style in (Style("json", "chinese"), Style("json", "code"), Style("xml")):
        assert read_items(render(envelope, record, style)) == [record]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"[1]",
        b'{"records": 3}',
        b'{"records": [{"record": 3}]}',
        b"<records/>",
        b"<records",
        b'<!DOCTYPE r [<!ENTITY a "b">]><record><field code="name">&a;</field></record>',
        b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><record/>',
        b"[" * 200_000,
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_list_of_items_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_items(content)


def test_only_files_that_lie_there_are_read(county: Any, wire: Any) -> None:
    w = wire()
    lay(w, "a.json", b"not json")
    (w.root / "items" / "link.json").symlink_to("/etc/passwd")
    for name in ("a.json", "../a.json", "link.json", "nothing.json", "/etc/passwd", ""):
        with pytest.raises(ItemsUnreadable):
            take(actor=county.actor("sysadmin"), destination=w.it, name=name, at=county.now)
    assert ledger.search_acts(ledger.ActFilter(verb="docking.take_items")) == []


def test_the_page_looks_and_takes(county: Any, wire: Any) -> None:
    w = wire()
    lay(w, "a.json", [ROW])
    admin, address = county.client("sysadmin"), "/desk/docking/province/items/"
    assert "a.json" in admin.get(address).content.decode()
    assert "导入的话" in admin.get(address, {"file": "a.json"}).content.decode()
    assert "已导入" in admin.post(address, {"file": "a.json"}).content.decode()
    assert Item.objects.filter(local_code=ROW["实施编码"]).exists()
    assert admin.post(address, {"file": "a.json"}).status_code == 422
    assert county.client("window").get(address).status_code == 403
