"""From an empty catalogue to the first certificate, by clicks, as docs/how-to/make-an-item-in-the-browser.md says it.

A county without any item: one clerk makes form, paper, certificate type, process and item in the browser, another reviews and
publishes, a citizen finds the item by her own words and applies for her shop, the office decides, she downloads the certificate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.journeys.acts import complete, paper_text, submit, text_of
from tests.journeys.conftest import SEEN
from tests.support.bare import bare_county
from tests.support.browser import Devices, Visitor, chromium

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
KEY = "tea-house"


@pytest.fixture(scope="module")
def county(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Run the county with the empty catalogue; yield its address."""
    with django_db_blocker.unblock(), bare_county() as address:
        yield address


def test_a_county_makes_its_first_item_by_itself(county: str) -> None:
    with chromium() as browser:
        devices = Devices(browser, county)
        try:
            number = _make(_patient(devices.new()))
            _publish(_patient(devices.new()), number)
            citizen = _patient(devices.new(width=390))
            case = _apply(citizen)
            _decide(devices, case)
            _has_the_certificate(citizen, case)
            assert [error for visitor in devices.visitors for error in visitor.errors] == []
        except BaseException:
            devices.screenshot_all(SEEN, "empty-catalogue")
            raise
        finally:
            devices.close()


def _patient(visitor: Visitor) -> Visitor:
    """Let every page take its time: a saving that examines a process is slow on a machine that does much else."""
    visitor.page.set_default_timeout(60_000)
    return visitor


