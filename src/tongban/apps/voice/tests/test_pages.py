"""The pages of the mailbox, without script: write, the receipt shown once, answered letters, the writer's
page.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tongban.apps.voice.models import Letter
from tongban.apps.voice.tests.world import LETTER, World, on
from tongban.base.time import freeze
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.models import Case

POST = {**LETTER, "may_publish": "true", "send_key": "page-1"}


@pytest.fixture(autouse=True)
def moment() -> Any:
    with freeze(on("2026-03-10")):
        yield


def send(client: Client, **changes: str) -> Any:
    return client.post(reverse("voice:write"), {**POST, **changes})


def test_a_stranger_writes_and_gets_number_and_code_once(client: Client, world: World) -> None:
    page = client.get(reverse("voice:write"))
    assert page.status_code == 200
    assert 'name="send_key"' in page.content.decode()
    assert send(client).url == reverse("voice:sent")
    receipt = client.get(reverse("voice:sent")).content.decode()
    number = Case.objects.get().number
    main = receipt.partition("<main")[2].partition("</main>")[0]  # the foot has a ten-digit number too
    [code] = re.findall(r">(\d{10})<", main)
    assert number in receipt
    assert cases.find_by_code(number, code)
    assert client.get(reverse("voice:sent")).url == reverse("cases:progress")
    assert client.get(reverse("cases:track", args=[number])).status_code == 200
    assert Client().get(reverse("cases:track", args=[number])).status_code == 302


def test_what_was_typed_comes_back_with_what_is_wrong(client: Client, world: World) -> None:
    page = send(client, title="短", phone="123")
    assert page.status_code == 422
    html = page.content.decode()
    assert LETTER["body"] in html
    assert "#f-title" in html and "#f-phone" in html
    assert not Case.objects.exists()


def test_sending_the_page_twice_leads_to_the_one_letter(client: Client, world: World) -> None:
    send(client)
    number = Case.objects.get().number
    assert send(client).url == reverse("cases:track", args=[number])
    assert Letter.objects.count() == 1


def test_a_signed_in_citizen_is_not_asked_for_her_name(client: Client, world: World) -> None:
    from tongban.kernel.identity.models import Account

    client.force_login(Account.objects.get(username="citizen"))
    html = client.get(reverse("voice:write")).content.decode()
    assert 'name="name"' not in html
    assert "木*生" in html
    values = {key: value for key, value in POST.items() if key != "name"}
    assert client.post(reverse("voice:write"), values).url == reverse("voice:sent")
    assert Case.objects.get().applicant_name == "木易生"


def test_answered_letters_are_listed_found_and_shown_masked(client: Client, world: World) -> None:
    sent = world.answered()
    for query in ("", "?q=路灯", "?topic=complaint"):
        assert sent.number in client.get(reverse("voice:letters") + query).content.decode()
    assert sent.number not in client.get(reverse("voice:letters") + "?q=医保").content.decode()
    html = client.get(reverse("voice:letter", args=[sent.number])).content.decode()
    assert "木某" in html
    for secret in ("木易生", "13812344471"):
        assert secret not in html


@pytest.mark.parametrize("number", ["LX-2026-0302-9999", "x"])
def test_an_unpublished_letter_and_none_look_the_same(client: Client, world: World, number: str) -> None:
    private = world.write(may_publish=False)
    for asked in (private.number, number):
        page = client.get(f"/letters/{asked}/")
        assert page.status_code == 404
        assert LETTER["title"] not in page.content.decode()


def test_the_writer_is_led_from_an_unpublished_letter_to_her_own_page(client: Client, world: World) -> None:
    send(client)
    number = Case.objects.get().number
    assert client.get(reverse("voice:letter", args=[number])).url == reverse("cases:track", args=[number])


def test_the_writer_reads_the_answer_and_reopens_by_code(client: Client, world: World) -> None:
    sent = world.answered()
    client.post(reverse("cases:progress"), {"number": sent.number, "code": sent.code})
    html = client.get(reverse("cases:track", args=[sent.number])).content.decode()
    assert "路灯已经修好" in html
    [reopen] = {link for link in re.findall(r'href="([^"]*outcome=[a-z]+)"', html) if link.endswith("reopen")}
    assert client.get(reopen).status_code == 200
    assert client.post(reopen, {"outcome": "reopen", "reason": ""}).status_code == 422
    assert client.post(reopen, {"outcome": "reopen", "reason": "还有一盏不亮，请再看看。"}).status_code == 302
    assert cases.find_by_number(sent.number).state == "assigning"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_asks_for_more_than_a_few_queries(
    client: Client, world: World, language: str, django_assert_max_num_queries: Any
) -> None:
    sent = world.answered()
    client.cookies["django_language"] = language
    for url, most in ((reverse("voice:letters"), 12), (reverse("voice:letter", args=[sent.number]), 12)):
        with django_assert_max_num_queries(most):
            assert client.get(url).status_code == 200


def test_the_home_page_shows_answered_letters(client: Client, world: World) -> None:
    sent = world.answered()
    assert sent.number in client.get("/").content.decode()


def test_reopening_is_offered_once_only(client: Client, world: World) -> None:
    from tongban.apps.voice.tests.world import code_actor

    sent = world.answered()
    world.act(code_actor(sent.case_id), sent.number, "reopen", "2026-03-05", {"reason": "还有一盏不亮。"})
    world.act(world.office, sent.number, "assign", "2026-03-05", {"unit": "zjj"})
    world.act(
        world.housing,
        sent.number,
        "answer",
        "2026-03-06",
        {"text": "剩下的一盏也修好了，给您添麻烦了，请谅解。"},
    )
    world.act(world.office, sent.number, "keep_private", "2026-03-06")
    client.post(reverse("cases:progress"), {"number": sent.number, "code": sent.code})
    html = client.get(reverse("cases:track", args=[sent.number])).content.decode()
    assert "outcome=satisfied" in html
    assert "outcome=reopen" not in html


def test_the_office_checks_masks_and_publishes_on_the_desk(client: Client, world: World) -> None:
    from tongban.kernel.identity.models import Account
    from tongban.kernel.processes import service as processes

    sent = world.write()
    case = cases.find_by_number(sent.number)

    def outcome_page(name: str) -> str:
        [task] = [task for task in processes.tasks_of(case.instance_id) if task.state == "open"]
        return reverse("cases:outcome", args=[task.id, name])

    client.force_login(Account.objects.get(username="office"))
    assign = outcome_page("assign")
    assert "县住建局" in client.get(assign).content.decode()
    assert client.post(assign, {"unit": "zjj"}).status_code == 302
    world.act(
        world.housing,
        sent.number,
        "answer",
        "2026-03-03",
        {"text": "路灯已经修好，共换了三个灯头，请您放心。"},
    )
    assert "待核对的答复" in client.get(reverse("cases:case", args=[sent.number])).content.decode()

    publish = outcome_page("publish")
    begin = client.get(publish).content.decode()
    assert "我叫木某" in begin and "13812344471" not in begin
    refused = client.post(publish, {"title": "路灯", "body": "请打13812344471找我", "answer": "修好了"})
    assert refused.status_code == 422
    html = refused.content.decode()
    assert "138****4471" in html and "#f-body" in html
    assert "请打13812344471找我" in html  # what she typed is kept for her to correct
    assert client.post(publish, {"title": "路灯", "body": "灯坏了", "answer": "修好了"}).status_code == 302
    assert "灯坏了" in Client().get(reverse("voice:letter", args=[sent.number])).content.decode()
