"""What identity refuses."""

from __future__ import annotations

from datetime import datetime
from math import ceil

from tongban.base.errors import Conflict, Forbidden, Invalid, TongbanError
from tongban.base.text import LocalizedText

__all__ = [
    "AdminDutiesClash",
    "AdminDutyNotDelegable",
    "BadAccount",
    "BadMandate",
    "BadPassword",
    "BadPost",
    "BadSignInRules",
    "BadUnit",
    "DelegationPeriodWrong",
    "EntityNotYours",
    "FactorNeeded",
    "FactorRefused",
    "FactorRuleSaysNothing",
    "HoldingPeriodWrong",
    "IdentityNotConfirmed",
    "InvitationRefused",
    "NameDiffers",
    "NotChecked",
    "PostAbolished",
    "PostHeld",
    "PostNotYours",
    "SignInRefused",
    "TokenRefused",
    "TooManyAttempts",
    "UnitClosed",
    "UnknownName",
    "UnlockNeedsReason",
]


class PostNotYours(Forbidden):
    """The account's person does not hold this post now, nor stands in for its holder."""

    code = "identity-post-not-yours"
    title = LocalizedText("您现在不担任这个岗位", "You do not hold this post now")


class EntityNotYours(Forbidden):
    """The person has no valid mandate for this entity."""

    code = "identity-entity-not-yours"
    title = LocalizedText("您现在不能代表这个单位办事", "You may not act for this organisation now")


class AdminDutiesClash(Conflict):
    """System, security and audit administrator are three people (GB/T 22239-2019 8.1.4.2)."""

    code = "identity-admin-duties-clash"
    title = LocalizedText(
        "系统、安全、审计管理员必须由不同的人担任",
        "The system, the security and the audit administrator must be different people",
    )


class AdminDutyNotDelegable(Conflict):
    """An administrator's post cannot be delegated: the separation would be gone for that time."""

    code = "identity-admin-duty-not-delegable"
    title = LocalizedText("管理员岗位不能委托他人代行", "An administrator's post cannot be delegated")


class DelegationPeriodWrong(Invalid):
    """A delegation ends after it begins, and not in the past."""

    code = "identity-delegation-period-wrong"
    title = LocalizedText(
        "委托的结束时间要晚于开始时间，也要晚于现在",
        "A delegation must end after it begins, and in the future",
    )


class SignInRefused(Invalid):
    """Wrong name or password; which of the two is not said."""

    code = "identity-sign-in-refused"
    title = LocalizedText("账号或密码不对", "The account name or the password is wrong")


class TooManyAttempts(TongbanError):
    """Too many attempts at something that could be guessed. ``data["until"]`` says when it can be tried again, and
    ``data["retry_after"]`` in how many seconds.
    """

    code = "identity-too-many-attempts"
    title = LocalizedText("试得太多了，请过一会儿再来", "Too many attempts; please try again later")
    status = 429

    def __init__(self, *, until: datetime, at: datetime) -> None:
        super().__init__(until=until, retry_after=max(ceil((until - at).total_seconds()), 1))


class TokenRefused(TongbanError):
    """The token is unknown, expired or revoked, or its account is closed."""

    code = "identity-token-refused"
    title = LocalizedText("访问令牌无效或已过期", "The access token is not valid or has expired")
    status = 401


class UnknownName(Invalid):
    """No account, unit or post of this name."""

    code = "identity-unknown-name"
    title = LocalizedText("没有这个名称", "There is nothing of this name")


class BadUnit(Invalid):
    """What was said of a unit is wrong. ``data["errors"]`` names the fields."""

    code = "identity-bad-unit"


class UnitClosed(Conflict):
    """The unit was merged into another one and is only kept for what it did."""

    code = "identity-unit-closed"
    title = LocalizedText("这个机构已经并入别的机构", "This unit was merged into another one")


class BadPost(Invalid):
    """What was said of a post is wrong. ``data["errors"]`` names the fields."""

    code = "identity-bad-post"


