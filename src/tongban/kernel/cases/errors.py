"""What the cases module refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Invalid, NotFound
from tongban.base.text import LocalizedText
from tongban.kernel.processes.errors import TaskNotYours

__all__ = [
    "ActionRefused",
    "AlreadyBrought",
    "BroughtInDisorder",
    "CaseIsFinal",
    "CaseNotFound",
    "ColleagueNotFound",
    "NobodyChosen",
    "NotADraft",
    "TaskNotYours",
    "WrongCode",
]


class CaseNotFound(NotFound):
    """No such case, or not one that this actor may know of."""

    code = "case-not-found"
    title = LocalizedText(zh="没有找到这件办件", en="This case was not found")


class WrongCode(NotFound):
    """Number and query code do not belong together. Which of the two is wrong is not said."""

    code = "case-code-wrong"
    title = LocalizedText(zh="编号和查询码对不上", en="The number and the query code do not match")


class NotADraft(Conflict):
    """The application was submitted already; submitting it twice makes no second case."""

    code = "case-not-a-draft"
    title = LocalizedText(zh="这件申请已经提交过了", en="This application has already been submitted")


class CaseIsFinal(Conflict):
    """The case has ended; nothing more can be done on it."""

    code = "case-is-final"
    title = LocalizedText(zh="这件事已经办结", en="This case has ended")


class ActionRefused(Conflict):
    """The action is not allowed now; the detail says why."""

    code = "action-refused"
    title = LocalizedText(zh="现在还不能这样做", en="This cannot be done now")


class ColleagueNotFound(Invalid):
    """Nobody of that key holds that post now."""

    code = "colleague-not-found"
    title = LocalizedText(zh="这位同事现在不在这个岗位上", en="This colleague does not hold that post now")

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "to", "message": self.title.as_json()}])


class NobodyChosen(Invalid):
    """A case is circulated to at least one reader and to no more than thirty at once."""

    code = "nobody-chosen"
    title = LocalizedText(zh="请选一到三十个传阅对象", en="Choose one to thirty readers")

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "to", "message": self.title.as_json()}])


class AlreadyBrought(Conflict):
    """The case of this number was brought from that system before; ``data["number"]`` is the one that it has here."""

    code = "case-already-brought"
    title = LocalizedText(zh="这件办件以前已经导入", en="This case has been brought before")


class BroughtInDisorder(Invalid):
    """What is said of a case from another system cannot be: moments out of order or to come, an end without a result."""

    code = "case-brought-in-disorder"
    title = LocalizedText(zh="时间或者结果前后不符", en="Times or result contradict one another")
