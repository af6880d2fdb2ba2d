"""What docking refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Invalid, NotFound
from tongban.base.text import LocalizedText

__all__ = [
    "DestinationInvalid",
    "DestinationNotFound",
    "ItemsUnreadable",
    "NothingToDo",
    "ReasonMissing",
    "RecordNotFound",
    "StatementUnavailable",
]


class DestinationNotFound(NotFound):
    """There is no such destination."""

    code = "docking-destination-not-found"
    title = LocalizedText(zh="没有这个对接方", en="There is no such destination")


class RecordNotFound(NotFound):
    """There is no such record."""

    code = "docking-record-not-found"
    title = LocalizedText(zh="没有这条记录", en="There is no such record")


class DestinationInvalid(Invalid):
    """A destination cannot be like that. ``data["errors"]`` says why."""

    code = "docking-destination-invalid"
    title = LocalizedText(zh="对接设置要改一下", en="The settings need correcting")


class NothingToDo(Conflict):
    """A record in this state is not resent or skipped: it is on its way, or over."""

    code = "docking-record-state"
    title = LocalizedText(zh="这条记录现在不用处理", en="There is nothing to do about this record now")


class ReasonMissing(Invalid):
    """Whoever skips or resends says why."""

    code = "docking-reason-missing"
    title = LocalizedText(zh="请写理由", en="Please give a reason")


class StatementUnavailable(Conflict):
    """The other side gave no list for that day, or one that cannot be read."""

    code = "docking-statement-unavailable"
    title = LocalizedText(zh="对方没有给出这一天的清单", en="The other side gave no list for that day")


class ItemsUnreadable(Invalid):
    """The file is no list of items in the shape of the standard's table 4."""

    code = "docking-items-unreadable"
    title = LocalizedText(zh="读不懂这个文件", en="This file cannot be read")
