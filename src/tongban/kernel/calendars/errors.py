"""What calendars refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Invalid, NotFound
from tongban.base.text import LocalizedText

__all__ = ["BadCalendar", "ClockNotFound", "ClockNotPaused", "ClockNotRunning", "PauseWithoutPaper"]


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


class BadCalendar(Invalid):
    """The year to be imported is inconsistent; ``data["errors"]`` says where."""

    code = "bad-calendar"
    title = LocalizedText(zh="放假安排的数据有误", en="The holiday data are inconsistent")
