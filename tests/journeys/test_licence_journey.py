"""A licence, from the words in the search box to the signed certificate, as the people involved do it in their browsers."""

from __future__ import annotations

import re

from tests.journeys import acts
from tests.support.browser import Devices, Visitor
from tests.support.site import Site

FIRM = "澄溪县城关镇李记米线店"


def official(devices: Devices, username: str) -> Visitor:
    return devices.new().sign_in(username)


def test_from_search_to_signed_certificate(devices: Devices, site: Site) -> None:
    root = site.installation.home / "secrets/ca/root.pem"
    # Home: her own words, one question, one answer.
    phone = devices.new(width=390)
    phone.open("/")
    phone.page.fill("main input[name=q]", "开小吃店")
    with phone.page.expect_navigation():
        phone.page.press("main input[name=q]", "Enter")
    phone.follow("答一个问题，找到该办哪个")
    phone.answer(area="80").press("看看该办哪个").sees("您要办的是：食品经营许可（新办）")
    phone.follow("看怎么办")
    phone.sees(
        "什么条件能办",
        "要准备什么",
        "法定：受理之日起 10 个工作日内作出决定",
        "不收费",
        "凭什么这么办",
        "常有人问",
    )

    # She signs in on the way and applies for her firm.
    phone.follow("开始办理").sign_in("citizen").sees(FIRM)
    application = acts.begin(phone)

    # What the government holds is there, with source and time; "this is wrong" reaches who keeps the register.
    assert phone.path == acts.form_address(application, "applicant")
    phone.sees("李秀英", "人口基础库", "有误？").sees_not("532399198510271020")
    phone.follow("有误？")
    phone.answer(note="门牌号已经换了").press("告诉登记单位").sees("已经告诉登记单位")
    phone.open(acts.form_address(application, "entity"))
    phone.sees(FIRM, "法人基础库", "92532399MA10000099")

    # She begins, saves for later, and goes on at another device.
    acts.fill_pages(phone, application, "premises")
    phone.answer(format="catering", projects=["hot"]).press("存下来，下次再填")
    assert phone.path == "/my/"
    computer = devices.new().sign_in("citizen")
    computer.open("/my/")
    with computer.page.expect_navigation():
        computer.page.locator(f'main a[href*="{application.split("/")[3]}"]').click()
    assert computer.path == acts.form_address(application, "business"), "not where she left off"
    assert computer.page.locator("main input[name=projects][value=hot]").is_checked()
    acts.fill_pages(computer, application, "business", "safety", "delivery")
    acts.bring_materials(computer, application)
    computer.sees("提交前请核对一遍", "80", "热食类制售")
    number, code = acts.submit(computer)
    assert re.fullmatch(r"CX-\d{4}-\d{4}-\d{4}", number)
    assert re.fullmatch(r"\d{10}", code)
    receipt = acts.paper_text(computer, "收件凭证")
    assert number in receipt
    assert acts.is_intact(acts.pdf_of(computer, "收件凭证"), root)

    # The window finds it on the desk and asks once for what is missing.
    window = official(devices, "window")
    window.open("/desk/")
    window.sees(number)
    acts.complete(
        window, number, "一次告知补正", missing=["safety_rules"], what="管理制度里没有写谁负责消毒，请补上。"
    )
    computer.open(f"/progress/{number}/")
    assert "谁负责消毒" in acts.paper_text(computer, "补正告知书")
    acts.look_up(phone, number, code).sees("请您补正")

    # She corrects; the window cannot ask a second time, accepts, and the notice says until when.
    computer.open(f"/progress/{number}/")
    computer.follow("现在去补正").press("补正完毕，交上去")
    acts.open_case(window, number).sees_not("一次告知补正…")
    acts.complete(window, number, "受理", checked=["competence", "applicant", "complete", "form"])
    computer.open(f"/progress/{number}/")
    assert "受理" in acts.paper_text(computer, "受理通知书")
    computer.sees("最晚")

    # Review and inspection run in parallel; the second signature is somebody else's.
    officer = official(devices, "officer1")
    acts.complete(officer, number, "提交审查意见", **acts.HANDLING["document_review"])
    acts.complete(officer, number, "核查完成，请第二人签字", **acts.INSPECTION)
    acts.open_case(officer, number)
    assert officer.page.get_by_role("button", name="签字确认").count() == 0
    second = official(devices, "officer2")
    acts.complete(second, number, "签字确认", agrees=True)

    # The chief grants; the worker makes the certificate; she follows with and without signing in.
    chief = official(devices, "chief")
    acts.complete(chief, number, "准予许可", conditions_met=True)
    acts.look_up(phone, number, code).waits_for("已办结，证照已送达")
    computer.open(f"/progress/{number}/")
    assert "准予" in acts.paper_text(computer, "准予行政许可决定书")
    computer.open("/my/certificates/")
    certificate = computer.fetch(computer.address_of("下载"))
    assert acts.is_intact(certificate, root)
    assert FIRM in acts.text_of(certificate)

    # Anybody who scans it learns that it is real and valid.
    stranger = devices.new(width=390)
    stranger.open(computer.address_of("验真页"))
    stranger.sees("这张证照真实有效", FIRM)

    # She rates it, and that was all: no error in any browser.
    computer.open(f"/progress/{number}/")
    computer.follow("评价这次服务")
    computer.answer(level="1", text="补正说得很清楚").press("提交评价").sees("谢谢您的评价")
    for visitor in devices.visitors:
        assert visitor.errors == []
