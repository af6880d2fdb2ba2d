"""A clerk of the data bureau draws a process in the browser; what is wrong is marked while it is drawn."""

from __future__ import annotations

import re

import pytest

from tests.support.browser import Devices

pytestmark = pytest.mark.browser
THING = "/desk/studio/process/of/small-catering-new/"


def test_a_step_is_added_named_given_to_somebody_and_saved(devices: Devices) -> None:
    clerk = devices.new().sign_in("studio1")
    clerk.go(THING).press("修改")
    page = clerk.page
    page.wait_for_selector("[data-modeler][data-ready]")
    faults, panel = page.locator("[data-faults]"), page.locator("[data-panel]")
    assert "没有走不通的地方" in faults.inner_text()
    first = page.locator(".djs-element.djs-shape[data-element-id=receive]")
    first.click()
    assert panel.get_by_label("名称", exact=True).input_value() == "收件核对"
    page.locator(".djs-context-pad .entry[data-action=append-user]").click()
    nobody = faults.get_by_text("经办人写法不对")
    nobody.wait_for()
    assert page.locator(".djs-element.has-fault[data-element-id=step_1]").count() == 1
    panel.get_by_label("名称", exact=True).fill("复核")
    page.keyboard.press("Tab")
    panel.get_by_label("怎么定").select_option("duty")
    panel.get_by_label("职责").select_option("services.review")
    nobody.wait_for(state="detached")
    clerk.press("保存并检查")
    page.wait_for_selector("[data-modeler][data-ready]")
    saved = re.search(
        r'<bpmn:userTask [^>]*id="step_1"[^>]*>', page.locator("textarea[name=xml]").input_value()
    )
    assert saved is not None
    assert 'name="复核"' in saved[0]
    assert 'tongban:holder="duty:services.review@unit"' in saved[0]
    assert page.locator(".djs-element.has-fault[data-element-id=step_1]").count() == 1
    assert clerk.errors == []


def test_without_script_the_file_is_pasted(devices: Devices) -> None:
    clerk = devices.new(script=False).sign_in("studio1")
    clerk.go("/desk/studio/process/of/food-licence-new/").press("修改")
    field = clerk.page.locator("textarea[name=xml]")
    field.fill(field.input_value().replace('name="收件核对"', 'name="收件"'))
    clerk.press("保存并检查")
    assert 'name="收件"' in field.input_value()