class PostAbolished(Conflict):
    """The post was abolished and is only kept for what was done in it."""

    code = "identity-post-abolished"
    title = LocalizedText("这个岗位已经撤销", "This post was abolished")


class PostHeld(Conflict):
    """Somebody holds the post, or will: end the appointment first."""

    code = "identity-post-held"
    title = LocalizedText(
        "还有人担任这个岗位，先免去再撤销", "Somebody holds this post; end the appointment first"
    )


class HoldingPeriodWrong(Invalid):
    """An appointment ends after it begins."""

    code = "identity-holding-period-wrong"
    title = LocalizedText("任职的结束时间要晚于开始时间", "An appointment must end after it begins")


class BadAccount(Invalid):
    """What was said of a person or an account is wrong. ``data["errors"]`` names the fields."""

    code = "identity-bad-account"


class BadPassword(Invalid):
    """The new password does not follow the rules. ``data["errors"]`` says which."""

    code = "identity-bad-password"


class BadSignInRules(Invalid):
    """The rules of signing in are out of bounds. ``data["errors"]`` names the fields."""

    code = "identity-bad-sign-in-rules"


class InvitationRefused(TongbanError):
    """The link is unknown, was used, has expired, or its account is closed; which of them is not said."""

    code = "identity-invitation-refused"
    title = LocalizedText(
        "这个链接不能用了。它只能用一次，过期也会失效；请找管理员再要一个。",
        "This link no longer works. It works once and for some days only; please ask the administrator for another.",
    )
    status = 410


class UnlockNeedsReason(Invalid):
    """Whoever unlocks an account says why: perhaps it was locked because somebody guesses its password."""

    code = "identity-unlock-needs-reason"


class BadMandate(Invalid):
    """What was said of a mandate is wrong. ``data["errors"]`` names the fields."""

    code = "identity-bad-mandate"


class FactorRefused(Invalid):
    """The code or the key is not right, or was used already; which of them is not said."""

    code = "identity-factor-refused"
    title = LocalizedText(
        "没有通过。请用验证器上现在的验证码，或者再试一次安全密钥",
        "This did not work. Use the code that the app shows now, or try the key again",
    )


class FactorNeeded(Conflict):
    """A rule requires a second factor of this account: the last one stays."""

    code = "identity-factor-needed"
    title = LocalizedText(
        "您的岗位要求第二道验证，最后一个不能去掉；先添一个新的",
        "Your post requires a second factor: add another one before you remove the last",
    )


class FactorRuleSaysNothing(Invalid):
    """A rule about the second factor names a duty or a unit, and its reason. ``data["errors"]`` names the fields."""

    code = "identity-factor-rule-says-nothing"


class NameDiffers(Conflict):
    """Whoever vouches for a person gives another name than the one on record for this ID number."""

    code = "identity-name-differs"
    title = LocalizedText(
        "这个身份证号在这里登记的姓名不一样。请带身份证到窗口核对",
        "Another name is on record for this ID number. Please come to a window with your identity card",
    )


class NotChecked(Invalid):
    """Name and ID number did not come, or cannot be right."""

    code = "identity-not-checked"
    title = LocalizedText(
        "没有收到正确的姓名和身份证号，不能登录",
        "No correct name and ID number came, so you cannot be signed in",
    )


class IdentityNotConfirmed(Invalid):
    """The password or the mailed code is not right: whoever signs shows anew that it is the bearer of the account."""

    code = "identity-not-confirmed"
    title = LocalizedText("密码不对，没有签名", "The password is not right; nothing was signed")


class NothingToConfirmWith(Conflict):
    """An account without password, second factor and mailbox cannot show anew whose it is."""

    code = "identity-nothing-to-confirm-with"
    title = LocalizedText(
        "这个账号没有密码、第二道验证和电子邮箱，没法确认是您本人。请先在“我的账号”里添第二道验证，第二天起能用，或者带身份证到窗口当面签名",
        "This account has no password, no second factor and no mailbox, so it cannot be confirmed that it is you. Add a second "
        "factor in your account, which counts from the next day on, or sign at a window with your identity card",
    )
