"""What messages refuses."""

from __future__ import annotations

from tongban.base.errors import NotFound, TongbanError
from tongban.base.text import LocalizedText

__all__ = ["ChannelUnavailable", "MessageNotFound", "MessagePlaceMissing", "MessageTemplateUnknown"]


class MessageTemplateUnknown(TongbanError):
    """No words are kept under that key. ``data``: template."""

    code = "message-template-unknown"
    title = LocalizedText(zh="没有这个消息模板", en="No such message template")
    status = 500


class MessagePlaceMissing(TongbanError):
    """The words have a {place} for which nothing was given. ``data``: template, place."""

    code = "message-place-missing"
    title = LocalizedText(zh="消息模板缺少内容", en="The message template lacks a value")
    status = 500


class MessageNotFound(NotFound):
    """No such message, or somebody else's."""

    code = "message-not-found"
    title = LocalizedText(zh="没有找到这条消息", en="No such message")


class ChannelUnavailable(Exception):
    """The channel could not take the message now; trying again later may help."""
