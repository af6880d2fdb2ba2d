"""What the fees application refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Forbidden, Invalid, NotFound
from tongban.base.text import LocalizedText

__all__ = [
    "AlreadyPaid",
    "AmountInvalid",
    "ChargeNotFound",
    "ChargeNotOpen",
    "NotInChargeList",
    "NothingToSettle",
    "PaymentNotFound",
    "ProviderUnavailable",
    "ProviderUnknown",
    "ReasonNeeded",
    "RefundNotFound",
    "RefundNotOpen",
    "RefundTooMuch",
    "SamePerson",
    "SignatureWrong",
    "StatementMissing",
]


class ChargeNotFound(NotFound):
    """No such charge, or not one that this actor may see."""

    code = "charge-not-found"
    title = LocalizedText(zh="没有找到这笔收费", en="This charge was not found")


class PaymentNotFound(NotFound):
    """No such payment, or not one that this actor may see."""

    code = "payment-not-found"
    title = LocalizedText(zh="没有找到这笔缴款", en="This payment was not found")


class RefundNotFound(NotFound):
    """No such refund."""

    code = "refund-not-found"
    title = LocalizedText(zh="没有找到这笔退款", en="This refund was not found")


class NotInChargeList(Conflict):
    """The item's published charge list does not name this fee, or names several and does not say which."""

    code = "charge-not-in-list"
    title = LocalizedText(
        zh="事项公布的收费目录里没有这一项，不能收费",
        en="The service's published charge list does not name this fee; nothing may be charged",
    )


class AmountInvalid(Conflict):
    """An amount is no whole number of fen."""

    code = "charge-amount-invalid"
    title = LocalizedText(zh="金额不对，不能收费", en="The amount is not valid; nothing may be charged")


class ChargeNotOpen(Conflict):
    """The charge was paid, given back or cancelled; ``state`` says which."""

    code = "charge-not-open"
    title = LocalizedText(zh="这笔费用现在不用缴", en="Nothing is due on this charge now")


class AlreadyPaid(Conflict):
    """The window wants to take money for what was paid on line."""

    code = "charge-already-paid"
    title = LocalizedText(
        zh="这笔费用已经在网上缴清，不要再收", en="This charge was already paid on line; do not take it again"
    )


class ProviderUnknown(NotFound):
    """No payment provider of that name is set up here."""

    code = "payment-provider-unknown"
    title = LocalizedText(
        zh="这里没有开通这个网上缴费渠道", en="This way of paying on line is not set up here"
    )


class ProviderUnavailable(Conflict):
    """The provider did not answer, or not in a way that can be understood. Nothing was paid by asking."""

    code = "payment-provider-unavailable"
    title = LocalizedText(
        zh="缴费渠道暂时没有回应，请过一会儿再试；没有扣款",
        en="The payment provider does not answer now; please try again later. Nothing was charged",
    )


class SignatureWrong(Forbidden):
    """A notification is not signed by the provider, or too old. Nothing was changed."""

    code = "payment-signature-wrong"
    title = LocalizedText(zh="通知的签名不对", en="The notification's signature is wrong")


class RefundTooMuch(Invalid):
    """More than is left of the payment, or nothing at all."""

    code = "refund-amount-invalid"
    title = LocalizedText(
        zh="退款金额要大于零，并且不超过还没退的部分",
        en="The amount must be more than nothing and at most what has not been given back yet",
    )


class RefundNotOpen(Conflict):
    """The refund was decided, or is done already."""

    code = "refund-not-open"
    title = LocalizedText(zh="这笔退款现在不能这样办", en="The refund's present state does not allow this")


class SamePerson(Forbidden):
    """Whoever proposed a refund does not approve it."""

    code = "refund-same-person"
    title = LocalizedText(
        zh="自己提出的退款，要由另一个人复核",
        en="A refund is approved by another person than who proposed it",
    )


class ReasonNeeded(Invalid):
    """A refund and a settled difference need a reason."""

    code = "fees-reason-missing"
    title = LocalizedText(zh="请写理由", en="Please give a reason")


class NothingToSettle(Conflict):
    """The difference is gone or was settled by somebody."""

    code = "fees-difference-settled"
    title = LocalizedText(zh="这条差异已经处理过了", en="This difference has been settled already")


class StatementMissing(Conflict):
    """The provider gave no statement for that day."""

    code = "fees-statement-missing"
    title = LocalizedText(zh="缴费渠道没有给出这一天的账单", en="The provider gave no statement for that day")
