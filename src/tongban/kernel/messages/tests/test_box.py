"""The box: one's own messages, and nobody else's."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.kernel.identity.service import put_account, put_person
from tongban.kernel.messages import service
from tongban.kernel.messages.errors import MessageNotFound
from tongban.kernel.messages.models import Message
from tongban.kernel.messages.tests.conftest import AT


@pytest.fixture
def signed_in(client, citizen):
    account = put_account(
        actor=Actor.system("pack"),
        username="citizen",
        kind="citizen",
        password="demo-1234",
        person_id=citizen.person_id,
        at=AT,
    )
    client.force_login(account)
    return client


def test_reading_marks_once_and_counts_down(tell, citizen):
    first, _ = tell(), tell()
    assert service.unread_count(citizen) == 2
    service.mark_read(actor=citizen, message_id=first.pk, at=AT)
    assert service.unread_count(citizen) == 1
    assert service.mark_all_read(actor=citizen, at=AT) == 1
    assert service.unread_count(citizen) == 0


@pytest.mark.parametrize("actor", [Actor.stranger(), Actor(person_id=uuid4())])
def test_a_strangers_hand_opens_nothing(tell, actor):
    message = tell()
    with pytest.raises(MessageNotFound):
        service.mark_read(actor=actor, message_id=message.pk, at=AT)
    assert service.mark_all_read(actor=actor, at=AT) == 0
    assert Message.objects.get().read_at is None
    assert service.unread_count(actor) == 0
    assert list(service.box_for(actor)) == []


def test_the_pages_show_list_and_message(signed_in, tell):
    message = tell()
    page = signed_in.get(reverse("messages:list")).content.decode()
    assert "已受理：食品经营许可" in page
    assert "未读" in page
    opened = signed_in.get(reverse("messages:message", args=[message.pk])).content.decode()
    assert 'href="/my/cases/CX-1/"' in opened
    assert "未读" not in signed_in.get(reverse("messages:list")).content.decode()


def test_an_empty_box_says_what_will_come(signed_in):
    assert "还没有消息" in signed_in.get(reverse("messages:list")).content.decode()


def test_everything_is_marked_read_by_post_only(signed_in, tell, citizen):
    tell()
    assert signed_in.get(reverse("messages:read-all")).status_code == 405
    assert signed_in.post(reverse("messages:read-all")).status_code == 302
    assert service.unread_count(citizen) == 0


def test_who_has_not_signed_in_is_sent_to_do_so(client, tell, settings):
    settings.LOGIN_URL = "/sign-in/"
    message = tell()
    for address in (reverse("messages:list"), reverse("messages:message", args=[message.pk])):
        answer = client.get(address)
        assert answer.status_code == 302
        assert address in answer.url


def test_somebody_elses_message_is_not_found(signed_in, tell, words):
    other = put_person(actor=Actor.system("pack"), name="王大山", at=AT)
    message = tell(to_person=other.pk)
    assert signed_in.get(reverse("messages:message", args=[message.pk])).status_code == 404
    assert Message.objects.get(pk=message.pk).read_at is None


def test_a_long_box_has_pages(signed_in, tell):
    for number in range(25):
        tell(context={"item": LocalizedText(f"事项{number}"), "number": "1"}, to_email="")
    first = signed_in.get(reverse("messages:list")).content.decode()
    second = signed_in.get(reverse("messages:list"), {"page": "2"}).content.decode()
    assert first.count("已受理：") == 20
    assert second.count("已受理：") == 5
