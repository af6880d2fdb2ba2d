"""The one root of everything that Tongban refuses.

A subclass is one kind of refusal with a stable ``code``. One handler (``tongban.main.problems``) turns it into
an RFC 9457 problem document for the API or into a page for people. Anything else that is raised is a bug.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.http import HttpResponseBase

from tongban.base.text import LocalizedText

__all__ = [
    "Busy",
    "Conflict",
    "Forbidden",
    "Invalid",
    "KeyReused",
    "Malformed",
    "NotFound",
    "NulRefused",
    "ServerError",
    "SpreadsheetRefused",
    "TongbanError",
    "TooManyRequests",
    "Unavailable",
    "say_when",
]


class TongbanError(Exception):
    """A refusal that a person can understand.

    ``code`` is stable and part of the API; ``title`` says what happened in both languages; ``status`` is the HTTP
    status; ``data`` holds facts for the caller (never personal data, never a secret).
    """

    code = "error"
    title = LocalizedText(zh="出错了", en="Something went wrong")
    status = 400

    def __init__(self, detail: LocalizedText | str | None = None, **data: Any) -> None:
        self.detail = detail
        self.data = data
        super().__init__(str(detail or self.title))


Answer = TypeVar("Answer", bound=HttpResponseBase)


def say_when(answer: Answer, error: TongbanError | None) -> Answer:
    """Add ``Retry-After`` (RFC 9110) to an answer that tells somebody to come again."""
    if error is not None and "retry_after" in error.data:
        answer["Retry-After"] = str(error.data["retry_after"])
    return answer


class NotFound(TongbanError):
    """No such thing, or a thing that this actor may not know of: the answer is the same on purpose."""

    code = "not-found"
    title = LocalizedText(zh="没有找到", en="Not found")
    status = 404


class Forbidden(TongbanError):
    """The actor may know of the thing, but may not do this with it."""

    code = "forbidden"
    title = LocalizedText(zh="您不能做这个操作", en="You may not do this")
    status = 403


class Conflict(TongbanError):
    """The thing changed in between, or is in a state in which this cannot be done."""

    code = "conflict"
    title = LocalizedText(zh="情况已经变化", en="The situation has changed")
    status = 409


class Invalid(TongbanError):
    """The input is wrong. ``data["errors"]`` is a list of ``{"field", "message": {"zh", "en"}}``."""

    code = "invalid"
    title = LocalizedText(zh="有内容要改一下", en="Some answers need correcting")
    status = 422


class KeyReused(Conflict):
    """The same Idempotency-Key came with another body."""

    code = "idempotency-key-reused"
    title = LocalizedText(
        zh="同一个幂等键用在了不同的请求上", en="This Idempotency-Key was used for another request"
    )


class NulRefused(TongbanError):
    """The request contains a NUL character, which no name, number or text of ours has."""

    code = "nul-character"
    title = LocalizedText(
        zh="请求里有不能用的字符", en="The request contains a character that cannot be used"
    )
    status = 400


class TooManyRequests(TongbanError):
    """More than one person or program needs in a while. ``data["retry_after"]`` says in how many seconds to come again."""

    code = "too-many-requests"
    title = LocalizedText(
        zh="这里的请求太多了，请过一会儿再来", en="Too many requests from here; please try again later"
    )
    status = 429


class Busy(TongbanError):
    """What is asked for takes much of the machine and others are before. ``data["retry_after"]``: seconds."""

    code = "busy"
    title = LocalizedText(
        zh="这会儿人太多，请过几秒再试一次",
        en="Many people are here right now; please try again in some seconds",
    )
    status = 503


class Malformed(TongbanError):
    """The body of the request cannot be read as what it says it is."""

    code = "malformed"
    title = LocalizedText(zh="请求的内容读不出来", en="The body of the request cannot be read")
    status = 400


class SpreadsheetRefused(TongbanError):
    """The file is no table that can be read: of another kind, damaged, too large."""

    code = "spreadsheet-refused"
    title = LocalizedText(zh="这个表格读不出来", en="This table cannot be read")
    status = 422


class ServerError(TongbanError):
    """A bug, or a machine in trouble. ``data["trace"]`` is the id under which the log tells more."""

    code = "server-error"
    title = LocalizedText(
        zh="我们这边出错了，请稍后再试", en="Something broke on our side; please try again later"
    )
    status = 500


class Unavailable(TongbanError):
    """The database is away: it restarts, or another server takes over. Whether what was asked was done is not known.

    Who sends the request again with the same ``Idempotency-Key`` gets it done once. ``data["trace"]`` as in ServerError.
    """

    code = "unavailable"
    title = LocalizedText(
        zh="数据库暂时连不上，请稍后再试", en="The database is away for a moment; please try again later"
    )
    status = 503
