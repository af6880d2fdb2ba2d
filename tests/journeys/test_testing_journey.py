"""A hygiene licence in testing: the clock stands still by its served notice, and everybody sees why (Licensing Law art. 45)."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.journeys import acts
from tests.support.browser import Devices, Visitor
from tests.support.scenes import HYGIENE_INSPECTION, Scenes

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
REPORT = {
    "report_number": "澄疾控检字（201）号",
    "sampled_on": TODAY,
    "tested_on": TODAY,
    "standard": "GB 37488—2019《公共场所卫生指标及限值要求》",
    "verdict": "pass",
    "signed_by": "普云霞",
}


def take_the_other_post(visitor: Visitor, post: str) -> None:
    """Change the post in which an official acts."""
    visitor.open("/desk/")
    visitor.page.locator("header summary, header [aria-haspopup], header button").filter(
        has_text=re.compile("杨雪梅")
    ).first.click()
    with visitor.page.expect_navigation(wait_until="load"):
        visitor.page.locator('form[action="/switch-post/"] button').filter(has_text=post).first.click()


def test_the_clock_stands_still_while_the_inn_is_tested(devices: Devices, scenes: Scenes) -> None:
    phone = devices.new(width=390)
    phone.open("/")
    phone.page.fill("main input[name=q]", "开客栈")
    with phone.page.expect_navigation():
        phone.page.press("main input[name=q]", "Enter")
    phone.sees("公共场所卫生许可（新办）")
    number, code = scenes.hygiene()

    # The clerk of two windows takes the other post; review, inspection and signature say that a test is needed.
    window = devices.new().sign_in("window")
    take_the_other_post(window, "卫生健康窗口")
    acts.complete(window, number, "受理", **acts.HANDLING["accept"])
    officer = devices.new().sign_in("health1")
    acts.complete(officer, number, "审查完成，要委托检测", **acts.HANDLING["document_review"])
    acts.complete(officer, number, "核查完成，请第二人签字", **HYGIENE_INSPECTION)
    acts.complete(devices.new().sign_in("health2"), number, "签字确认", agrees=True)
    acts.open_case(officer, number).sees_not("暂停中")  # the inspection counts

    # Without the time it takes nothing goes out; with it the notice is served and the clocks stand still.
    acts.open_do_form(officer, number, "发告知书，委托检测")
    officer.answer(subjects=["air", "articles"], sampling_on=TODAY)
    officer.page.locator("main form.sheet button.primary").click()
    officer.sees("检测需要多少个工作日").sees("请")
    acts.complete(
        officer,
        number,
        "发告知书，委托检测",
        subjects=["air", "articles"],
        sampling_on=TODAY,
        expected_days="8",
        remarks="采样时请有人在场，不用停业。",
    )
    acts.open_case(officer, number).sees("特别程序中", "暂停中", "特别程序告知书", "检测，出报告")

    # She sees on her phone, without signing in, that the clock stands still, why, since when and by which paper.
    acts.look_up(phone, number, code).sees("因检测停止计算", "接着算的时候还剩", "检测等特别程序")
    notice = acts.paper_text(phone, "特别程序告知书")
    for words in ("依法需要检测", "空气质量", "县疾病预防控制中心", "8个工作日", "不用停业", "第四十五条"):
        assert words in notice, words
    assert re.search(r"澄卫特〔\d{4}〕\d+号", notice)

    # The laboratory finds its commission on the desk and reports; the clock runs again.
    laboratory = devices.new().sign_in("lab")
    laboratory.open("/desk/")
    laboratory.sees(number)
    acts.complete(laboratory, number, "提交检测报告", **REPORT)
    acts.look_up(phone, number, code).sees("等待决定", "最晚").sees_not("因检测停止计算")

    chief = devices.new().sign_in("healthchief")
    acts.open_case(chief, number).sees("卫生检测报告", "所检项目全部合格", "剩 5 个工作日")
    acts.complete(chief, number, "准予许可", conditions_met=True)
    acts.look_up(phone, number, code).waits_for("已办结，结果已送达")
    for visitor in devices.visitors:
        assert visitor.errors == []
