"""What is said about cards: in messages, in lists and on pages."""

from __future__ import annotations

from tongban.base.text import LocalizedText as T

__all__ = ["LEVELS", "MESSAGES", "ORIGINS", "STATES", "TONES"]

LEVELS = {
    "warning": T("预警", "Warning"),
    "yellow": T("黄牌", "Yellow card"),
    "red": T("红牌", "Red card"),
}
TONES = {"warning": "blue", "yellow": "amber", "red": "red-soft"}
ORIGINS = {"law": T("法律法规", "Law"), "local": T("本地规定", "Local rule")}
STATES = {
    "told": T("已提醒", "Told"),
    "pleading": T("等说明", "Awaiting the plea"),
    "deciding": T("等裁定", "Awaiting the decision"),
    "upheld": T("维持", "Upheld"),
    "withdrawn": T("撤销", "Withdrawn"),
}

MESSAGES = {
    "oversight.given": (
        T("{level}：{rule}", "{level}: {rule}"),
        T(
            "{number} {rule}\n{says}\n办件 {about}。黄牌、红牌请在三个工作日内说明情况；认可的，写明怎么改正。",
            "{number} {rule}\n{says}\nCase {about}. A yellow or red card is to be answered within three working days: plead, or "
            "say how it is put right.",
        ),
    ),
    "oversight.unanswered": (
        T("逾期没有说明：{number}", "Not answered in time: {number}"),
        T(
            "{number}（{rule}，办件 {about}）过了三个工作日没有说明情况，交监察单位裁定。",
            "Nobody answered {number} ({rule}, case {about}) within three working days; the supervising unit decides.",
        ),
    ),
    "oversight.undecided": (
        T("逾期没有裁定：{number}", "Not decided in time: {number}"),
        T(
            "{number}（{rule}，办件 {about}）过了五个工作日没有裁定，请尽快裁定。",
            "{number} ({rule}, case {about}) has waited five working days for a decision.",
        ),
    ),
    "oversight.decided": (
        T("{decision}：{number}", "{decision}: {number}"),
        T(
            "{number}（{rule}，办件 {about}）：{decision}。\n{reason}",
            "{number} ({rule}, case {about}): {decision}.\n{reason}",
        ),
    ),
}
