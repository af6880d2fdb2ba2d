"""What the application makes known to the modules below it: its entries in the workbench."""

from __future__ import annotations

from tongban.apps.admin.policies import ANY, may
from tongban.base.text import LocalizedText as T
from tongban.design import navigation
from tongban.design.navigation import NavEntry

__all__ = ["register"]

GROUP = T("组织和账号", "Organisation and accounts")


def register() -> None:
    """Called once by ``AdminConfig.ready``."""
    _entry("admin-units", T("机构和岗位", "Units and posts"), "admin:units", "house", 70, ANY)


def _entry(key: str, label: T, url_name: str, icon: str, order: int, duties: frozenset[str]) -> None:
    navigation.register_desk(
        NavEntry(
            key=key,
            group=GROUP,
            label=label,
            url_name=url_name,
            icon=icon,
            order=order,
            visible=lambda actor: may(actor, duties),
        )
    )
