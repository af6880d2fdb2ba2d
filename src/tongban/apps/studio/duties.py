"""What the duties of studio let their holders do, for whoever grants them."""

from __future__ import annotations

from tongban.apps.studio.policies import EDIT, REVIEW
from tongban.base.text import LocalizedText as T

__all__ = ["DUTIES"]

DUTIES = {
    EDIT: (
        T("编辑内容", "Edits content"),
        T(
            "改事项、表单、流程、文书、证照类型、决策表和消息文字，送审",
            "Changes items, forms, processes, papers, certificate types, tables and words, sends them to review",
        ),
    ),
    REVIEW: (
        T("审核内容", "Reviews content"),
        T("审核别人改的内容，同意发布或者退回", "Approves or sends back what somebody else changed"),
    ),
}
