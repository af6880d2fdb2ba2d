"""A message reaches the box at once and travels by e-mail, with its state."""

from __future__ import annotations

import email
import smtplib
from datetime import timedelta
from email.policy import default as modern

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from tongban.kernel.messages import channels, rules, service
from tongban.kernel.messages.errors import MessagePlaceMissing, MessageTemplateUnknown
from tongban.kernel.messages.models import Delivery, Message
from tongban.kernel.messages.tests.conftest import AT, OCCASION


def by_email() -> Delivery:
    return Delivery.objects.get(channel="email")


def jobs() -> list:
    return list(ProcrastinateJob.objects.filter(task_name="messages.deliver").order_by("id"))


def test_the_box_has_it_at_once_and_the_mail_waits_for_its_job(tell, citizen):
    tell()
    (row,) = service.inbox_of(citizen.person_id)
    assert (row.subject.zh, row.subject.en) == ("已受理：食品经营许可", "Accepted: Food licence")
    states = {d.channel: (d.state, d.sent_at) for d in service.deliveries_of(OCCASION)}
    assert states == {"in_app": ("sent", AT), "email": ("created", None)}
    assert [job.args for job in jobs()] == [{"delivery_id": by_email().pk}]


def test_the_mail_becomes_a_file_in_the_outbox_with_both_languages(tell, home):
    tell()
    service.deliver(delivery_id=by_email().pk, at=AT)
    (file,) = (home / "outbox" / "mail").glob("*.eml")
    mail = email.message_from_bytes(file.read_bytes(), policy=modern)
    text = mail.get_content()
    assert mail["To"] == "li@example.org"
    assert mail["Subject"] == "已受理：食品经营许可"
    assert "办件 CX-1 已受理" in text
    assert "Case CX-1 is accepted" in text
    assert "https://chengxi.example/my/cases/CX-1/" in text
    assert (by_email().state, by_email().sent_at) == ("sent", AT)


def test_sending_it_again_sends_nothing(tell, home):
    tell()
    service.deliver(delivery_id=by_email().pk, at=AT)
    service.deliver(delivery_id=by_email().pk, at=AT + timedelta(hours=1))
    assert by_email().attempts == 1
    assert by_email().sent_at == AT


def test_a_failing_server_is_tried_again_later_and_later_and_then_given_up(tell, settings, monkeypatch):
    settings.TONGBAN_SMTP_URL = "smtp://mail.invalid:25"
    secret = "550 no such user li@example.org"

    def refuse(*args, **options):
        raise smtplib.SMTPConnectError(421, secret)

    monkeypatch.setattr(channels.smtplib, "SMTP", refuse)
    tell()
    for attempt in range(1, rules.MAX_ATTEMPTS + 1):
        service.deliver(delivery_id=by_email().pk, at=AT)
        last = attempt == rules.MAX_ATTEMPTS
        assert (by_email().state, by_email().attempts) == ("failed" if last else "retried", attempt)
    assert (
        by_email().last_error == "SMTPConnectError"
    )  # and never the server's words, which may name a person
    waits = [job.scheduled_at for job in jobs()[1:]]
    assert len(waits) == rules.MAX_ATTEMPTS - 1
    assert waits == sorted(waits)
    service.retry(delivery_id=by_email().pk)
    assert (by_email().state, by_email().attempts) == ("retried", 0)


class Server:
    """Stands in for a mail server and remembers what it was told."""

    sent: list = []
    said: list = []

    def __init__(self, *args, **options) -> None:
        self.said.append(args)

    def __enter__(self):
        return self

    def __exit__(self, *args) -> None: ...

    def ehlo(self) -> bool:
        return True

    def has_extn(self, name: str) -> bool:
        return name == "starttls"

    def starttls(self, **options) -> None:
        self.said.append("starttls")

    def login(self, *args) -> None:
        self.said.append(args)

    def send_message(self, mail) -> None:
        self.sent.append(mail)


def test_the_mail_goes_by_smtp_over_tls_when_there_is_a_server(tell, settings, monkeypatch):
    settings.TONGBAN_SMTP_URL = "smtp://office:p%40ss@mail.example:587?from=office@chengxi.example"
    monkeypatch.setattr(channels.smtplib, "SMTP", Server)
    tell()
    service.deliver(delivery_id=by_email().pk, at=AT)
    assert Server.said == [("mail.example", 587), "starttls", ("office", "p@ss")]
    assert Server.sent[0]["From"] == "office@chengxi.example"
    assert by_email().state == "sent"


def test_words_with_line_breaks_make_no_header_of_their_own(tell, home):
    tell(context={"item": "x\r\nBcc: evil@example.org", "number": "1"})
    service.deliver(delivery_id=by_email().pk, at=AT)
    (file,) = (home / "outbox" / "mail").glob("*.eml")
    mail = email.message_from_bytes(file.read_bytes(), policy=modern)
    assert mail["Bcc"] is None


def test_a_person_without_address_gets_it_in_the_box_only(tell, citizen):
    tell(to_email="")
    assert [d.channel for d in service.deliveries_of(OCCASION)] == ["in_app"]
    assert jobs() == []


def test_somebody_without_account_gets_mail_only_and_nobody_gets_nothing(tell):
    message = tell(to_person=None, to_email="writer@example.org")
    assert [d.channel for d in message.deliveries.all()] == ["email"]
    assert tell(to_person=None) is None
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"template": "unknown"}, MessageTemplateUnknown), ({"context": {"item": "x"}}, MessagePlaceMissing)],
)
def test_words_that_are_missing_are_an_error_and_nothing_is_kept(tell, changes, error):
    with pytest.raises(error):
        tell(**changes)
    assert not Message.objects.exists()
    assert jobs() == []


def test_waiting_grows_from_a_minute_to_six_hours():
    waits = [rules.wait_before(attempt) for attempt in range(2, 9)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(minutes=1), timedelta(hours=6))