class Clerk:
    """Somebody at the pages of studio."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page = visitor, visitor.page

    def fill(self, **typed: str) -> Clerk:
        """Fill in boxes by their names, ``__`` for the dot; a list is chosen from, a box ticked."""
        for name, value in typed.items():
            box = self.page.locator(f'main [name="{name.replace("__", ".")}"]')
            kind = box.first.evaluate("e => e.type || e.tagName")
            if kind in ("checkbox", "radio"):
                self.page.locator(f'main [name="{name.replace("__", ".")}"][value="{value}"]').check()
            elif kind.startswith("select"):
                box.select_option(value)
            else:
                box.fill(value)
        return self

    def press(self, name: str) -> Clerk:
        self.visitor.press(name)
        return self

    def follow(self, name: str, within: str = "main") -> Clerk:
        self.visitor.follow(name, within)
        return self

    def save(self) -> Clerk:
        """Save and see that nothing is held against what was typed on this page."""
        return self.press("保存")

    def add(self, kind: str, name: str) -> Clerk:
        """Back on the change, make something new for it; its editor follows."""
        self.visitor.follow("回到这项修改")
        self.page.locator("#new-kind").select_option(label=kind)
        self.page.locator("#new-name").fill(name)
        with self.page.expect_navigation(wait_until="load"):
            self.page.locator("form", has=self.page.locator("#new-name")).get_by_role("button").click()
        return self


class Drawing:
    """The clerk at the drawing of a process: chooses an element, appends the next, writes in the panel."""

    def __init__(self, page: Page) -> None:
        page.wait_for_selector("[data-modeler][data-ready]")
        self.page, self.panel = page, page.locator("[data-panel]")

    def choose(self, element: str) -> Drawing:
        self.page.locator(f".djs-element[data-element-id={element}] .djs-hit").first.click(force=True)
        return self

    def remove(self, element: str) -> Drawing:
        self.choose(element).page.locator(".djs-context-pad .entry[data-action=remove]").click()
        return self

    def append(self, kind: str) -> Drawing:
        """Append a step to the chosen one; the new one is chosen then."""
        self.page.locator(f".djs-context-pad .entry[data-action=append-{kind}]").click()
        return self

    def write(self, **words: str) -> Drawing:
        """Write into the panel, by the labels of its boxes."""
        for label, value in words.items():
            box = self.panel.get_by_label(label, exact=True).last
            if box.evaluate("e => e.tagName") == "SELECT":
                box.select_option(value)
            else:
                box.fill(value)
                box.press("Tab")
        return self

    def person(self, name: str, key: str, duty: str) -> Drawing:
        self.write(名称=name, 编号=key)
        if self.panel.get_by_label("职责", exact=True).count() == 0:
            self.write(怎么定="duty")
        return self.write(职责=duty)

    def machine(self, name: str, operation: str) -> Drawing:
        return self.append("service").write(名称=name, 做什么=operation)


def _make(visitor: Visitor) -> str:
    """Make the item and everything that it needs; send it to review. Return the number of the change."""
    clerk = Clerk(visitor.sign_in("studio1"))
    visitor.follow("内容工坊", within="body")
    clerk.follow("事项").follow("新建")
    clerk.fill(zh="茶馆开业登记", en="Tea house registration", key=KEY).press("开始")
    _form(clerk.add("表单", "茶馆开业登记申请表"))
    _certificate(clerk.add("证照类型", "茶馆登记证"))
    _paper(clerk.add("文书", "茶馆登记决定书"))
    _process(clerk.add("流程", "茶馆开业登记"))
    clerk.follow("回到这项修改").follow("编辑 茶馆开业登记")
    _item(clerk)
    clerk.follow("回到这项修改").fill(opinion="新开茶馆要登记，第一个自己做的事项。").press("送审")
    visitor.sees("已经送审")
    return re.search(r"/changes/([^/]+)/", visitor.path)[1]  # type: ignore[index]


def _form(clerk: Clerk) -> None:
    """One page: what the tea house is called, how large it is, and of a large one who looks after fire safety."""
    clerk.follow("第一页").fill(pages__0__title__zh="茶馆", pages__0__title__en="The tea house").save()
    clerk.follow("问题一")
    _question(clerk, 0, "茶馆叫什么", "Name of the tea house", "shop_name", "text")
    clerk.follow("茶馆", within=".trail").press("加一项 问题")
    _question(clerk, 1, "经营面积", "Floor area", "area", "decimal")
    clerk.follow("茶馆", within=".trail").press("加一项 问题")
    _question(
        clerk, 2, "消防安全谁负责", "Who looks after fire safety", "keeper", "text", visible="area > 50"
    )
    clerk.visitor.sees("可以送审")
    clerk.follow("手机预览").fill(shop_name="清心茶馆", area="80").press("按填的内容检查").visitor.sees(
        "消防安全谁负责"
    )
    clerk.follow("接着编辑")


def _question(clerk: Clerk, n: int, zh: str, en: str, key: str, kind: str, visible: str = "") -> None:
    words = {
        "label.zh": zh,
        "label.en": en,
        "key": key,
        "type": kind,
        "required:how": "always",
        "visible": visible,
    }
    clerk.fill(**{f"pages.0.fields.{n}.{word}": value for word, value in words.items()}).save()


def _certificate(clerk: Clerk) -> None:
    """The name of the tea house on the face, five years."""
    clerk.press("加一行").fill(**{"fields.0.label.zh": "名称", "fields.0.label.en": "Name"})
    clerk.fill(**{"fields.0.key": "name", "fields.0.from": "shop_name"}).save()
    clerk.follow("名称和编号").fill(name__en="Tea house certificate", unit="scjg", holder="entity")
    clerk.fill(type_code="11100000MB0143028R777", number__format="CG{year}{n:04d}").save()
    clerk.visitor.sees("可以送审")


def _paper(clerk: Clerk) -> None:
    """The decision in the county's own words, with one field more."""
    text = clerk.page.locator("main [name=source]")
    text.fill(text.input_value().replace("现通知如下：", "符合条件，准予登记。开业以后请保持消防通道畅通。"))
    clerk.save().follow("名称和字号").fill(name__en="Decision on a tea house", kind="茶").save()
    clerk.visitor.sees("可以送审")


def _process(clerk: Clerk) -> None:
    """Receive, accept, decide; granted: certificate and delivery, else the refusal."""
    drawing = Drawing(clerk.page)
    drawing.remove("end").choose("handle").person("收件核对", "receive", "services.window")
    drawing.write(按钮上的字="受理", 代号="accept").machine("受理", "services.accept")
    drawing.append("user").person("决定", "decide", "services.decide").write(按钮上的字="准予", 代号="grant")
    drawing.panel.get_by_role("button", name="加一个结果").click()
    drawing.panel.locator("details").last.locator("summary").click()
    drawing.write(按钮上的字="不予", 代号="refuse").append("exclusive").write(编号="decided")
    drawing.machine("不予", "services.refuse").append("end")
    drawing.choose("decided").machine("准予", "services.grant").machine("制证", "certificates.issue")
    drawing.machine("送达", "services.deliver").append("end")
    clerk.page.get_by_role("button", name="看全图").click()
    drawing.choose("decided")
    granted = (
        drawing.panel.get_by_label("都不符合时走").locator("option", has_text="准予").get_attribute("value")
    )
    drawing.write(都不符合时走=granted or "")
    clerk.page.locator("[data-faults]").get_by_role("button", name="decided → 不予").click()
    drawing.write(什么时候走这条="decide == 'refuse'")
    clerk.page.locator("[data-faults]").get_by_text("没有走不通的地方").wait_for()
    clerk.press("保存并检查").visitor.sees("可以送审")


