"""What the services application refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Forbidden, Invalid, NotFound
from tongban.base.text import LocalizedText

__all__ = [
    "AgentsNotAllowed",
    "AlreadyRated",
    "ApplicantKindRefused",
    "ApplicationNotFound",
    "AssuranceTooLow",
    "BasisRefused",
    "ColumnsUnknown",
    "ConsentByAccount",
    "ConsentNotFound",
    "ConsentNotOpen",
    "ConsentUnchecked",
    "CounterOnly",
    "HolderNotAPerson",
    "IdentityMismatch",
    "ImportNotReady",
    "ItemNotFound",
    "ItemNotOnline",
    "ItemRefused",
    "LimitUnverified",
    "MandateMissing",
    "NotAnother",
    "NotEditable",
    "NotHandable",
    "NotRatable",
    "NotYetComplete",
    "OwnImport",
    "PastRefused",
    "PresenceUnconfirmed",
    "ProcedureTimeMissing",
    "RecipientUnsigned",
    "SeveralNotAllowed",
    "SignInNeeded",
    "SignatureMissing",
    "SignatureOutdated",
    "SignatureRefused",
    "TownshipUnknown",
]


class ItemNotFound(NotFound):
    """No such service item, or it is not in force."""

    code = "item-not-found"
    title = LocalizedText(zh="没有这个办理事项", en="There is no such service")


class AssuranceTooLow(Forbidden):
    """The item wants to be surer who applies (``data["required"]``) than this session is (``data["present"]``)."""

    code = "assurance-too-low"
    title = LocalizedText(
        zh="这个事项要先核验您的身份", en="For this service your identity must be checked first"
    )


class ImportNotReady(Conflict):
    """The table is not in the state in which this can be done: it is being worked on, or has been taken in already."""

    code = "import-not-ready"
    title = LocalizedText(zh="这份表格现在不能这样处理", en="This cannot be done with the table now")


class OwnImport(Forbidden):
    """Whoever sent a table cannot let it in: a second person does."""

    code = "own-import"
    title = LocalizedText(
        zh="自己送来的表格要由另一个人审核", en="A table is let in by another person than who sent it"
    )


class ColumnsUnknown(Invalid):
    """A table of items lacks a column without which nothing can be made of it, or was told to use one that it hasn't got."""

    code = "columns-unknown"
    title = LocalizedText(zh="表格的列对不上", en="The columns of the table do not fit")


class ItemRefused(Invalid):
    """The item cannot be stored: it contradicts itself, or names a unit or code that cannot be. ``data["errors"]`` says where."""

    code = "item-refused"
    title = LocalizedText(zh="事项内容有误，没有保存", en="The service item is faulty and was not stored")


class LimitUnverified(Invalid):
    """A time limit that nobody has verified may be shown in a demo, never published as law."""

    code = "limit-unverified"
    title = LocalizedText(
        zh="时限还没有核对条文，不能发布", en="A time limit has not been verified and cannot be published"
    )


class ItemNotOnline(Conflict):
    """The item is only announced: it can be read about, not applied for here."""

    code = "item-not-online"
    title = LocalizedText(
        zh="这个事项还不能在网上办，请到窗口办理", en="This service cannot be applied for online yet"
    )


class ApplicationNotFound(NotFound):
    """No such application, or not one that this actor may know of."""

    code = "application-not-found"
    title = LocalizedText(zh="没有找到这件申请", en="This application was not found")


class SignInNeeded(Forbidden):
    """An application is made by somebody known."""

    code = "sign-in-needed"
    title = LocalizedText(zh="请先登录", en="Please sign in first")
    status = 401


class MandateMissing(Forbidden):
    """The actor doesn't represent that entity (any more)."""

    code = "mandate-missing"
    title = LocalizedText(zh="您现在不能代表这家单位办事", en="You do not represent this organisation now")


class ApplicantKindRefused(Invalid):
    """The item is for businesses and organisations only, or for natural persons only."""

    code = "applicant-kind-refused"
    title = LocalizedText(
        zh="这个事项要以店或者单位的名义申请", en="This service must be applied for in the name of a business"
    )


class NotEditable(Conflict):
    """The application is being handled; its answers can be changed only while it is a draft or is to be corrected."""

    code = "application-not-editable"
    title = LocalizedText(
        zh="申请已经提交，现在不能改", en="The application has been submitted and cannot be changed now"
    )


class NotYetComplete(Invalid):
    """Answers or materials are missing. ``data["errors"]`` names each with its page."""

    code = "application-incomplete"
    title = LocalizedText(zh="还有内容没填好", en="Something is still missing")


class NotRatable(Conflict):
    """A case is rated when it has ended, not before."""

    code = "not-ratable"
    title = LocalizedText(zh="办结以后才能评价", en="A case can be rated once it has ended")


class AlreadyRated(Conflict):
    """One matter, one rating (一事一评)."""

    code = "already-rated"
    title = LocalizedText(zh="这件事您已经评价过了", en="You have already rated this case")


