"""What the duties of oversight let their holders do, for whoever grants them."""

from __future__ import annotations

from tongban.base.text import LocalizedText as T

__all__ = ["ANSWER", "DUTIES", "INSPECT", "SUPERVISE"]

ANSWER = "oversight.answer"
SUPERVISE = "oversight.supervise"
INSPECT = "oversight.inspect"

DUTIES = {
    ANSWER: (
        T("答复监察牌", "Answers oversight cards"),
        T("对本单位收到的黄牌、红牌说明情况、交证据", "Pleads for the unit against a card, with evidence"),
    ),
    SUPERVISE: (
        T("裁定监察牌", "Decides oversight cards"),
        T("听取申辩，维持或者撤销黄牌、红牌", "Hears the plea, upholds or withdraws a card"),
    ),
    INSPECT: (
        T("监察查阅", "Inspects"),
        T(
            "查看各单位的监察牌和超期办件；打开办件要写事由，逐次记账",
            "Sees cards and late cases of all units; opening a case needs a reason and is on record",
        ),
    ),
}
