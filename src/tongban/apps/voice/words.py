"""The words of the mailbox that stand in data and in several places."""

from __future__ import annotations

from tongban.base.text import LocalizedText

__all__ = ["ANSWERED_LETTER", "PERSONAL", "TOPICS"]

ANSWERED_LETTER = LocalizedText(zh="来信答复", en="Answered letter")
TOPICS = {
    "question": LocalizedText(zh="咨询", en="Question"),
    "complaint": LocalizedText(zh="投诉", en="Complaint"),
    "suggestion": LocalizedText(zh="建议", en="Suggestion"),
    "help": LocalizedText(zh="求助", en="Request for help"),
}
PERSONAL = {
    "citizen_id": LocalizedText(zh="身份证号", en="ID number"),
    "mobile": LocalizedText(zh="手机号", en="mobile number"),
    "landline": LocalizedText(zh="电话号码", en="telephone number"),
    "bank_card": LocalizedText(zh="银行卡号", en="bank card number"),
    "email": LocalizedText(zh="邮箱", en="e-mail address"),
    "messenger": LocalizedText(zh="社交账号", en="messenger account"),
    "plate": LocalizedText(zh="车牌号", en="number plate"),
    "door": LocalizedText(zh="门牌房号", en="door number"),
    "name": LocalizedText(zh="姓名", en="name"),
}
