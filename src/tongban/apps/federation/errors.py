"""What federation refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Forbidden, Invalid, TongbanError
from tongban.base.text import LocalizedText

__all__ = [
    "BadProvince",
    "BadSystem",
    "LinkedToAnother",
    "NotForThisAccount",
    "NotTheSamePerson",
    "ProvinceFailed",
    "RequestNotUnderstood",
    "TokenWrong",
]


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


class BadProvince(Invalid):
    """What was said of another authority's sign-in is wrong. ``data["errors"]`` names the fields."""

    code = "federation-bad-province"


class ProvinceFailed(TongbanError):
    """The other authority did not answer, or its answer proves nothing: not asked for, not signed by it, not for us, too old."""

    code = "federation-province-failed"
    title = LocalizedText(
        "没有登录成功。请再试一次，或者用账号和密码登录",
        "Signing in did not work. Please try again, or use your account and password",
    )
    status = 502


class NotTheSamePerson(Conflict):
    """The account that is signed in belongs to somebody else than whom the other authority names."""

    code = "federation-not-the-same-person"
    title = LocalizedText(
        "那边登录的不是您本人，不能连接", "The person who signed in over there is not you; nothing was linked"
    )


class LinkedToAnother(Conflict):
    """The account is linked to another account over there already."""

    code = "federation-linked-to-another"
    title = LocalizedText(
        "这个账号已经连接了那边的另一个账号", "This account is linked to another account over there"
    )


class TokenWrong(TongbanError):
    """The token of a provisioning program is unknown, or the program was shut out."""

    code = "federation-token-wrong"
    title = LocalizedText("令牌无效", "The token is not valid")
    status = 401
