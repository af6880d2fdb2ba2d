"""What figures make known to the modules below. Called once by ``FiguresConfig.ready``."""

from __future__ import annotations

from tongban.apps.figures.policies import DUTIES, may_look
from tongban.base.text import LocalizedText as T
from tongban.design import navigation
from tongban.kernel.identity import service as identity

__all__ = ["register"]


def register() -> None:
    """Register duties and navigation."""
    identity.register_duties(DUTIES)
    navigation.register_desk(
        navigation.NavEntry(
            key="overview",
            group=T("监督", "Oversight"),
            label=T("概况", "Overview"),
            url_name="figures:overview",
            icon="chart",
            order=69,
            visible=may_look,
        )
    )
    navigation.register_public(
        navigation.NavEntry(
            key="figures", label=T("公开数据", "Figures"), url_name="figures:public", order=60
        )
    )
    navigation.register_foot(
        navigation.NavEntry(
            key="figures",
            group=T("办事和互动", "Services and letters"),
            label=T("公开数据", "Open figures"),
            url_name="figures:public",
            order=69,
        )
    )