def _item(clerk: Clerk) -> None:
    """Every section of the guide that an item cannot be without; form, process and certificate are chosen already."""
    clerk.fill(
        lead__zh="开茶馆以前来登记，五个工作日办好。", lead__en="Register before you open a tea house."
    )
    clerk.fill(keywords__zh="茶馆\n喝茶的店", unit="scjg", type="20", handling_code="TEA-HOUSE-1").save()
    clerk.follow("服务对象").fill(
        target="individual", applicant__kinds="entity", themes__legal="准营准办"
    ).save()
    clerk.follow("怎么办")
    assert clerk.page.locator("main [name=form]").input_value() == f"{KEY}-form"
    clerk.fill(mode__case_type="承诺件", mode__procedure="前审后批", depth="Ⅳ")
    clerk.fill(**{"papers.grant-decision": f"{KEY}-paper"})
    clerk.fill(phones__consult="0889-6210315", phones__complaint="0889-6210300").save()
    clerk.follow("时限")
    for role in ("statutory", "promised", "delivery"):
        words = {
            "limit": "5wd",
            "text.zh": "5 个工作日",
            "source.zh": "本县茶馆管理办法第五条",
            "confidence": "M",
        }
        clerk.fill(**{f"limits.{role}.{word}": value for word, value in words.items()})
    clerk.save().follow("依据和条件").press("加一行 受理条件").fill(conditions__0__zh="有营业执照。")
    clerk.fill(remedies__review__body__zh="澄溪县人民政府", remedies__court__body__zh="澄溪县人民法院")
    clerk.press("加一项 设定依据").fill(
        basis__0__law__zh="本县茶馆管理办法", basis__0__article__zh="第三条"
    ).save()
    clerk.follow("依据和条件", within=".trail").follow("收费和结果")
    clerk.fill(result__name__zh="茶馆登记证", result__closing="出证办结", result__sample__zh="见样张").save()
    clerk.visitor.sees("可以送审").follow("看指南").sees("预览：还没有发布", "五个工作日办好").follow(
        "接着编辑"
    )


def _publish(visitor: Visitor, number: str) -> None:
    """The second person finds it in her inbox, looks at what is new and approves."""
    visitor.sign_in("studio2").follow("茶馆开业登记").follow("逐条看改了什么")
    visitor.page.locator("section", has_text="茶馆开业登记申请表").get_by_text("全部内容").click()
    visitor.sees("第一个自己做的事项", "消防安全谁负责").press("同意发布").sees("已经发布")


def _apply(visitor: Visitor) -> str:
    """The citizen finds the item by her own word, on her telephone, and applies for her shop; return the case's number."""
    visitor.go("/services/?q=喝茶的店").follow("茶馆开业登记").follow("开始办理")
    visitor.sign_in("citizen").press("开始填写").answer(shop_name="清心茶馆", area="80")
    visitor.page.keyboard.press("Tab")  # a large one is asked one thing more
    visitor.answer(keeper="李秀英").press("保存，下一步").sees("这件事不用您交材料").press("下一步")
    return submit(visitor)[0]


def _decide(devices: Devices, case: str) -> None:
    """The window receives, the chief grants."""
    complete(_patient(devices.new()).sign_in("window"), case, "受理")
    complete(_patient(devices.new()).sign_in("chief"), case, "准予")


def _has_the_certificate(visitor: Visitor, case: str) -> None:
    """She reads the county's own decision and downloads the certificate; her tea house stands on both."""
    visitor.go(f"/progress/{case}/").waits_for("已送达")
    assert "保持消防通道畅通" in paper_text(visitor, "茶馆登记决定书")
    visitor.go("/my/certificates/").follow("茶馆登记证")
    sheet = text_of(visitor.fetch(visitor.address_of("下载")))
    assert "茶馆登记证" in sheet and "清心茶馆" in sheet
