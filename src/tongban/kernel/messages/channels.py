"""How a message leaves the house: a registry of channels, and the first one, e-mail.

E-mail goes by SMTP when ``TONGBAN_SMTP_URL`` is set (``smtp://user:password@host:587?from=office@example.org``; ``smtps://`` for
TLS from the first byte; plain ``smtp://`` uses STARTTLS where the server offers it), else into files under
``TONGBAN_HOME/outbox/mail``, one ``.eml`` each, for whoever carries them on.
"""

from __future__ import annotations

import os
import smtplib
import ssl
import tempfile
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlparse

from django.conf import settings

from tongban.base.registry import Registry
from tongban.base.text import LocalizedText
from tongban.kernel.messages.errors import ChannelUnavailable
from tongban.kernel.messages.models import Delivery, Message
from tongban.kernel.messages.words import words_of

__all__ = ["Channel", "EmailChannel", "channels"]

TIMEOUT_SECONDS = 20


class Channel(Protocol):
    """Takes one delivery out of the house."""

    def send(self, delivery: Delivery, *, at: datetime) -> None:
        """Send it. Raises ChannelUnavailable when trying again may help."""
        ...


class EmailChannel:
    """E-mail in both languages, plain text."""

    def send(self, delivery: Delivery, *, at: datetime) -> None:
        mail = self.compose(delivery, at=at)
        url = getattr(settings, "TONGBAN_SMTP_URL", "")
        if url:
            _by_smtp(mail, url)
        else:
            _to_file(mail, name=f"{delivery.pk}.eml")

    def compose(self, delivery: Delivery, *, at: datetime) -> EmailMessage:
        """Return the mail. Its Message-ID is that of the delivery, so a repetition can be recognised."""
        message = delivery.message
        subject, words = self._framed(message)
        mail = EmailMessage()
        mail["Subject"] = _one_line(subject.zh)
        mail["From"] = _sender()
        mail["To"] = delivery.address
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = f"<delivery-{delivery.pk}@{urlparse(settings.TONGBAN_PUBLIC_URL).hostname}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content("\n\n----\n\n".join(text for text in (words.zh, words.en) if text) + "\n")
        return mail

    def _framed(self, message: Message) -> tuple[LocalizedText, LocalizedText]:
        """Put the message into the frame of every e-mail (the words "email"): greeting, address, whose mail it is."""
        subject, body = words_of("email")
        values = {
            "name": message.person.name if message.person else "",
            "subject": message.subject,
            "body": message.body,
            "link": settings.TONGBAN_PUBLIC_URL + message.link,
        }
        return subject.format(**values), body.format(**values)


channels: Registry[Channel] = Registry("message channels")
channels.register("email", EmailChannel())


def _sender() -> str:
    query = parse_qs(urlparse(getattr(settings, "TONGBAN_SMTP_URL", "")).query)
    return query.get("from", [f"no-reply@{urlparse(settings.TONGBAN_PUBLIC_URL).hostname}"])[0]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _by_smtp(mail: EmailMessage, url: str) -> None:
    parts = urlparse(url)
    context = ssl.create_default_context()
    try:
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                parts.hostname or "", parts.port or 465, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            server = smtplib.SMTP(parts.hostname or "", parts.port or 25, timeout=TIMEOUT_SECONDS)
        with server:
            if parts.scheme == "smtp" and server.ehlo() and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(mail)
    except (OSError, smtplib.SMTPException) as error:
        # The class only: a server's words may repeat the address, and errors are kept.
        raise ChannelUnavailable(type(error).__name__) from error


def _to_file(mail: EmailMessage, *, name: str) -> None:
    folder = Path(settings.TONGBAN_HOME) / "outbox" / "mail"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".")
        with os.fdopen(handle, "wb") as out:
            out.write(mail.as_bytes())
        Path(temporary).replace(folder / name)
    except OSError as error:
        raise ChannelUnavailable(type(error).__name__) from error