class ProcedureTimeMissing(Invalid):
    """The applicant must be told in writing how long the procedure takes (Administrative Licensing Law art. 45)."""

    code = "procedure-time-missing"
    title = LocalizedText(zh="要写明特别程序需要多久", en="Say how long the special procedure takes")


class TownshipUnknown(Invalid):
    """The applicant's household is registered in no township of this county, and the item is handled where it is."""

    code = "township-unknown"
    title = LocalizedText(
        zh="您的户口不在本县，这个事项要到户籍所在地办",
        en="Your household is not registered in this county; please apply where it is registered",
    )


class HolderNotAPerson(Invalid):
    """A sole trader is a person: an entity cannot be registered as one."""

    code = "sole-trader-not-a-person"
    title = LocalizedText(
        zh="个体工商户只能由自然人登记", en="Only a natural person can be registered as a sole trader"
    )


class SignatureMissing(Invalid):
    """The item demands the applicant's signature under just this content: sign first (page, or POST …/sign), then hand in."""

    code = "signature-missing"
    title = LocalizedText(
        zh="这个事项要先签名再提交；内容改过的，要重新签",
        en="This service must be signed before it is handed in, and again after every change",
    )


class SignatureOutdated(Conflict):
    """The application has changed since it was read: what would be signed is not what was shown."""

    code = "signature-outdated"
    title = LocalizedText(
        zh="申请内容刚才改过，请重新看一遍再签",
        en="The application has changed in the meantime; please read it again before you sign",
    )


class SignatureRefused(Invalid):
    """No signature, a name that is not the signer's, or no consent. ``data["errors"]`` names each."""

    code = "signature-refused"
    title = LocalizedText(zh="还没有签好", en="It has not been signed yet")


class AgentsNotAllowed(Forbidden):
    """The item must be applied for in person: it doesn't say that somebody else may."""

    code = "agents-not-allowed"
    title = LocalizedText(zh="这个事项要本人申请，不能代办", en="This service must be applied for in person")


class SeveralNotAllowed(Conflict):
    """The item is applied for by one, or the application has been submitted, or as many as there may be are named already."""

    code = "several-applicants-not-allowed"
    title = LocalizedText(zh="这件申请不能再加人", en="No further applicant can be added")


class BasisRefused(Forbidden):
    """This actor cannot act on this ground: an official as a guardian, a citizen as a village agent."""

    code = "basis-refused"
    title = LocalizedText(zh="您不能以这种身份替他申请", en="You cannot apply for this person on this ground")


class IdentityMismatch(Invalid):
    """Name and ID number do not belong together, or nobody of that number is known: one answer for both."""

    code = "identity-mismatch"
    title = LocalizedText(
        zh="姓名和身份证号对不上，或者登记库里没有；请核对",
        en="Name and ID number do not match, or are not in the registers; please check",
    )


class NotAnother(Conflict):
    """The person named is the one who applies, or stands in the application already."""

    code = "not-another-person"
    title = LocalizedText(zh="这个人已经在这件申请里了", en="This person is part of the application already")


class ConsentNotFound(NotFound):
    """No such consent, or not one that this actor is asked for or asked for himself."""

    code = "consent-not-found"
    title = LocalizedText(zh="没有找到这个请求", en="This request was not found")


class ConsentNotOpen(Conflict):
    """The consent was given, declined or ended before."""

    code = "consent-not-open"
    title = LocalizedText(zh="这个请求已经处理过了", en="This request has been dealt with")


class ConsentByAccount(Conflict):
    """The person has an account and confirms there; a signed form is only for who has none."""

    code = "consent-by-account"
    title = LocalizedText(
        zh="对方有账号，请他登录后自己确认", en="This person has an account and must confirm by signing in"
    )


class ConsentUnchecked(Conflict):
    """Consent was given on a signed form that the window has not checked yet."""

    code = "consent-unchecked"
    title = LocalizedText(
        zh="还没有核对书面同意书，先核对再受理", en="The signed consent has not been checked yet"
    )


class CounterOnly(Forbidden):
    """Only a post with the duty of the counter enters for people present and hands over."""

    code = "counter-only"
    title = LocalizedText(zh="只有窗口代录岗位可以这样办", en="Only a counter post may do this")


class PresenceUnconfirmed(Invalid):
    """The clerk has not confirmed to have seen person and identity card."""

    code = "presence-unconfirmed"
    title = LocalizedText(
        zh="请当面核对身份证并勾选", en="Please check the identity card in person and tick the box"
    )


class NotHandable(Conflict):
    """There is no result to hand over yet, or it was handed over before."""

    code = "not-handable"
    title = LocalizedText(zh="现在没有可以交付的结果", en="There is no result to hand over now")


class RecipientUnsigned(Invalid):
    """The recipient has neither signed nor had the name typed."""

    code = "recipient-unsigned"
    title = LocalizedText(zh="请领取人签名，或者输入姓名", en="Let the recipient sign, or type the name")


class PastRefused(Invalid):
    """An application of an earlier system cannot be brought; the detail says why."""

    code = "past-application-refused"
    title = LocalizedText(zh="这件往年办件导不进来", en="This application cannot be brought")
