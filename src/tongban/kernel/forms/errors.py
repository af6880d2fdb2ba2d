"""What this module refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Invalid, NotFound
from tongban.base.text import LocalizedText

__all__ = [
    "AnswersInvalid",
    "DefinitionInvalid",
    "EntryClosed",
    "EntryNotFound",
    "FormNotFound",
    "OnceOnlyRefused",
]


class FormNotFound(NotFound):
    """No form of that key (and version) has been published."""

    code = "form-not-found"
    title = LocalizedText(zh="没有这张表", en="There is no such form")


class EntryNotFound(NotFound):
    """No filled-in form with that id."""

    code = "form-entry-not-found"
    title = LocalizedText(zh="没有找到填写的内容", en="These answers were not found")


class DefinitionInvalid(Invalid):
    """The definition is not sound. ``data["problems"]`` lists ``{"place", "message"}``."""

    code = "form-definition-invalid"
    title = LocalizedText(zh="这张表的定义有问题", en="The form definition is not sound")


class OnceOnlyRefused(Invalid):
    """The form asks for what a register already holds. ``data["fields"]`` lists ``{"field", "register", "register_field"}``.

    Regulations on On-line Government Services (2019): do not ask for what can be had by sharing data.
    """

    code = "form-asks-again"
    title = LocalizedText(
        zh="登记库里已经有的，不能再让群众填", en="The form asks for what a register already holds"
    )


class AnswersInvalid(Invalid):
    """Some answers will not do. ``data["errors"]`` lists ``{"field", "message"}``."""

    code = "form-answers-invalid"
    title = LocalizedText(zh="有的地方要改一下", en="Some answers need correcting")


class EntryClosed(Conflict):
    """The form has been handed in; its answers stand as they are."""

    code = "form-entry-closed"
    title = LocalizedText(zh="已经提交，不能再改", en="This has been submitted and can no longer be changed")
