"""What oversight refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Invalid, NotFound
from tongban.base.text import LocalizedText

__all__ = ["CannotInspect", "CardNotFound", "CardNotOpen", "ExtractNotFound", "ReasonMissing", "RuleInvalid"]


class CardNotFound(NotFound):
    """No such card, or one that is not this actor's to see."""

    code = "card-not-found"
    title = LocalizedText(zh="没有找到这张监察牌", en="This card was not found")


class CardNotOpen(Conflict):
    """The plea is over: nothing can be added to it any more."""

    code = "card-not-open"
    title = LocalizedText(zh="申辩已经结束，不能再交证据", en="The plea is over; no evidence can be added")


class ExtractNotFound(NotFound):
    """The month is not over, or too long ago."""

    code = "extract-not-found"
    title = LocalizedText(
        zh="这个月的监察摘要没有公布", en="No oversight extract is published for this month"
    )


class CannotInspect(NotFound):
    """There is no such case, or it is not of a kind that is inspected."""

    code = "cannot-inspect"
    title = LocalizedText(zh="没有这个编号的办件", en="There is no case with this number")


class ReasonMissing(Invalid):
    """Reading another unit's case needs a reason, which is written into the ledger."""

    code = "inspection-reason-missing"
    title = LocalizedText(zh="请写明查阅事由，会记入账本", en="Please give the reason; it is put on record")


class RuleInvalid(Invalid):
    """A rule cannot be used as it is written; ``data["faults"]`` says why."""

    code = "oversight-rule-invalid"
    title = LocalizedText(zh="这条监察规则写得不对", en="This oversight rule is not written correctly")
