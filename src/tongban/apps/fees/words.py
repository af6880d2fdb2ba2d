"""What states, causes and differences are called, with the colour of their tag; the words of messages."""

from __future__ import annotations

from collections.abc import Mapping

from tongban.apps.fees import rules
from tongban.base.text import LocalizedText as T

__all__ = [
    "ACTS",
    "CAUSES",
    "CHARGES",
    "KINDS",
    "MEANS",
    "MESSAGES",
    "NOTICES",
    "PAYMENTS",
    "REFUNDS",
    "SAID",
    "VERDICTS",
]

Word = tuple[T, str, str]
"""Label, tone and icon of a tag. The word carries the meaning."""

CHARGES: Mapping[str, Word] = {
    rules.OPEN: (T("待缴费", "To be paid"), "amber", "clock"),
    rules.PAID: (T("已缴清", "Paid"), "green", "check"),
    rules.REFUNDED: (T("已退款", "Given back"), "line", "undo"),
    rules.CANCELLED: (T("不用缴了", "No longer due"), "line", "info"),
}
PAYMENTS: Mapping[str, Word] = {
    rules.STARTED: (T("等待付款", "Waiting for the payment"), "blue", "clock"),
    rules.SUCCEEDED: (T("到账", "Received"), "green", "check"),
    rules.FAILED: (T("没有付成", "Not paid"), "red-soft", "error"),
    rules.CLOSED: (T("已关闭", "Closed"), "line", "info"),
    rules.MISMATCH: (T("金额不对", "Wrong amount"), "red-soft", "warn"),
}
REFUNDS: Mapping[str, Word] = {
    rules.PROPOSED: (T("待复核", "To be approved"), "amber", "clock"),
    rules.APPROVED: (T("退款中", "On its way"), "blue", "clock"),
    rules.REJECTED: (T("不同意退", "Rejected"), "line", "error"),
    rules.DONE: (T("已退", "Given back"), "green", "check"),
    rules.GAVE_UP: (T("没有退成", "Failed"), "red-soft", "warn"),
}
CAUSES: Mapping[str, T] = {
    "proposed": T("经办人提出", "Proposed by a clerk"),
    "double": T("重复缴款，自动退", "Paid twice; given back by itself"),
    "cancelled": T("费用已经不用缴，自动退", "No longer due; given back by itself"),
    "recalculated": T("重新核定金额，自动退", "Worked out anew; given back by itself"),
}
VERDICTS: Mapping[str, Word] = {
    rules.ONLY_OURS: (T("只有我们有", "Only ours"), "amber", "warn"),
    rules.ONLY_THEIRS: (T("只有对方有", "Only theirs"), "red-soft", "warn"),
    rules.AMOUNT: (T("金额不同", "Amounts differ"), "red-soft", "warn"),
}
NOTICES: Mapping[str, T] = {
    rules.APPLIED: T("已记账", "Taken"),
    rules.REPEATED: T("重复或者过时，没有改变什么", "Repeated or late; changed nothing"),
    rules.WRONG_AMOUNT: T("金额不对，等人处理", "Wrong amount; waits for a person"),
    rules.UNKNOWN: T("没有这个单号", "Unknown number"),
    rules.NOTHING: T("还没有结果", "Nothing yet"),
}
SAID: Mapping[str, T] = {
    rules.PENDING: T("还没有付", "Not paid yet"),
    rules.SUCCEEDED: T("付成了", "Paid"),
    rules.FAILED: T("没有付成", "Failed"),
    rules.CLOSED: T("已关闭", "Closed"),
}
"""What a provider says."""
KINDS: Mapping[str, T] = {"payment": T("缴款", "Payment"), "refund": T("退款", "Refund")}
MEANS: Mapping[str, T] = {
    "cash": T("现金", "Cash"),
    "card": T("银行卡", "Bank card"),
    "transfer": T("银行缴款", "Paid at the bank"),
    "scan": T("扫码", "QR code"),
}
ACTS: Mapping[str, T] = {
    "fees.charge": T("开出收费", "Fee charged"),
    "fees.start_payment": T("去网上缴费", "Payment opened"),
    "fees.payment_succeeded": T("缴款到账", "Payment received"),
    "fees.payment_failed": T("缴款没有成功", "Payment failed"),
    "fees.payment_closed": T("缴款已关闭", "Payment closed"),
    "fees.payment_mismatch": T("缴款金额不对", "Payment of a wrong amount"),
    "fees.pay": T("缴清", "Paid"),
    "fees.cancel": T("收费取消", "Charge cancelled"),
    "fees.go_on": T("缴清后自动继续办理", "Went on by itself after the payment"),
    "fees.propose_refund": T("提出退款", "Refund proposed"),
    "fees.approve_refund": T("同意退款", "Refund approved"),
    "fees.reject_refund": T("不同意退款", "Refund rejected"),
    "fees.refund_due": T("多缴的款项转退款", "Refund due by itself"),
    "fees.refund": T("已退款", "Refunded"),
    "fees.refund_failed": T("退款没有成功", "Refund failed"),
    "fees.retry_refund": T("重新退款", "Refund tried again"),
    "fees.reconcile": T("对账", "Reconciled"),
    "fees.settle_difference": T("处理对账差异", "Difference settled"),
}
MESSAGES: Mapping[str, tuple[T, T]] = {
    "fees.paid": (
        T("已缴 {amount} 元：{item}", "{amount} yuan paid: {item}"),
        T(
            "办件 {number} 的{fee} {amount} 元已经到账。缴费回执在办件的文书里，接着为您办理。",
            "{amount} yuan ({fee}) have arrived for case {number}. The receipt is among the papers of the case; it goes on now.",
        ),
    ),
    "fees.refund_due": (
        T("要退给您 {amount} 元：{item}", "{amount} yuan will be given back: {item}"),
        T(
            "办件 {number} 的{fee}多收到 {amount} 元，会原路退还，不用您申请。",
            "{amount} yuan too much ({fee}) arrived for case {number}. They go back the way they came; you need do nothing.",
        ),
    ),
    "fees.refunded": (
        T("已退 {amount} 元：{item}", "{amount} yuan given back: {item}"),
        T(
            "办件 {number} 的{fee}退款 {amount} 元已经退出，到账时间以银行为准。",
            "{amount} yuan ({fee}) of case {number} were given back; your bank decides when they arrive.",
        ),
    ),
}
