"""What the ledger refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, NotFound
from tongban.base.text import LocalizedText

__all__ = ["ActNotFound", "ActNotSealed"]


class ActNotFound(NotFound):
    """There is no act of that number."""

    code = "act-not-found"
    title = LocalizedText(zh="账本里没有这一条", en="The ledger has no such act")


class ActNotSealed(Conflict):
    """The act was written moments ago and is not part of a batch yet."""

    code = "act-not-sealed"
    title = LocalizedText(
        zh="这一条刚记下，还没有封存，几秒钟以后再来",
        en="This act was just written and is not sealed yet; try again in a few seconds",
    )
