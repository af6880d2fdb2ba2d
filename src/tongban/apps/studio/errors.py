"""What studio refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Forbidden, Invalid, NotFound
from tongban.base.text import LocalizedText

__all__ = [
    "BaseMoved",
    "ChangeNotFound",
    "DraftFaulty",
    "DraftOvertaken",
    "KeyInvalid",
    "KeyTaken",
    "NotEditable",
    "OwnChange",
    "SomebodyElseChanges",
]


class ChangeNotFound(NotFound):
    """No such change, or one that this actor has no business with."""

    code = "change-not-found"
    title = LocalizedText(zh="没有找到这项修改", en="This change was not found")


class NotEditable(Conflict):
    """The change is being reviewed, or it is over; or another has it in hands."""

    code = "change-not-editable"
    title = LocalizedText(zh="这项修改现在不能编辑", en="This change cannot be edited now")


class DraftOvertaken(Conflict):
    """The draft was saved in between, in another window or by somebody else. ``data``: revision, by."""

    code = "draft-overtaken"
    title = LocalizedText(
        zh="这份草稿刚才在别处保存过，您这次的修改没有存",
        en="This draft was saved elsewhere in between; yours was not kept",
    )


class DraftFaulty(Invalid):
    """Something of the change has faults. ``data["errors"]`` lists field (kind:key:path) and message."""

    code = "draft-faulty"
    title = LocalizedText(zh="还有错误要改，才能送审", en="There are faults to correct before the review")


class SomebodyElseChanges(Conflict):
    """Another open change has this very thing. ``data["number"]`` is its number."""

    code = "somebody-else-changes"
    title = LocalizedText(zh="已经有人在改这一项", en="Somebody is changing this already")


class KeyTaken(Invalid):
    """Something of this kind has that key already."""

    code = "editable-key-taken"
    title = LocalizedText(zh="这个键已经用了，请换一个", en="This key is taken; choose another")


class KeyInvalid(Invalid):
    """A key is lower-case letters, digits and hyphens, and begins with a letter."""

    code = "editable-key-invalid"
    title = LocalizedText(
        zh="键只能用小写字母、数字和连字符，以字母开头，2 到 60 个字符",
        en="A key is lower-case letters, digits and hyphens, 2 to 60, beginning with a letter",
    )


class OwnChange(Forbidden):
    """Whoever edited a change may not approve it."""

    code = "own-change"
    title = LocalizedText(zh="自己改的内容，要由另一个人审核", en="Who edited a change may not approve it")


class BaseMoved(Conflict):
    """The thing was published by another way since the draft began. ``data``: kind, key, base, newest."""

    code = "draft-base-moved"
    title = LocalizedText(
        zh="这一项在您改的时候又发布了新版本，请退回重新核对",
        en="A newer version was published since; send it back and look again",
    )
