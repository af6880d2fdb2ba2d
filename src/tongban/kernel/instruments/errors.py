"""What instruments refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Invalid, NotFound, TongbanError
from tongban.base.text import LocalizedText

__all__ = [
    "PaperDataMissing",
    "PaperNotFound",
    "PaperNotReady",
    "PaperTemplateInvalid",
    "PaperTemplateUnknown",
]


class PaperNotFound(NotFound):
    """No such paper, or one that this actor may not know of."""

    code = "paper-not-found"
    title = LocalizedText(zh="没有找到这份文书", en="No such paper")


class PaperTemplateUnknown(TongbanError):
    """There is no template of that key. ``data``: template."""

    code = "paper-template-unknown"
    title = LocalizedText(zh="没有这种文书模板", en="No such paper template")
    status = 500


class PaperTemplateInvalid(Invalid):
    """The template cannot be kept: its number format or its source is wrong. ``data``: template."""

    code = "paper-template-invalid"
    title = LocalizedText(zh="文书模板不能用", en="The paper template cannot be used")


class PaperDataMissing(Invalid):
    """The paper would lack something that the law or its template demands. ``data["fields"]`` names what."""

    code = "paper-data-missing"
    title = LocalizedText(zh="文书还缺少必须写明的内容", en="The paper lacks something it must state")


class PaperNotReady(Conflict):
    """The PDF is still being made; ask again in a few seconds."""

    code = "paper-not-ready"
    title = LocalizedText(
        zh="文书正在生成，请稍后再取", en="The paper is being made; please ask again shortly"
    )
