"""What the duties of fees let their holders do, for whoever grants them."""

from __future__ import annotations

from tongban.apps.fees.policies import APPROVE, HANDLE
from tongban.base.text import LocalizedText as T

__all__ = ["DUTIES"]

DUTIES = {
    HANDLE: (
        T("收费经办", "Handles fees"),
        T(
            "查全县的收费和缴款，提出退款，每天对账、处理差异",
            "Sees the charges and payments of the county, proposes refunds, reconciles each day and settles differences",
        ),
    ),
    APPROVE: (
        T("退款复核", "Approves refunds"),
        T(
            "复核别人提出的退款，同意才退",
            "Takes the second look at refunds that others propose; nothing is given back before",
        ),
    ),
}
