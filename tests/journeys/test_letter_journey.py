"""A letter to the county head: passed on, returned once, answered, masked, published, taken up again, closed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.journeys import acts
from tests.support.browser import Devices, Visitor

PHONE = "13800000000"
BODY = (
    "文昌路中段的路灯坏了半个月，晚上接孩子看不见路，请尽快修好。"
    f"我家住城关镇文昌路88号3单元，电话是{PHONE}，身份证号532399198510271020。"
)
FIRST = "经我局现场查看，文昌路中段三盏路灯线路老化，已经安排抢修，预计三个工作日内恢复照明。"
SECOND = "线路已经全部更换，十一月二十日晚试灯正常，今后每周巡查一次，再坏请打12345。"


def write(visitor: Visitor, title: str, **more: object) -> tuple[str, str]:
    visitor.open("/letters/write/")
    visitor.answer(kind="complaint", title=title, body=BODY, may_publish=True, **more)
    visitor.press("寄出").sees("信已寄出")
    return acts.receipt_of(visitor)


def signed_in(devices: Devices, title: str) -> tuple[str, Callable[[], Visitor]]:
    writer = devices.new(width=390).sign_in("citizen")
    number, _ = write(writer, title)

    def look() -> Visitor:
        writer.open("/my/")
        writer.sees(title)
        writer.open(f"/progress/{number}/")
        return writer

    return number, look


def anonymous(devices: Devices, title: str) -> tuple[str, Callable[[], Visitor]]:
    number, code = write(devices.new(script=False), title, name="李秀英", phone=PHONE)
    elsewhere = devices.new(script=False)
    return number, lambda: acts.look_up(elsewhere, number, code)


@pytest.mark.parametrize("way", [signed_in, anonymous])
def test_a_letter_from_writing_to_closing(
    devices: Devices, way: Callable[[Devices, str], tuple[str, Callable[[], Visitor]]]
) -> None:
    title = f"文昌路的路灯坏了半个月（{way.__name__}）"
    number, look = way(devices, title)
    office = devices.new().sign_in("mailbox")
    housing = devices.new().sign_in("bureau")
    urban = devices.new().sign_in("bureau2")

    # The office passes it on; the bureau returns it with a reason; a second return is not offered to anybody.
    look().sees(title)
    office.go("/desk/").sees(number)
    assign(office, number, "住房和城乡建设局")
    acts.complete(
        housing,
        number,
        "退回（不归本单位）",
        reason="路灯由城市管理局管养，依据三定规定，不归我局。",
    )
    office.go("/desk/").sees(number)
    acts.open_case(office, number).sees("路灯由城市管理局管养")
    assign(office, number, "城市管理")
    acts.open_case(urban, number)
    assert urban.page.get_by_role("button", name=re.compile("^退回")).count() == 0

    # It is answered; the office checks, the words are masked, and it is published.
    acts.complete(urban, number, "送审答复", text=FIRST)
    publish(office, number)
    look().sees("预计三个工作日内恢复照明")
    public = devices.new()
    public.open(f"/letters/{number}/")
    public.sees(title, "预计三个工作日内恢复照明").sees_not(PHONE, "532399198510271020", "李秀英")
    public.open("/letters/?q=路灯")
    public.sees(title)
    public.open("/services/?q=路灯坏了")
    assert PHONE not in public.text

    # Not satisfied: it is taken up again, answered again, and closed.
    writer = look()
    writer.follow("不满意，请再办")
    writer.answer(reason="还有两盏没有亮，请再看看。").press("不满意，请再办")
    acts.open_case(office, number).sees("还有两盏没有亮")
    assign(office, number, "城市管理")
    acts.complete(urban, number, "送审答复", text=SECOND)
    publish(office, number)
    writer = look()
    writer.sees("今后每周巡查一次")
    assert writer.page.get_by_role("link", name="不满意，请再办").count() == 0, (
        "taking up again is possible once"
    )
    writer.follow("满意")
    writer.answer(text="谢谢").press("满意")
    assert "全部更换" in acts.paper_text(look(), "信件答复函", latest=True)
    acts.open_case(office, number).sees("已办结")
    public.open(f"/letters/{number}/")
    public.sees("再次答复", "今后每周巡查一次").sees_not(PHONE)
    for visitor in devices.visitors:
        assert visitor.errors == []


def assign(office: Visitor, number: str, unit: str) -> None:
    """Pass the letter on to the unit whose name has these words."""
    acts.open_do_form(office, number, "转办")
    options = office.page.locator("main select[name=unit] option")
    label = next(text for text in options.all_inner_texts() if unit in text)
    office.page.locator("main select[name=unit]").select_option(label=label)
    with office.page.expect_navigation():
        office.page.locator("main form.sheet button.primary").click()
    assert "/desk/tasks/" not in office.path, office.text


def publish(office: Visitor, number: str) -> None:
    """Check the answer and publish it; what the system masked is masked, the rest the clerk removes herself."""
    acts.open_do_form(office, number, "答复并公开")
    masked = office.page.locator("main textarea[name=body]").input_value()
    assert PHONE not in masked
    assert "532399198510271020" not in masked
    office.page.locator("main textarea[name=body]").fill(masked.replace("88号3单元", "某处"))
    with office.page.expect_navigation():
        office.page.locator("main form.sheet button.primary").click()
    assert "/desk/tasks/" not in office.path, office.text
