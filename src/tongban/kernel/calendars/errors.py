"""What calendars refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Forbidden, Invalid, NotFound
from tongban.base.text import LocalizedText

__all__ = [
    "BadCalendar",
    "ChangeNotFound",
    "ClockNotFound",
    "ClockNotPaused",
    "ClockNotRunning",
    "ExtensionNotAllowed",
    "ExtensionNotYours",
    "ExtensionTooLong",
    "ExtensionUsedUp",
    "PauseNotAllowed",
    "PausePaperNotServed",
    "PausePaperWrong",
    "PauseTooLong",
    "PauseWithoutPaper",
]


class ClockNotFound(NotFound):
    """There is no such clock."""

    code = "clock-not-found"
    title = LocalizedText(zh="没有这个时限", en="There is no such time limit")


class ClockNotRunning(Conflict):
    """Only a running clock can be paused or extended."""

    code = "clock-not-running"
    title = LocalizedText(zh="这个时限没有在走", en="This time limit is not running")


class ClockNotPaused(Conflict):
    """Only a paused clock can be resumed."""

    code = "clock-not-paused"
    title = LocalizedText(zh="这个时限没有暂停", en="This time limit is not paused")


class PauseWithoutPaper(Invalid):
    """Stopping the clock without telling the applicant in writing is illegal (Administrative Licensing Law
    art. 45).
    """

    code = "pause-without-paper"
    title = LocalizedText(
        zh="暂停计时要有书面告知（行政许可法第四十五条）",
        en="A pause needs a written notice to the applicant (Administrative Licensing Law art. 45)",
    )


class PauseNotAllowed(Forbidden):
    """The law of this limit does not let it stand still for that reason; the detail says for which it does."""

    code = "pause-not-allowed"
    title = LocalizedText(zh="这个事由不能暂停计时", en="The time limit may not be paused for this reason")


class PausePaperWrong(Invalid):
    """The paper given is not the one that the limit's data name for this reason."""

    code = "pause-paper-wrong"
    title = LocalizedText(
        zh="这不是告知暂停计时的那种文书", en="This is not the paper that tells of such a pause"
    )


class PausePaperNotServed(Conflict):
    """The clock runs until the paper has reached the applicant."""

    code = "pause-paper-not-served"
    title = LocalizedText(
        zh="告知书还没有送达申请人，不能暂停计时",
        en="The notice has not been served on the applicant yet, so the clock runs on",
    )


class PauseTooLong(Invalid):
    """The time told in the paper is longer than the law allows for this reason."""

    code = "pause-too-long"
    title = LocalizedText(zh="暂停的时间超过了规定", en="The pause is longer than the rules allow")


class ExtensionNotAllowed(Forbidden):
    """The law of this limit knows no extension, or not in this unit."""

    code = "extension-not-allowed"
    title = LocalizedText(zh="这个时限不能延长", en="This time limit cannot be extended")


class ExtensionNotYours(Forbidden):
    """Somebody else has to decide on the extension; the detail names the authority and the article."""

    code = "extension-not-yours"
    title = LocalizedText(zh="延长时限不由您决定", en="It is not for you to extend this time limit")


class ExtensionTooLong(Invalid):
    """More time than the law lets anybody add at once."""

    code = "extension-too-long"
    title = LocalizedText(zh="延长的时间超过了规定", en="The extension is longer than the rules allow")


class ExtensionUsedUp(Conflict):
    """The limit was extended as often as the law allows."""

    code = "extension-used-up"
    title = LocalizedText(zh="已经延长过，不能再延长", en="It was extended already and cannot be again")


class ChangeNotFound(NotFound):
    """There is no such change of the calendar."""

    code = "calendar-change-not-found"
    title = LocalizedText(zh="没有这次日历变更", en="There is no such change of the calendar")


class BadCalendar(Invalid):
    """The year to be imported is inconsistent; ``data["errors"]`` says where."""

    code = "bad-calendar"
    title = LocalizedText(zh="放假安排的数据有误", en="The holiday data are inconsistent")
