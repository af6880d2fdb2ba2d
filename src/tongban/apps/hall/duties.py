"""What the duties of a hall let their holders do, for whoever grants them."""

from __future__ import annotations

from tongban.apps.hall.policies import MANAGE, SERVE
from tongban.base.text import LocalizedText as T

__all__ = ["DUTIES"]

DUTIES = {
    SERVE: (
        T("窗口叫号", "Calls numbers"),
        T(
            "在本单位的窗口叫号，接待预约的人",
            "Calls numbers at the unit's windows and receives people with appointments",
        ),
    ),
    MANAGE: (
        T("大厅管理", "Looks after the hall"),
        T("改开放时间、关闭日，管自助机", "Sets hours and closed days, puts up kiosks"),
    ),
}
