"""What the duties of services let their holders do, for whoever grants them."""

from __future__ import annotations

from tongban.base.text import LocalizedText as T

__all__ = ["DUTIES"]

DUTIES = {
    "services.window": (
        T("窗口收件", "Window"),
        T("收申请、告知补正、受理或者不受理、送达", "Receives, asks for corrections, accepts, delivers"),
    ),
    "services.review": (T("审查", "Review"), T("审查材料，提出意见", "Reviews the papers and advises")),
    "services.inspect": (
        T("现场核查", "Inspection"),
        T("到现场核查、填核查表", "Inspects premises and fills in the record"),
    ),
    "services.test": (T("检测检验", "Testing"), T("办委托来的检测", "Does the tests that were commissioned")),
    "services.decide": (
        T("作决定", "Decision"),
        T("准予或者不准予，批准延长期限", "Grants or refuses, approves extensions"),
    ),
    "services.approve": (
        T("当场审批", "Decision on the spot"),
        T(
            "作为窗口首席代表，当场准予或者不准予",
            "Grants or refuses at once, as the representative at the window",
        ),
    ),
    "services.preliminary": (
        T("乡镇初审", "Township review"),
        T("核实本乡镇的人申请的情况，提出意见", "Verifies what people of the township state, and advises"),
    ),
    "services.counter": (
        T("窗口代录", "Counter"),
        T(
            "替到窗口来的人录入申请、打印回执、当面交付结果",
            "Enters applications for people at the counter, prints receipts, hands results over",
        ),
    ),
    "services.village": (
        T("村（社区）帮办代办", "Village agent"),
        T(
            "经本人同意，替本村（社区）的人申请、补正、看进度",
            "With their consent applies, corrects and follows for people of the own village",
        ),
    ),
}
