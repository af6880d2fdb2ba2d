"""The pages of who runs the machines."""

from __future__ import annotations

from typing import Any

import pytest

from tongban.apps.docking.models import Destination, Record
from tongban.apps.docking.secret import secret_of
from tongban.kernel.ledger import service as ledger

HOME = "/desk/docking/"
NEW = {
    "key": "city",
    "name_zh": "市平台",
    "name_en": "City",
    "kind": "http",
    "address": "https://up.example.gov.cn/exchange",
    "secret": "s3cr3t",
    "form": "xml",
    "names": "code",
    "moment": "t",
    "widths": "literal",
    "tables": ["application", "completion"],
    "batch": "20",
    "timeout": "15",
    "attempts": "9",
    "receipt_hours": "12",
    "keep_days": "60",
}


@pytest.fixture
def admin(county: Any) -> Any:
    return county.client("sysadmin")


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_destination_is_set_up_shown_changed_and_switched(county: Any, wire: Any, admin: Any) -> None:
    wire()
    assert admin.post(f"{HOME}new/", NEW)["Location"] == f"{HOME}city/"
    made = Destination.objects.get(key="city")
    assert (made.kind, made.style.form, made.style.names, made.style.with_t) == ("http", "xml", "code", True)
    assert [made.setting(name) for name in ("tables", "batch", "widths")] == [
        ["application", "completion"],
        20,
        "literal",
    ]
    assert secret_of("city") == b"s3cr3t"
    page = text(admin.get(f"{HOME}city/edit/"))
    assert "https://up.example.gov.cn/exchange" in page and "s3cr3t" not in page
    admin.post(f"{HOME}city/edit/", {**NEW, "name_zh": "市数据平台", "secret": ""})
    assert Destination.objects.get(key="city").name.zh == "市数据平台"
    assert secret_of("city") == b"s3cr3t", "an empty field keeps the secret"
    admin.post(f"{HOME}city/switch/", {"on": "0"})
    assert not Destination.objects.get(key="city").is_active
    assert "已暂停" in text(admin.get(HOME))


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    county: Any, wire: Any, admin: Any
) -> None:
    wire()
    answer = admin.post(f"{HOME}new/", {**NEW, "address": "ftp://x", "batch": "many"})
    assert answer.status_code == 422
    page = text(answer)
    assert 'id="f-address"' in page and "写完整的地址" in page and "填 1 到 500 的整数" in page
    assert 'value="many"' in page and 'value="市平台"' in page and "s3cr3t" not in page
    assert not Destination.objects.filter(key="city").exists()


def test_a_record_shows_its_fields_its_form_and_what_happened_with_persons_covered(
    county: Any, wire: Any, admin: Any
) -> None:
    w = wire()
    county.submit()
    w.round()
    address = f"{HOME}records/{w.records()[0].pk}/"
    for form, sign in (("json", "&quot;办件编号&quot;"), ("xml", "&lt;field code=&quot;case_number&quot;")):
        page = text(admin.get(address, {"form": form}))
        assert sign in page
        assert "532399********1020" in page and "已发送，等回执" in page
        for secret in ("李秀英", "532399198510271020", "92532399MA10000099", "13812345678", "李记米线店"):
            assert secret not in page


def test_a_record_is_resent_or_left_out_on_its_page_with_a_reason(county: Any, wire: Any, admin: Any) -> None:
    w = wire()
    county.accept(county.submit())
    w.follow()
    Record.objects.filter(pk__in=[one.pk for one in w.records()[:2]]).update(state="dead", reason="timeout")
    first, second, third = w.records()
    repair = f"{HOME}records/{first.pk}/repair/"
    assert admin.post(repair, {"way": "resend", "reason": " "}).status_code == 422
    assert "请写理由" in text(admin.post(repair, {"way": "skip", "reason": ""}))
    assert admin.post(repair, {"way": "resend", "reason": "网络修好了"}).status_code == 302
    assert admin.post(repair, {"way": "resend", "reason": "再来一次"}).status_code == 409
    assert (
        admin.post(f"{HOME}records/{second.pk}/repair/", {"way": "skip", "reason": "已手工补录"}).status_code
        == 302
    )
    assert w.states() == ["waiting", "skipped", "waiting"]
    assert [act.reason for act in ledger.search_acts(ledger.ActFilter(verb="docking.resend"))] == [
        "网络修好了"
    ]
    page = text(admin.get(f"{HOME}records/{second.pk}/"))
    assert "已手工补录" in page and "林志远" in page
    assert third.state == "waiting"


def test_the_list_says_what_waits_for_what(county: Any, wire: Any, admin: Any) -> None:
    w = wire(widths="literal")
    case = county.accept(county.submit())
    w.follow()
    page = text(admin.get(f"{HOME}province/"))
    assert "等第 1 条处理好" in page and "实施编码有 31 个字符，最多 24 个" in page
    assert "waits until no. 1 is settled" in text(
        admin.get(f"{HOME}province/", headers={"accept-language": "en"})
    )
    assert "没有这样的记录" in text(admin.get(f"{HOME}province/", {"case": "CX-0000", "state": "trouble"}))
    assert case.number in text(
        admin.get(f"{HOME}province/", {"case": case.number.lower(), "table": "acceptance"})
    )
    again = admin.post(f"{HOME}province/resend/", {"state": "invalid", "reason": "已经放宽"})
    assert again.status_code == 302
    assert admin.get(f"{HOME}province/", {"before": "x", "state": "?", "table": "?"}).status_code == 200


def test_a_day_is_compared_on_its_page(county: Any, wire: Any, admin: Any) -> None:
    from tongban.apps.docking.tests.test_reconciliation import entry, say

    w = wire()
    county.accept(county.submit())
    w.round()
    w.accept_all()
    address = f"{HOME}province/days/2026-06-01/"
    assert "还没有给这一天的清单" in text(admin.get(address))
    assert admin.post(address, {"way": "fetch"}).status_code == 409
    first, *rest = w.records()
    say(w, *map(entry, rest))
    assert admin.post(address, {"way": "fetch"}).status_code == 302
    page = text(admin.get(address))
    assert "对方没有" in page and f'value="{first.pk}"' in page
    assert "有差异" in text(admin.get(f"{HOME}province/days/"))
    assert admin.post(address, {"way": "resend", "record": [first.pk]}).status_code == 422
    assert (
        admin.post(address, {"way": "resend", "record": [first.pk], "reason": "对账缺一条"}).status_code
        == 302
    )
    assert w.states() == ["waiting", "accepted", "accepted"]
    assert admin.get(f"{HOME}province/days/2026-13-01/").status_code == 404


def test_pages_are_for_the_system_administrator(county: Any, wire: Any) -> None:
    wire()
    for who in ("window", "secadmin", "auditadmin"):
        for address in (HOME, f"{HOME}province/", f"{HOME}new/", f"{HOME}province/days/"):
            assert county.client(who).get(address).status_code == 403


def test_a_list_takes_the_same_statements_however_long_it_is(county: Any, wire: Any, admin: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    w = wire()
    county.submit()
    w.follow()
    admin.get(f"{HOME}province/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        admin.get(f"{HOME}province/")
    county.accept(county.submit("rep"))
    w.follow()
    with CaptureQueriesContext(connection) as many:
        admin.get(f"{HOME}province/")
    assert len(many) <= len(few)
