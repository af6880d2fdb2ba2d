"""What alerts say."""

from __future__ import annotations

from tongban.base.text import LocalizedText as T
from tongban.kernel.messages import service as messages

__all__ = ["WORDS", "register"]

WORDS = {
    "incident": T("{n} 个办件停在同一步，等人处理", "{n} case(s) stopped at a step and wait for a person"),
    "database": T("数据库没有回应", "The database does not answer"),
    "worker": T("后台任务没有动静", "No background worker has been heard"),
    "storage": T("文件存储写不进去", "Files cannot be stored"),
    "queue": T("任务排队超过五分钟没人办", "Jobs have been waiting for more than five minutes"),
    "timers": T("到时动作晚了五分钟以上", "Due times are more than five minutes late"),
    "outbox": T("事件五分钟没传到", "Events have not been handled for five minutes"),
    "sealing": T("记账封存晚了一分钟以上", "Sealing of the ledger is more than a minute late"),
    "messages": T("{n} 条消息没送到", "{n} message(s) could not be delivered"),
    "papers": T("{n} 份文书没生成", "{n} paper(s) could not be made"),
    "backup": T("没有及时做好备份", "There is no recent good backup"),
    "malware": T("一天里有 {n} 个带病毒的文件被拒收", "{n} file(s) with malware were refused within a day"),
    "guessing": T(
        "一小时里登录失败 {n} 次以上，可能有人在猜密码",
        "{n} or more failed sign-ins within an hour: perhaps somebody guesses",
    ),
    "scanner": T("病毒查杀没有回应", "The scanner for malware does not answer"),
    "jobs": T("{n} 个后台任务失败", "{n} background job(s) gave up"),
}
"""What is wrong, by the kind of trouble."""


def register() -> None:
    """Give the message its words, once at the start."""
    messages.register_words(
        "ops.alert",
        subject=T("系统异常：{what}", "System alert: {what}"),
        body=T(
            "{what}。\n原因：{cause}\n同一原因一小时内只提醒一次。",
            "{what}.\nCause: {cause}\nYou are told of one cause once an hour at most.",
        ),
    )
