"""What the mailbox refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Invalid, NotFound
from tongban.base.text import LocalizedText

__all__ = [
    "AlreadySent",
    "LetterInvalid",
    "LetterNotFound",
    "MailboxClosed",
    "NothingToJudge",
    "PersonalDataLeft",
    "PublicationNotAgreed",
    "UnitDoesNotAnswer",
]


class MailboxClosed(Conflict):
    """There is no such mailbox, or it takes no letters now."""

    code = "mailbox-closed"
    title = LocalizedText(zh="这个信箱现在不收信", en="This mailbox takes no letters at present")


class LetterInvalid(Invalid):
    """Something in the letter needs correcting; ``data["errors"]`` names the fields."""

    code = "letter-invalid"
    title = LocalizedText(
        zh="有内容要改一下，您写的都还在", en="Something needs correcting; what you wrote is kept"
    )


class AlreadySent(Conflict):
    """The same page was sent twice; there is one letter. ``data["number"]`` is its number."""

    code = "letter-already-sent"
    title = LocalizedText(
        zh="这封信已经收到，没有重复登记", en="We have this letter already; it was not registered twice"
    )


class LetterNotFound(NotFound):
    """No such letter, or not published and not yours."""

    code = "letter-not-found"
    title = LocalizedText(
        zh="没有找到这封信，或者它没有公开", en="There is no such letter, or it is not public"
    )


class PersonalDataLeft(Invalid):
    """The text to be published still holds personal data; ``data["errors"]`` says which and where."""

    code = "personal-data-left"
    title = LocalizedText(
        zh="公开稿里还有个人信息，隐去后才能公开",
        en="The text still holds personal data; mask it before publishing",
    )


class PublicationNotAgreed(Conflict):
    """The writer did not agree to publication."""

    code = "publication-not-agreed"
    title = LocalizedText(zh="来信人没有同意公开，不能公开", en="The writer did not agree to publication")


class UnitDoesNotAnswer(Invalid):
    """The chosen unit has nobody who answers letters."""

    code = "unit-does-not-answer"
    title = LocalizedText(zh="这个单位没有办理来信的人员", en="Nobody in this unit answers letters")


class NothingToJudge(Conflict):
    """The letter has no answer that waits for the writer's view."""

    code = "nothing-to-judge"
    title = LocalizedText(zh="现在没有等您评价的答复", en="No answer is waiting for your view")
