"""What the duties of letters let their holders do, for whoever grants them."""

from __future__ import annotations

from tongban.base.text import LocalizedText as T

__all__ = ["DUTIES"]

DUTIES = {
    "voice.office": (
        T("登记和转办来信", "Mailbox office"),
        T("登记、转办来信", "Registers and assigns letters"),
    ),
    "voice.check": (
        T("核对答复", "Checks answers"),
        T("核对答复，隐去个人信息后公开", "Checks answers, masks and publishes"),
    ),
    "voice.answer": (
        T("答复来信", "Answers letters"),
        T("答复转到本单位的来信", "Answers letters assigned to the unit"),
    ),
}
