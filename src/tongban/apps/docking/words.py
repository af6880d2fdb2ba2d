"""The words for states, for what happened to a record and for why something did not go."""

from __future__ import annotations

import re

from tongban.apps.docking import rules
from tongban.base.text import LocalizedText as T

__all__ = ["DIFFERENCES", "KINDS", "STATES", "TRACES", "label_of_trouble"]

KINDS = {
    "drop": T("交换目录（文件）", "Exchange directory (files)"),
    "http": T("接口（HTTPS）", "Interface (HTTPS)"),
}
STATES: dict[str, tuple[T, str, str]] = {
    rules.WAITING: (T("待发送", "Waiting"), "grey", "clock"),
    rules.SENDING: (T("发送中", "Being sent"), "blue", "send"),
    rules.SENT: (T("已发送，等回执", "Sent, no receipt yet"), "blue", "send"),
    rules.ACCEPTED: (T("对方已接收", "Accepted"), "green", "check"),
    rules.REFUSED: (T("对方退回", "Refused"), "red", "undo"),
    rules.INVALID: (T("不合标准，没有发送", "Not to the standard, not sent"), "amber", "warn"),
    rules.DEAD: (T("多次没送到", "Gave up"), "red", "error"),
    rules.SKIPPED: (T("不再上报", "Left out"), "line", "close"),
}
"""Label, colour of the tag, icon."""
TRACES = {
    "made": T("生成", "Made"),
    "invalid": T("不合标准", "Not to the standard"),
    "sent": T("发出", "Sent"),
    "failed": T("没送到", "Not delivered"),
    "recovered": T("发送中断，重新排队", "Interrupted, queued again"),
    "dead": T("次数用完，等人处理", "Attempts used up"),
    "overdue": T("一直没有回执", "No receipt for too long"),
    "accepted": T("回执：接收", "Receipt: accepted"),
    "refused": T("回执：退回", "Receipt: refused"),
    "repeated": T("重复的回执", "The same receipt again"),
    "contradicted": T("前后矛盾的回执，以第一次为准", "A contradicting receipt; the first one counts"),
    "late": T("迟到的回执", "A late receipt"),
    "mismatch": T("回执的摘要和我们的不同，没有采用", "A receipt for other content; not taken"),
    "resent": T("人工重新上报", "Sent again by hand"),
    "skipped": T("人工不再上报", "Left out by hand"),
}
DIFFERENCES = {
    "missing": (T("对方没有", "They have none"), "red", "error"),
    "different": (T("内容不同", "Not the same"), "amber", "warn"),
    "unconfirmed": (T("对方有，我们没有收到回执", "They have it, we have no receipt"), "grey", "info"),
    "foreign": (T("对方有，我们没有发过", "They have one we never sent"), "amber", "warn"),
}
_TROUBLES = {
    "timeout": T("对方没有及时回答", "No answer in time"),
    "tls": T("证书不可信，没有连接", "The certificate is not trusted"),
    "garbage": T("对方的回答读不懂", "The answer cannot be read"),
    "too-large": T("对方的回答太大", "The answer is too large"),
    "outside": T("目录不在交换目录下面", "The directory lies outside the exchange directory"),
    "no-receipt": T("一直没有回执", "No receipt for too long"),
    "ConnectionRefusedError": T("连不上对方", "Cannot connect"),
    "gaierror": T("找不到对方的地址", "The address is not found"),
    "RemoteDisconnected": T("对方断开了连接", "The other side hung up"),
    "ConnectionResetError": T("对方断开了连接", "The other side hung up"),
    "BrokenPipeError": T("对方断开了连接", "The other side hung up"),
}


def label_of_trouble(code: str) -> T:
    """Return the words for why something did not go; what the other side wrote itself stays as it is."""
    if code in _TROUBLES:
        return _TROUBLES[code]
    if found := re.fullmatch(r"status (\d+)", code):
        return T(f"对方回答 {found[1]}", f"The other side answered {found[1]}")
    if found := re.fullmatch(r"garbage \((\d+)\)", code):
        return T(
            f"对方回答 {found[1]}，内容读不懂",
            f"The other side answered {found[1]} with something unreadable",
        )
    if found := re.fullmatch(r"receipts-unreadable (\d+)", code):
        return T(f"有 {found[1]} 份回执读不懂", f"{found[1]} receipts cannot be read")
    if code.startswith("file: "):
        return T(f"写不进交换目录（{code[6:]}）", f"Cannot write to the directory ({code[6:]})")
    return T(code)
