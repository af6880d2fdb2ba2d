"""What the duties of certificates let their holders do, for whoever grants them."""

from __future__ import annotations

from tongban.apps.certificates.policies import DECIDE, HANDLE
from tongban.base.text import LocalizedText as T

__all__ = ["DUTIES"]

DUTIES = {
    HANDLE: (
        T("证照经办", "Handles certificates"),
        T(
            "查本单位发的证照，提出暂扣、撤销、注销、延续、变更",
            "Finds the unit's certificates and proposes what becomes of them",
        ),
    ),
    DECIDE: (
        T("证照审定", "Decides on certificates"),
        T("审定别人提出的，同意才生效", "Takes the second look; nothing takes effect before"),
    ),
}
