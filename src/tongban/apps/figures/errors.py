"""Refusals of figures."""

from __future__ import annotations

from tongban.base.errors import NotFound
from tongban.base.text import LocalizedText as T

__all__ = ["FigureNotFound"]


class FigureNotFound(NotFound):
    """There is no such figure, or it is nobody's here."""

    code = "figure-not-found"
    title = T("没有这个数字", "There is no such figure")
