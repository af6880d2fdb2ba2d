"""What the application makes known to the modules below it: its entries in the workbench."""

from __future__ import annotations

from tongban.apps.admin.policies import ANY, AUDIT, SECURITY, SYSTEM, may
from tongban.base.text import LocalizedText as T
from tongban.design import navigation
from tongban.design.navigation import NavEntry

__all__ = ["register"]

GROUP = T("组织和账号", "Organisation and accounts")


def register() -> None:
    """Called once by ``AdminConfig.ready``."""
    _entry("admin-units", T("机构和岗位", "Units and posts"), "admin:units", "house", 70, ANY)
    _entry("admin-people", T("人员和账号", "People and accounts"), "admin:people", "users", 71, ANY)
    _entry("admin-mandates", T("单位授权", "Mandates"), "admin:entities", "stamp", 72, SYSTEM)
    _entry("admin-delegations", T("委托一览", "Delegations"), "admin:delegations", "hand", 73, ANY)
    _entry("admin-three", T("三员", "Three administrators"), "admin:administrators", "shield", 74, ANY)
    _entry("admin-sessions", T("会话", "Sessions"), "admin:sessions", "globe", 75, SYSTEM | SECURITY)
    _entry("admin-rules", T("登录规则", "Signing in"), "admin:rules", "lock", 76, SECURITY | AUDIT)


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
