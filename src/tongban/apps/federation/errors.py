"""What federation refuses."""

from __future__ import annotations

from tongban.base.errors import Forbidden, Invalid, TongbanError
from tongban.base.text import LocalizedText

__all__ = ["BadSystem", "NotForThisAccount", "RequestNotUnderstood"]


class BadSystem(Invalid):
    """What was said of another system is wrong. ``data["errors"]`` names the fields."""

    code = "federation-bad-system"


class RequestNotUnderstood(TongbanError):
    """Another system sent somebody here with a request that must not be answered: unknown system, address not registered."""

    code = "federation-request-not-understood"
    title = LocalizedText(
        "送您来的系统没有登记，或者它的请求不对，不能继续。请回到那个系统，或者告诉它的管理人员",
        "The system that sent you is not registered, or its request is wrong. Go back, or tell whoever runs it",
    )


class NotForThisAccount(Forbidden):
    """The other system is not open to accounts of this kind."""

    code = "federation-not-for-this-account"
    title = LocalizedText(
        "这个系统不向您这类账号开放，请换一个账号登录",
        "That system is not open to accounts like yours; sign in with another one",
    )
