"""What ops refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Invalid
from tongban.base.text import LocalizedText

__all__ = ["JobNotDroppable", "JobNotFailed", "ReasonMissing"]


class ReasonMissing(Invalid):
    """A repair goes on record with its reason."""

    code = "repair-reason-missing"
    title = LocalizedText(zh="请写明理由", en="Please give a reason")


class JobNotFailed(Conflict):
    """There is no such job that gave up: it runs again, or somebody dealt with it."""

    code = "job-not-failed"
    title = LocalizedText(zh="这个任务已经处理过了", en="This job has been dealt with")


class JobNotDroppable(Conflict):
    """Something would be lost for ever; ``detail`` says what."""

    code = "job-not-droppable"
    title = LocalizedText(zh="这个任务不能放弃", en="This job cannot be dropped")
