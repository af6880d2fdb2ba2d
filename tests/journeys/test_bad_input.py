"""What goes wrong: every time a clear answer, nothing lost, nothing leaked, nothing done twice."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

from tests.journeys import acts
from tests.support import scenes as scenes_of
from tests.support.browser import Devices, Visitor
from tests.support.scenes import Scenes, good
from tests.support.site import Answer

MEGABYTE = 1024 * 1024


def put_up(visitor: Visitor, material: str, name: str, content: bytes) -> None:
    """Choose a file for a material and upload it."""
    visitor.page.locator(f"main input[name=material-{material}]").set_input_files(
        {"name": name, "mimeType": "application/pdf", "buffer": content}
    )
    visitor.press("先上传，留在这页")


def test_a_wrong_id_number_is_named_and_the_rest_kept(devices: Devices, scenes: Scenes) -> None:
    application = f"/services/applications/{scenes.draft()}/"
    citizen = devices.new(width=390).sign_in("citizen")
    citizen.open(acts.form_address(application, "applicant") + "?open=applicant_id")
    citizen.answer(applicant_id="532399198510271021", phone="13800001111").press("保存，下一步")
    assert citizen.path.startswith(acts.form_address(application, "applicant"))
    summary = citizen.page.locator("main .error-summary")
    assert "身份证号" in summary.inner_text()
    assert citizen.page.locator("main [name=applicant_id]").input_value() == "532399198510271021"
    assert citizen.page.locator("main [name=phone]").input_value() == "13800001111"
    with_link = summary.get_by_role("link").first.get_attribute("href") or ""
    assert citizen.page.locator(with_link).count() == 1, "the summary leads to the field"
    citizen.answer(applicant_id="532399198510271020", phone="13812345678").press("保存，下一步")
    assert citizen.path == acts.form_address(application, "entity"), citizen.text


def test_files_that_are_refused_say_why_and_the_others_stay(devices: Devices, scenes: Scenes) -> None:
    application = f"/services/applications/{scenes.draft()}/"
    citizen = devices.new().sign_in("citizen")
    citizen.open(f"{application}materials/")
    before = citizen.page.locator("main .file").count()
    put_up(citizen, "layout_plan", "large.pdf", b"%PDF-1.7\n" + b"0" * 30 * MEGABYTE)
    citizen.sees("20 MB")
    assert citizen.page.locator("main .error-summary").count() == 1
    citizen.open(f"{application}materials/")
    put_up(citizen, "layout_plan", "plan.pdf", b"MZ\x90\x00\x03" + b"\x00" * 2000)
    assert citizen.page.locator("main .error-summary").count() == 1, citizen.text
    citizen.open(f"{application}materials/")
    assert citizen.page.locator("main .file").count() == before, (
        "what was there stays, what was refused is not kept"
    )


def test_submitting_in_two_tabs_makes_one_case(devices: Devices, scenes: Scenes) -> None:
    application = f"/services/applications/{scenes.draft()}/"
    first = devices.new().sign_in("citizen")
    first.open(f"{application}check/")
    second = Visitor(first.page.context.new_page(), first.base)
    second.open(f"{application}check/")
    number, code = acts.submit(first)
    second.press("确认，提交申请").sees("申请已提交", number)
    case = good(scenes.as_("citizen").get(f"/cases/{number}"))
    assert [paper["template"] for paper in case["papers"]] == ["receipt"]
    acts.look_up(devices.new(), number, code).sees(number)


def test_a_session_that_ends_in_the_middle_of_a_form_loses_nothing(devices: Devices, scenes: Scenes) -> None:
    application = f"/services/applications/{scenes.draft()}/"
    citizen = devices.new().sign_in("citizen")
    citizen.open(acts.form_address(application, "premises"))
    citizen.page.context.clear_cookies(name="sessionid")
    citizen.answer(area="91", seats="44").press("保存，下一步")
    assert "/sign-in/" in citizen.path
    citizen.sign_in("citizen")
    assert citizen.path.startswith(acts.form_address(application, "premises"))
    assert citizen.page.locator("main [name=area]").input_value() == "91"
    assert citizen.page.locator("main [name=seats]").input_value() == "44"
    citizen.press("保存，下一步")
    data = good(scenes.as_("citizen").get(f"/applications/{application.split('/')[3]}"))["data"]
    assert (data["area"], data["seats"]) == (91, 44)


def test_of_two_clerks_exactly_one_completes_a_task(devices: Devices, scenes: Scenes) -> None:
    number, _ = scenes.brought_to(scenes_of.ACCEPTED)
    # On the pages: the slower one is told who did it, and her words are kept.
    first, second = devices.new().sign_in("officer1"), devices.new().sign_in("officer2")
    for officer in (first, second):
        acts.open_do_form(officer, number, "提交审查意见")
        officer.answer(**acts.HANDLING["document_review"])
    for officer in (first, second):
        with officer.page.expect_navigation():
            officer.page.locator("main form.sheet button.primary").click()
    assert not re.search(r"/desk/tasks/\d+/", first.path), first.text
    second.sees("周敏")
    # Through the API, really at the same time.
    task = scenes.task("officer1", number, "inspect")
    body = {"outcome": "submit", "data": scenes_of.INSPECTION}
    people = ["officer1", "officer2"]
    apis = [scenes.as_(who) for who in people]
    with ThreadPoolExecutor(2) as pool:
        answers: list[Answer] = list(pool.map(lambda api: api.post(f"/tasks/{task}/complete", body), apis))
    assert sorted(answer.status for answer in answers) == [200, 409]
    winner = {"officer1": "周敏", "officer2": "罗建平"}[people[[a.status for a in answers].index(200)]]
    loser = next(answer for answer in answers if answer.status == 409)
    assert loser.json["by"] == winner
    acts_of_it = [
        a
        for a in good(scenes.as_("officer1").get(f"/cases/{number}"))["acts"]
        if "inspect" in str(a["facts"])
    ]
    assert len([a for a in acts_of_it if a["verb"] == "cases.complete_task"]) == 1


def test_a_strangers_case_number_tells_nothing(devices: Devices, scenes: Scenes) -> None:
    number, _ = scenes.submitted()
    for visitor in (devices.new(), devices.new().sign_in("rep")):
        visitor.open(f"/progress/{number}/")
        assert visitor.path.startswith("/progress/?"), "asked for the code, whoever asks"
        visitor.sees_not("李", "米线店")
        said = []
        for tried in (number, "CX-2026-0101-9999"):
            acts.look_up(visitor, tried, "0000000000")
            said.append(visitor.page.locator("main .error-summary").inner_text())
            visitor.sees_not("米线店")
        assert said[0] == said[1], "a number that exists is answered like one that does not"
    rep = devices.visitors[-1]
    rep.open(f"/my/cases/{number}/")
    assert rep.path.startswith("/progress/?"), rep.path
    assert rep.open(f"/desk/cases/{number}/") == 404
    assert rep.open(f"/services/rate/{number}/") in {302, 404} or "/progress/" in rep.path
    rep.sees_not("米线店")
    wrong_bureau = devices.new().sign_in("bureau")
    assert wrong_bureau.open(f"/desk/cases/{number}/") == 404
    wrong_bureau.sees_not("米线店")
