"""Looks at what others run for us: time-stamping authority, mail, malware scanner, the certificate of https."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from urllib.parse import urlparse

from tongban.base.text import LocalizedText as T
from tongban.main.doctor.findings import FAULT, OK, WARNING, Finding, ok
from tongban.main.environment import PRODUCTION, Environment

__all__ = ["look_at_mail", "look_at_scanner", "look_at_tls"]


def look_at_mail(environment: Environment) -> Iterator[Finding]:
    server = urlparse(environment.smtp_url)
    if not server.hostname:
        level = FAULT if environment.env == PRODUCTION else WARNING
        yield Finding(
            "mail",
            level,
            T("没有邮件服务器，邮件写在 outbox/mail", "no mail server: mail is written to outbox/mail"),
            T("设 TONGBAN_SMTP_URL", "set TONGBAN_SMTP_URL"),
        )
        return
    import socket

    host, port = server.hostname, server.port or (465 if server.scheme == "smtps" else 25)
    try:
        with socket.create_connection((host, port), timeout=5):
            yield ok("mail", f"{host}:{port} 接得通", f"{host}:{port} answers")
    except OSError as error:
        yield Finding(
            "mail",
            FAULT,
            T(f"{host}:{port} 接不通：{error}", f"{host}:{port} does not answer: {error}"),
            T("检查 TONGBAN_SMTP_URL 和防火墙", "check TONGBAN_SMTP_URL and the firewall"),
        )


def look_at_scanner(environment: Environment) -> Iterator[Finding]:
    from tongban.kernel.files import clamd

    if not environment.clamd:
        level = WARNING if environment.env == PRODUCTION else OK
        yield Finding(
            "scanner",
            level,
            T("没有接病毒查杀", "uploads are not scanned for malware"),
            None if level == OK else T("装好 clamd，设 TONGBAN_CLAMD", "install clamd and set TONGBAN_CLAMD"),
        )
        return
    try:
        version = clamd.ping(environment.clamd)
    except clamd.ScannerAway as away:
        yield Finding(
            "scanner",
            FAULT,
            T(f"{environment.clamd} 没有回应：{away}", f"{environment.clamd} does not answer: {away}"),
            T("启动 clamd，检查 TONGBAN_CLAMD", "start clamd, check TONGBAN_CLAMD"),
        )
    else:
        yield ok("scanner", version, version)


def look_at_tls(environment: Environment) -> Iterator[Finding]:
    """The certificate that people's browsers see, where the address is https."""
    address = urlparse(environment.public_url)
    if address.scheme != "https" or not address.hostname:
        return
    import socket

    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection((address.hostname, address.port or 443), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname=address.hostname) as wrapped,
        ):
            end = ssl.cert_time_to_seconds(str((wrapped.getpeercert() or {})["notAfter"]))
    except (OSError, KeyError) as error:
        yield Finding(
            "https",
            WARNING,
            T(
                f"从本机看不到 {address.hostname} 的证书：{error}",
                f"the certificate of {address.hostname} cannot be seen from here: {error}",
            ),
            T("在外面的机器上检查", "look from another machine"),
        )
        return
    days = (end - time.time()) / 86400
    level = FAULT if days < 0 else WARNING if days < 21 else OK
    yield Finding(
        "https",
        level,
        T(f"证书还有 {days:.0f} 天", f"the certificate has {days:.0f} days left"),
        None if level == OK else T("更新证书", "renew it"),
    )
