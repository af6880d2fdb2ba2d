"""What the vault refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Invalid, NotFound
from tongban.base.text import LocalizedText

__all__ = ["CopyRefused", "MaterialNotFound", "MaterialRefused", "NotUsable"]


class MaterialNotFound(NotFound):
    """No such material, or not one of the actor's."""

    code = "vault-material-not-found"
    title = LocalizedText(zh="材料库里没有这份材料", en="There is no such document in your documents")


class MaterialRefused(Invalid):
    """Something is missing or wrong in what was said about a material. ``data["errors"]`` names each."""

    code = "vault-material-refused"
    title = LocalizedText(
        zh="这份材料还有没写对的地方", en="Something about this document is missing or wrong"
    )


class CopyRefused(Invalid):
    """A copy must say for whom and what for. ``data["errors"]`` names what is missing."""

    code = "vault-copy-refused"
    title = LocalizedText(zh="写明给谁、做什么用，才能做复制件", en="Say for whom and what for the copy is")


class NotUsable(Conflict):
    """The material has expired, or the certificate is not valid now. The detail says which."""

    code = "vault-not-usable"
    title = LocalizedText(zh="这份材料现在不能用", en="This document cannot be used now")
