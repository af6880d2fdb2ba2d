"""A licence, from the words in the search box to the signed certificate, as the people involved do it in their browsers."""

from __future__ import annotations

import re
from typing import Any

from tests.journeys import acts
from tests.support import scenes as scenes_of
from tests.support.browser import Devices, Visitor
from tests.support.scenes import Scenes
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
    acts.look_up(phone, number, code).waits_for("已办结，结果已送达")
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


def test_a_refusal_gives_reasons_and_remedies(devices: Devices, scenes: Scenes) -> None:
    number, code = scenes.brought_to(scenes_of.REVIEWED)
    reason = "2026年11月20日到店核查，后厨没有上下水，洗消设施不能用，不符合第三十三条的要求。"
    chief = official(devices, "chief")
    acts.complete(chief, number, "不予许可", reasons=reason, legal_basis="《食品安全法》第三十三条")
    citizen = devices.new(width=390)
    acts.look_up(citizen, number, code).sees("未准予")
    decision = acts.paper_text(citizen, "不予行政许可决定书")
    assert "洗消设施不能用" in decision
    assert "《食品安全法》第三十三条" in decision
    assert "行政复议" in decision
    assert "行政诉讼" in decision
    assert "人民法院" in decision
    acts.open_case(chief, number).sees("这件事已经办结")


def test_what_is_not_ours_is_not_accepted_and_she_is_told_where_to_go(
    devices: Devices, scenes: Scenes
) -> None:
    number, code = scenes.submitted()
    window = official(devices, "window")
    acts.complete(
        window,
        number,
        "不予受理",
        ground="not_competent",
        reason="店在邻县。",
        where_to_go="请到邻县政务服务大厅办理。",
    )
    citizen = devices.new()
    acts.look_up(citizen, number, code).sees("不予受理")
    assert "请到邻县政务服务大厅办理" in acts.paper_text(citizen, "不予受理通知书")


def test_she_withdraws_before_the_decision(devices: Devices, scenes: Scenes) -> None:
    number, _ = scenes.brought_to(scenes_of.ACCEPTED)
    citizen = devices.new(width=390).sign_in("citizen")
    citizen.open(f"/progress/{number}/")
    citizen.follow("撤回申请").answer(reason="先不开店了")
    citizen.press("撤回申请").sees("您已撤回")
    assert number in acts.paper_text(citizen, "撤回申请确认书")
    acts.open_case(official(devices, "officer1"), number).sees("已撤回", "这件事已经办结")


def test_the_chief_extends_once_and_says_why(devices: Devices, scenes: Scenes) -> None:
    number, code = scenes.brought_to(scenes_of.ACCEPTED)
    before = statutory_clock(scenes, number)
    acts.open_case(official(devices, "officer1"), number).sees("要由本机关负责人批准")
    chief = official(devices, "chief")
    acts.open_case(chief, number).follow("延长办理时限…")
    chief.answer(reason="要等专间改造验收，按期办不完。").press("延长办理时限").sees("已经延长过一次")
    after = statutory_clock(scenes, number)
    assert after["due_on"] > before["due_on"]
    assert "延长" in after["derivation"]["zh"]
    citizen = devices.new()
    acts.look_up(citizen, number, code)
    assert "专间改造验收" in acts.paper_text(citizen, "延长期限告知书")


def statutory_clock(scenes: Scenes, number: str) -> dict[str, Any]:
    clocks = scenes.as_("citizen").get(f"/cases/{number}").json["clocks"]
    found = [clock for clock in clocks if clock["key"] == "statutory"]
    assert found, clocks
    return dict(found[0])


def test_in_english(devices: Devices) -> None:
    visitor = devices.new()
    visitor.open("/")
    visitor.follow("English", within="body")  # her choice is kept, whatever her account says
    visitor.page.fill("main input[name=q]", "snack bar")
    with visitor.page.expect_navigation():
        visitor.page.press("main input[name=q]", "Enter")
    visitor.sees("Food business licence")
    visitor.page.locator('main a[href*="/services/find/"]').first.click()
    visitor.page.fill("main [name=area]", "80")
    with visitor.page.expect_navigation():
        visitor.page.locator("main form button.primary").click()
    visitor.page.locator('main a[href$="/services/items/food-licence/"]').click()
    visitor.page.wait_for_url("**/services/items/food-licence/")
    visitor.sees("10 working days")
    visitor.page.locator('main a.btn.primary[href*="/apply/"]').first.click()
    visitor.page.wait_for_url("**/sign-in/**")
    visitor.sign_in("citizen")
    with visitor.page.expect_navigation():
        visitor.page.locator("main form button.primary").click()
    visitor.sees("Population register", "This is wrong", "Registered address")
    application = "/".join(visitor.path.split("/")[:4]) + "/"
    for page in acts.ANSWERS:
        visitor.open(acts.form_address(application, page))
        visitor.answer(**acts.ANSWERS[page])
        with visitor.page.expect_navigation():
            visitor.page.locator("main form button[name=next]").click()
    visitor.sees("Documents")
    assert visitor.errors == []


def test_without_javascript(devices: Devices) -> None:
    citizen = devices.new(width=390, script=False).sign_in("citizen")
    application = acts.fill_everything(citizen)
    citizen.open(f"{application}check/")
    number, code = acts.submit(citizen)
    acts.look_up(devices.new(script=False), number, code).sees("等待受理", number)
    window = devices.new(script=False).sign_in("window")
    acts.complete(window, number, "受理", checked=["competence", "applicant", "complete", "form"])
    citizen.open(f"/progress/{number}/")
    assert number in acts.paper_text(citizen, "受理通知书")
